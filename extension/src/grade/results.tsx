import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Findings, pointsOf, SIGNS, wordOf } from '../hints/verdict';
import { current, type IGradedExercise, type IGrades } from './grades';
import type { GradeModel } from './model';

/** The exercises in their order, each with what its tests said so far. */
export function Results(props: {
  grades: IGrades;
  model: GradeModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { grades, model, trans } = props;
  const checking = current(grades);
  return (
    <ul
      className="jp-Torchenstein-gradeList"
      aria-label={trans.__('Exercises of this notebook')}
    >
      {grades.exercises.map(exercise => (
        <Result
          key={exercise.id}
          exercise={exercise}
          isChecking={exercise === checking}
          model={model}
          trans={trans}
        />
      ))}
    </ul>
  );
}

function Result(props: {
  exercise: IGradedExercise;
  isChecking: boolean;
  model: GradeModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { exercise, isChecking, model, trans } = props;
  const { result } = exercise;
  const waiting = isChecking ? 'checking' : 'waiting';
  return (
    <li
      className="jp-Torchenstein-gradeItem"
      data-status={result?.status ?? waiting}
      data-exercise={exercise.name}
    >
      <p className="jp-Torchenstein-verdictHead">
        <span className="jp-Torchenstein-sign" aria-hidden={true}>
          {result ? SIGNS[result.status] : '·'}
        </span>
        <button
          className="jp-Torchenstein-titleButton"
          title={trans.__('Go to the answer cell')}
          onClick={() => void model.jump(exercise)}
        >
          {exercise.title}
        </button>
        {result && (
          <span className="jp-Torchenstein-hidden">
            {wordOf(result.status, trans)}
          </span>
        )}
        <span className="jp-Torchenstein-score">
          {scoreOf(exercise, isChecking, trans)}
        </span>
      </p>
      {result && result.status !== 'passed' && (
        <div className="jp-Torchenstein-gradeFindings">
          {result.verdict && (
            <Findings verdict={result.verdict} trans={trans} />
          )}
          {result.ended && <p>{result.ended}</p>}
        </div>
      )}
    </li>
  );
}

function scoreOf(
  exercise: IGradedExercise,
  isChecking: boolean,
  trans: TranslationBundle
): string {
  const { result } = exercise;
  if (!result) {
    return isChecking ? trans.__('checking …') : '';
  }
  return result.score === null
    ? wordOf(result.status, trans)
    : pointsOf(result.score, exercise.points, trans);
}
