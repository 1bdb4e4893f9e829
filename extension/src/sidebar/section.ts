import { ReactWidget } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';

/** A section of the sidebar that tells its model whether it can be seen; the model is disposed of with it. */
export abstract class Section<
  Model extends IDisposable & { isVisible: boolean }
> extends ReactWidget {
  constructor(model: Model) {
    super();
    this._model = model;
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

  protected readonly _model: Model;
}
