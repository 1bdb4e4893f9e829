import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Saying } from '../sidebar/saying';
import { isRunning, type IGrades } from './grades';
import type { GradeModel, GradeState } from './model';
import { Results } from './results';
import { Progress, StatusLine } from './statusline';

/** The section of the sidebar that grades the notebook. */
export class GradePanel extends ReactWidget {
  constructor(model: GradeModel, translator: ITranslator) {
    super();
    this._model = model;
    this._trans = translator.load('torchenstein');
    this.addClass('jp-Torchenstein-grade');
    this.title.label = this._trans.__('Grades');
  }

  protected render(): React.JSX.Element {
    return (
      <UseSignal signal={this._model.stateChanged}>
        {() => (
          <Grade
            model={this._model}
            state={this._model.state}
            trans={this._trans}
          />
        )}
      </UseSignal>
    );
  }

  private _model: GradeModel;
  private _trans: TranslationBundle;
}

function Grade(props: {
  model: GradeModel;
  state: GradeState;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { model, state, trans } = props;
  switch (state.kind) {
    case 'no notebook':
      return (
        <p className="jp-Torchenstein-empty">
          {trans.__('Open a lesson, and it can be graded here.')}
        </p>
      );
    case 'no lesson':
      return (
        <p className="jp-Torchenstein-empty" role="status">
          {trans.__(
            'This notebook has no exercises, so there is nothing to grade. Open one of the lessons.'
          )}
        </p>
      );
    case 'lesson':
      return <Lesson key={state.key} {...{ model, state, trans }} />;
  }
}

function Lesson(props: {
  model: GradeModel;
  state: GradeState & { kind: 'lesson' };
  trans: TranslationBundle;
}): React.JSX.Element {
  const { model, state, trans } = props;
  const { grades } = state;
  const running = isRunning(grades);
  return (
    <>
      <StatusLine grades={grades} isStale={state.isStale} trans={trans} />
      {grades && running && <Progress grades={grades} trans={trans} />}
      {/* One button for both, so that whoever pressed it keeps the focus. */}
      <button
        className={`jp-Torchenstein-button ${running ? 'jp-mod-quiet' : ''}`}
        onClick={event => {
          // The second half of a double click must not stop what the first began.
          if (event.detail >= 2) {
            return;
          }
          if (running) {
            model.stop();
          } else {
            void model.grade();
          }
        }}
      >
        {labelOf(grades, running, trans)}
      </button>
      <Saying saying={state.saying} />
      {grades && <Results grades={grades} model={model} trans={trans} />}
    </>
  );
}

function labelOf(
  grades: IGrades | null,
  running: boolean,
  trans: TranslationBundle
): string {
  if (running) {
    return trans.__('Stop');
  }
  return grades
    ? trans.__('Grade my notebook again')
    : trans.__('Grade my notebook');
}
