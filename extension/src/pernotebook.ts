import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';

import { KernelInspector, type IInspector } from './kernel';

/**
 * One model for each notebook, made when it is first asked for.
 *
 * Its inspector follows the notebook's kernel. The model goes with the notebook, and takes the inspector along.
 */
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
