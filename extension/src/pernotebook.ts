import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';

import { KernelInspector, type IInspector } from './kernel';

/** Makes one model for each notebook that is asked for; it follows the notebook's kernel, and is disposed of with the notebook. */
export function perNotebook<Model extends IDisposable>(
  make: (panel: NotebookPanel, inspector: IInspector) => Model
): (panel: NotebookPanel) => Model {
  const models = new WeakMap<NotebookPanel, Model>();
  return panel => {
    const known = models.get(panel);
    if (known) {
      return known;
    }
    const inspector = new KernelInspector();
    const model = make(panel, inspector);
    models.set(panel, model);
    inspector.follow(panel.sessionContext);
    panel.disposed.connect(() => model.dispose());
    return model;
  };
}
