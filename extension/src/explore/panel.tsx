import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { Controls } from './controls';
import type { ExploreModel } from './model';

/** The section of the sidebar that draws an operation on tensors of the notebook. */
export class ExplorePanel extends ReactWidget {
  constructor(model: ExploreModel, translator: ITranslator) {
    super();
    this._model = model;
    this._trans = translator.load('torchenstein');
    this.addClass('jp-Torchenstein-explore');
    this.title.label = this._trans.__('Explorer');
  }

  dispose(): void {
    this._model.dispose();
    super.dispose();
  }

  protected onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._model.isVisible = this.isVisible;
  }

  protected onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this._model.isVisible = this.isVisible;
  }

  protected onAfterHide(msg: Message): void {
    super.onAfterHide(msg);
    this._model.isVisible = false;
  }

  protected onBeforeDetach(msg: Message): void {
    super.onBeforeDetach(msg);
    this._model.isVisible = false;
  }

  protected render(): React.JSX.Element {
    return (
      <UseSignal signal={this._model.changed}>
        {() => <Explored model={this._model} trans={this._trans} />}
      </UseSignal>
    );
  }

  private _model: ExploreModel;
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
