import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { KernelInspector } from '../kernel';
import { IExplorers, ISidebar, type ExplorerName } from '../tokens';
import { explorersOf } from './fitting';
import { ExploreModel } from './model';
import { ExplorePanel } from './panel';

/** Below the tensors, from where it is opened. */
const RANK = 210;

export const explorePlugin: JupyterFrontEndPlugin<IExplorers> = {
  id: 'torchenstein:explore',
  description: 'Draws an operation on tensors of the notebook.',
  autoStart: true,
  provides: IExplorers,
  requires: [INotebookTracker, ISidebar],
  optional: [ITranslator],
  activate: (
    _: JupyterFrontEnd,
    tracker: INotebookTracker,
    sidebar: ISidebar,
    translator: ITranslator | null
  ): IExplorers => {
    const trans = (translator ?? nullTranslator).load('torchenstein');
    const inspector = new KernelInspector();
    const model = new ExploreModel(inspector);
    const panel = new ExplorePanel(model, translator ?? nullTranslator);
    panel.id = 'torchenstein-explore';

    const follow = () => {
      model.close();
      inspector.follow(tracker.currentWidget?.sessionContext ?? null);
    };
    tracker.currentChanged.connect(follow);
    follow();
    // The section is there as long as an explorer is open.
    model.changed.connect(() => {
      if (!model.wish) {
        sidebar.remove(panel);
      }
    });

    const labels: Record<ExplorerName, string> = {
      strides: trans.__('strides'),
      broadcast: trans.__('broadcast with …'),
      matmul: trans.__('matmul with …'),
      einsum: trans.__('einsum with …'),
      conv: trans.__('convolution with …'),
      attention: trans.__('attention map'),
      autograd: trans.__('autograd graph')
    };
    return {
      of: explorersOf,
      label: explorer => labels[explorer],
      open: (explorer, tensor) => {
        void model.open(explorer, tensor);
        if (!panel.parent) {
          sidebar.add(panel, RANK);
        }
        sidebar.reveal(panel);
      }
    };
  }
};
