import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Saying } from '../sidebar/saying';
import { HintList } from './hintlist';
import type { HintsModel, HintsState } from './model';
import { NextHint } from './nexthint';
import { Verdict } from './verdict';

/** The section of the sidebar that follows the active cell. */
export class HintsPanel extends ReactWidget {
  constructor(model: HintsModel, translator: ITranslator) {
    super();
    this._model = model;
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
            trans={this._trans}
          />
        )}
      </UseSignal>
    );
  }

  private _model: HintsModel;
  private _trans: TranslationBundle;
}

interface IHintsProps {
  model: HintsModel;
  state: HintsState;
  trans: TranslationBundle;
}

function Hints({ model, state, trans }: IHintsProps): React.JSX.Element {
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
      return <Exercise model={model} state={state} trans={trans} />;
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

function Exercise(props: {
  model: HintsModel;
  state: HintsState & { kind: 'exercise' };
  trans: TranslationBundle;
}): React.JSX.Element {
  const { model, state, trans } = props;
  const { exercise } = state;
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
      <Verdict verdict={state.verdict} trans={trans} />
      <Saying saying={state.saying} />
      <HintList hints={state.hints} model={model} trans={trans} />
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
