import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import { Section } from '../sidebar/section';
import { Controls } from './controls';
import type { ExploreModel } from './model';

/** The section of the sidebar that draws an operation on tensors of the notebook. */
export class ExplorePanel extends Section<ExploreModel> {
  constructor(model: ExploreModel, translator: ITranslator) {
    super(model);
    this._trans = translator.load('torchenstein');
    this.addClass('jp-Torchenstein-explore');
    this.title.label = this._trans.__('Explorer');
  }

  protected render(): React.JSX.Element {
    return (
      <UseSignal signal={this._model.changed}>
        {() => <Explored model={this._model} trans={this._trans} />}
      </UseSignal>
    );
  }

  private _trans: TranslationBundle;
}

export function Explored(props: {
  model: ExploreModel;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { model, trans } = props;
  const { wish, exploration, failure } = model;
  if (!wish) {
    return null;
  }
  return (
    <>
      <Controls wish={wish} model={model} trans={trans} />
      {failure && (
        <p className="jp-Torchenstein-note" role="status">
          {failure.message}
        </p>
      )}
      {!failure && !exploration && (
        <p className="jp-Torchenstein-note" role="status">
          {trans.__('Drawing …')}
        </p>
      )}
      {exploration && (
        // Made by the kernel, which may show any HTML in the notebook as well; scripts do not run from here.
        <div
          className="jp-Torchenstein-drawn"
          data-old={failure !== null}
          dangerouslySetInnerHTML={{ __html: exploration.html }}
        />
      )}
    </>
  );
}
