import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { pointsOf } from '../hints/verdict';
import { countChecked, countPassed, current, type IGrades } from './grades';

/** Where the run stands, also for screen readers: always the same element, or they hear nothing. */
export function StatusLine(props: {
  grades: IGrades | null;
  isStale: boolean;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { grades, isStale, trans } = props;
  return (
    <div
      className="jp-Torchenstein-gradeStatus"
      role="status"
      data-phase={grades?.phase ?? 'idle'}
    >
      {grades ? (
        <p className="jp-Torchenstein-gradeHeadline">
          {headlineOf(grades, trans)}
        </p>
      ) : (
        <p className="jp-Torchenstein-note">
          {trans.__(
            'Runs a copy of your saved notebook from top to bottom, with every test that is here. Your notebook and its kernel stay as they are.'
          )}
        </p>
      )}
      {notesOn(grades, isStale, trans).map(note => (
        <p key={note} className="jp-Torchenstein-note">
          {note}
        </p>
      ))}
    </div>
  );
}

/** How many exercises have been checked, as a bar; the status line says it in words. */
export function Progress(props: {
  grades: IGrades;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { grades, trans } = props;
  const { length } = grades.exercises;
  return (
    <progress
      className="jp-Torchenstein-gradeProgress"
      aria-label={trans.__('Exercises checked')}
      max={Math.max(length, 1)}
      {...(length > 0 && { value: countChecked(grades) })}
    />
  );
}

function headlineOf(grades: IGrades, trans: TranslationBundle): string {
  const { exercises, points, maxPoints } = grades;
  switch (grades.phase) {
    case 'saving':
      return trans.__('Saving the notebook …');
    case 'starting':
      return trans.__('Starting the grader …');
    case 'checking': {
      const exercise = current(grades);
      return exercise
        ? trans.__(
            'Checking %1 of %2: %3',
            exercises.indexOf(exercise) + 1,
            exercises.length,
            exercise.title
          )
        : trans.__('Running the rest of the notebook …');
    }
    case 'done':
      return points !== null && maxPoints !== null
        ? pointsOf(points, maxPoints, trans)
        : passedOf(grades, trans);
    case 'stopped':
      return trans.__('Stopped');
    case 'failed':
      return grades.reason ?? '';
  }
}

function notesOn(
  grades: IGrades | null,
  isStale: boolean,
  trans: TranslationBundle
): string[] {
  const notes: string[] = [];
  if (!grades) {
    return notes;
  }
  if (grades.phase === 'done' && grades.points !== null) {
    notes.push(passedOf(grades, trans));
  }
  if (grades.exercises.length > 0 && !grades.hidden) {
    notes.push(
      trans.__(
        'Only the open examples are here; your instructor’s tests stay with them.'
      )
    );
  }
  if (grades.phase === 'done' && isStale) {
    notes.push(trans.__('You have changed the notebook since.'));
  }
  return [...notes, ...grades.problems];
}

function passedOf(grades: IGrades, trans: TranslationBundle): string {
  return trans.__(
    '%1 of %2 exercises pass',
    countPassed(grades),
    grades.exercises.length
  );
}
