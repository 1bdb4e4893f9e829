import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Saying } from '../sidebar/saying';
import { HintList } from './hintlist';
import type { HintsModel, HintsState } from './model';
import { NextHint } from './nexthint';
import { Operation } from './operation';
import { Verdict } from './verdict';
import { Warning } from './warning';

/** Shows all that is known of what the panel tells in short. */
export interface IMore {
  /** Of the run that failed. */
  explain(): void;
  /** Of the line that looks wrong. */
  warn(): void;
}

/** The section of the sidebar that follows the active cell. */
export class HintsPanel extends ReactWidget {
  constructor(model: HintsModel, more: IMore, translator: ITranslator) {
    super();
    this._model = model;
    this._more = more;
    this._trans = translator.load('torchenstein');
    this.addClass('jp-Torchenstein-hints');
    this.title.label = this._trans.__('Hints');
  }

  protected render(): React.JSX.Element {
    return (
      <UseSignal signal={this._model.stateChanged}>
        {() => (
          <Hints
            model={this._model}
            state={this._model.state}
            more={this._more}
            trans={this._trans}
          />
        )}
      </UseSignal>
    );
  }

  private _model: HintsModel;
  private _more: IMore;
  private _trans: TranslationBundle;
}

interface IHintsProps {
  model: HintsModel;
  state: HintsState;
  more: IMore;
  trans: TranslationBundle;
}

function Hints(props: IHintsProps): React.JSX.Element {
  const { model, state, trans } = props;
  switch (state.kind) {
    case 'no notebook':
      return (
        <p className="jp-Torchenstein-empty">
          {trans.__('Open a lesson, and the hints of its exercises come here.')}
        </p>
      );
    case 'no exercise':
      return <NoExercise model={model} state={state} trans={trans} />;
    case 'exercise':
      return <Exercise {...props} state={state} />;
  }
}

function NoExercise(props: {
  model: HintsModel;
  state: HintsState & { kind: 'no exercise' };
  trans: TranslationBundle;
}): React.JSX.Element {
  const { model, state, trans } = props;
  return (
    <div className="jp-Torchenstein-empty">
      <Saying saying={state.saying} />
      <p>
        {state.any
          ? trans.__('This cell is not part of an exercise.')
          : trans.__('This notebook has no exercises.')}
      </p>
      {state.next && (
        <button
          className="jp-Torchenstein-button jp-mod-quiet"
          onClick={() => void model.jump()}
        >
          {trans.__('Go to “%1”', state.next.title)}
        </button>
      )}
    </div>
  );
}

/** What has just happened comes first, then the hints; the Professor speaks between them. */
function Exercise(
  props: IHintsProps & { state: { kind: 'exercise' } }
): React.JSX.Element {
  const { model, state, more, trans } = props;
  const { exercise, happened } = state;
  return (
    <article key={state.key} className="jp-Torchenstein-exercise">
      <header className="jp-Torchenstein-exerciseHeader">
        <h3 className="jp-Torchenstein-exerciseTitle">
          <button
            className="jp-Torchenstein-titleButton"
            title={trans.__('Go to the answer cell')}
            onClick={() => void model.jump()}
          >
            {exercise.title}
          </button>
        </h3>
        <p className="jp-Torchenstein-facts">{factsOf(state, trans)}</p>
      </header>
      <div aria-live="polite">
        {happened?.kind === 'operation' ? (
          <Operation
            explanation={happened.explanation}
            showMore={() => more.explain()}
            trans={trans}
          />
        ) : happened?.kind === 'warning' ? (
          <Warning
            warning={happened.warning}
            verdict={state.verdict}
            showMore={() => more.warn()}
            trans={trans}
          />
        ) : (
          <Verdict verdict={state.verdict} happened={happened} trans={trans} />
        )}
      </div>
      <Saying saying={state.saying} />
      <HintList
        hints={state.hints}
        unfolded={state.unfolded}
        model={model}
        trans={trans}
      />
      <NextHint next={state.next} model={model} trans={trans} />
    </article>
  );
}

function factsOf(
  state: HintsState & { kind: 'exercise' },
  trans: TranslationBundle
): string {
  const { points, difficulty, minutes } = state.exercise;
  const facts: string[] = [];
  if (points !== null) {
    facts.push(trans._n('%1 point', '%1 points', points));
  }
  if (difficulty !== null) {
    facts.push(trans.__('difficulty %1 of 5', difficulty));
  }
  if (minutes !== null) {
    facts.push(trans.__('about %1 min', minutes));
  }
  return facts.join(' · ');
}
