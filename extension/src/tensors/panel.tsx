import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Section } from '../sidebar/section';
import type { IExplorers } from '../tokens';
import { ExplorersContext } from './explore';
import type { TensorsModel } from './model';
import { statusOf, summaryOf } from './status';
import { TensorTable } from './table';

/** The section of the sidebar that lists the live tensors. */
export class TensorsPanel extends Section<TensorsModel> {
  constructor(
    model: TensorsModel,
    explorers: IExplorers | null,
    translator: ITranslator
  ) {
    super(model);
    this._explorers = explorers;
    this._trans = translator.load('torchenstein');
    this.addClass('jp-Torchenstein-tensors');
    this.title.label = this._trans.__('Tensors');
  }

  protected render(): React.JSX.Element {
    return (
      <ExplorersContext.Provider value={this._explorers}>
        <UseSignal signal={this._model.changed}>
          {() => <Tensors model={this._model} trans={this._trans} />}
        </UseSignal>
      </ExplorersContext.Provider>
    );
  }

  private _explorers: IExplorers | null;
  private _trans: TranslationBundle;
}

function Tensors(props: {
  model: TensorsModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { model, trans } = props;
  const { snapshot } = model;
  const status = statusOf(model, trans);
  if (status !== null || snapshot?.kind !== 'snapshot') {
    return (
      <p className="jp-Torchenstein-empty" role="status">
        {status}
      </p>
    );
  }
  return (
    <>
      <p className="jp-Torchenstein-summary">{summaryOf(model, trans)}</p>
      {waitsFor(model, trans)}
      {snapshot.tensors.length > 0 && (
        <TensorTable snapshot={snapshot} model={model} trans={trans} />
      )}
      {snapshot.message && (
        <p className="jp-Torchenstein-empty">{snapshot.message}</p>
      )}
    </>
  );
}

/** Why the list does not follow the cell that runs; nothing where it does. */
function waitsFor(
  model: TensorsModel,
  trans: TranslationBundle
): React.JSX.Element | null {
  if (model.kernel !== 'busy' || !model.autoRefresh || model.isLivePossible) {
    return null;
  }
  return (
    <p className="jp-Torchenstein-empty">
      {model.isLivePossible === false
        ? trans.__(
            'This kernel has no subshells: the list updates when the cell ends.'
          )
        : trans.__('The list updates when the cell ends.')}
    </p>
  );
}
