import type { ICellModel } from '@jupyterlab/cells';
import { NotebookActions, type Notebook } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

/**
 * The text of each code cell of a notebook as it was last sent to run.
 *
 * The kernel's answers speak of that, whatever is typed meanwhile.
 */
export class SentCells extends WeakMap<ICellModel, string> {
  constructor(notebook: Notebook) {
    super();
    this._notebook = notebook;
    NotebookActions.executionScheduled.connect(this._onScheduled, this);
  }

  dispose(): void {
    Signal.clearData(this);
  }

  private _onScheduled(
    _: unknown,
    args: { notebook: Notebook; cell: { model: ICellModel } }
  ): void {
    const { model } = args.cell;
    if (args.notebook === this._notebook && model.type === 'code') {
      this.set(model, model.sharedModel.getSource());
    }
  }

  private _notebook: Notebook;
}
