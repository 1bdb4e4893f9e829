import type { NotebookPanel } from '@jupyterlab/notebook';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Names, Sizes } from '../tensors/sizes';
import type { IShapeNames } from '../tokens';
import type { LinesModel } from './model';

/** What the lines of each notebook call the dimensions of its tensors. */
export class ShapeNames implements IShapeNames {
  constructor(models: (panel: NotebookPanel) => LinesModel) {
    this._models = models;
  }

  get changed(): ISignal<IShapeNames, void> {
    return this._changed;
  }

  namesOf(panel: NotebookPanel, tensor: string, shape: Sizes): Names {
    return this._models(panel).namesOf(tensor, shape);
  }

  tell(): void {
    this._changed.emit();
  }

  private _models: (panel: NotebookPanel) => LinesModel;
  private _changed = new Signal<IShapeNames, void>(this);
}
