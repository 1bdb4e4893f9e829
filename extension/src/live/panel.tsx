import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { LiveCurve } from '../protocol';
import { Section } from '../sidebar/section';
import { Chart } from './chart';
import type { LiveModel } from './model';
import type { IRun } from './run';
import { formatSeconds, nameOf } from './words';

/** Of the floats without a telling name, as many have a chart. */
const MOST_OTHERS = 3;

/** The section of the sidebar that draws what a running cell shows of itself. */
export class LivePanel extends Section<LiveModel> {
  constructor(model: LiveModel, translator: ITranslator) {
    super(model);
    this._trans = translator.load('torchenstein');
    this.addClass('jp-Torchenstein-live');
    this.title.label = this._trans.__('Curves');
  }

  protected render(): React.JSX.Element {
    return (
      <UseSignal signal={this._model.changed}>
        {() => (
          <>
            {this._model.problem && (
              <p className="jp-Torchenstein-note">{this._model.problem}</p>
            )}
            {this._model.run && (
              <Curves
                run={this._model.run}
                model={this._model}
                trans={this._trans}
              />
            )}
          </>
        )}
      </UseSignal>
    );
  }

  private _trans: TranslationBundle;
}

/** The curves of a run, one chart for each kind of number. */
export function Curves(props: {
  run: IRun;
  model: LiveModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { run, model, trans } = props;
  const { seconds } = run;
  const of = (group: LiveCurve['group']) =>
    run.curves.filter(
      curve => curve.group === group && curve.values.length > 0
    );
  const chart = (title: string, curves: readonly LiveCurve[], height: number) =>
    curves.length > 0 && (
      <Chart
        key={title}
        title={title}
        curves={curves}
        seconds={seconds}
        height={height}
        trans={trans}
      />
    );
  return (
    <>
      <p className="jp-Torchenstein-summary">{summaryOf(run, trans)}</p>
      {run.unread.map(({ name, device }) => (
        <p key={name} className="jp-Torchenstein-note">
          {trans.__(
            '%1 lies on %2. Reading it here would make the loop wait for the device, so it has no curve. A plain number has: %3.',
            name,
            device,
            `${name}_value = ${name}.item()`
          )}
        </p>
      ))}
      {chart(trans.__('loss'), of('loss'), 60)}
      {chart(trans.__('score'), of('score'), 44)}
      {of('other')
        .slice(0, MOST_OTHERS)
        .map(curve => chart(nameOf(curve, trans), [curve], 32))}
      <Gradients run={run} model={model} trans={trans}>
        {chart(trans.__('norm of each gradient'), of('gradient'), 44)}
      </Gradients>
      {chart(trans.__('memory'), of('memory'), 32)}
    </>
  );
}

/** Gradients are read only while they are looked at. */
function Gradients(props: {
  run: IRun;
  model: LiveModel;
  trans: TranslationBundle;
  children: React.ReactNode;
}): React.JSX.Element {
  const { run, model, trans, children } = props;
  const id = `jp-Torchenstein-gradients-${React.useId()}`;
  return (
    <div className="jp-Torchenstein-gradients">
      <button
        className="jp-Torchenstein-disclosure"
        aria-expanded={model.withGradients}
        aria-controls={model.withGradients ? id : undefined}
        onClick={() => {
          model.withGradients = !model.withGradients;
        }}
      >
        {trans.__('gradient norms')}
      </button>
      {model.withGradients && (
        <div id={id}>
          {children || (
            <p className="jp-Torchenstein-note">
              {trans.__(
                'They are read whenever an optimizer takes a step, in runs that begin from now on.'
              )}
            </p>
          )}
          {run.gradientsLeftOut > 0 && (
            <p className="jp-Torchenstein-note">
              {trans._n(
                '%1 parameter is too large to be read while the loop runs, or not on the CPU.',
                '%1 parameters are too large to be read while the loop runs, or not on the CPU.',
                run.gradientsLeftOut
              )}
            </p>
          )}
        </div>
      )}
    </div>
  );
}

/** `cell 5 · running · 12 s` */
function summaryOf(run: IRun, trans: TranslationBundle): string {
  const parts = [
    run.isRunning ? trans.__('running') : trans.__('ended'),
    formatSeconds(run.seconds)
  ];
  if (run.count !== null) {
    parts.unshift(trans.__('cell %1', run.count));
  }
  return parts.join(' · ');
}
