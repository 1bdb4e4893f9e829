import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { torchensteinIcon } from '../icons';
import type { IOpener } from './lesson';
import type { StartModel } from './model';
import { CoursePage } from './page';

/** The page that says where to begin and where to go on; it is read anew whenever it is shown. */
export class StartWidget extends ReactWidget {
  constructor(model: StartModel, opener: IOpener, translator: ITranslator) {
    super();
    this._model = model;
    this._opener = opener;
    this._trans = translator.load('torchenstein');
    this.addClass('jp-Torchenstein-start');
    this.title.label = this._trans.__('Start here');
    this.title.icon = torchensteinIcon;
    this.title.closable = true;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.label);
    // So that the keyboard can scroll it.
    this.node.tabIndex = 0;
  }

  /** Reads the course again, if anybody sees it. */
  refresh(): void {
    if (this.isVisible) {
      void this._model.refresh();
    }
  }

  dispose(): void {
    this._model.dispose();
    super.dispose();
  }

  protected onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this.refresh();
  }

  protected onAfterAttach(msg: Message): void {
    super.onAfterAttach(msg);
    this.refresh();
  }

  protected onActivateRequest(msg: Message): void {
    super.onActivateRequest(msg);
    this.node.focus();
    this.refresh();
  }

  protected render(): React.JSX.Element {
    return (
      <UseSignal signal={this._model.changed}>
        {() => (
          <div className="jp-Torchenstein-startPage">{this._content()}</div>
        )}
      </UseSignal>
    );
  }

  private _content(): React.JSX.Element {
    const { state } = this._model;
    const trans = this._trans;
    switch (state.kind) {
      case 'course':
        return (
          <CoursePage
            course={state.course}
            opener={this._opener}
            trans={trans}
          />
        );
      case 'loading':
        return <p role="status">{trans.__('Looking for the course …')}</p>;
      case 'no course':
        return (
          <p role="status">
            {trans.__(
              'There is no course in this folder. Open the lab with `python lab.py open`: it makes one.'
            )}
          </p>
        );
      case 'failed':
        return (
          <p role="alert">
            {trans.__('The course could not be read: %1', state.reason)}
          </p>
        );
    }
  }

  private _model: StartModel;
  private _opener: IOpener;
  private _trans: TranslationBundle;
}
