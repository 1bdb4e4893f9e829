import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { KernelInspector } from '../kernel';
import { CATEGORY, CommandIDs, ILive, ISidebar, NO_ARGUMENTS } from '../tokens';
import { LiveModel } from './model';
import { LivePanel } from './panel';

/** Between the hints and the tensors. */
const RANK = 150;

export const livePlugin: JupyterFrontEndPlugin<ILive> = {
  id: 'torchenstein:live',
  description: 'What a cell shows while it runs: curves, and the tensors.',
  autoStart: true,
  provides: ILive,
  requires: [INotebookTracker, ISidebar],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    sidebar: ISidebar,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): ILive => {
    const trans = (translator ?? nullTranslator).load('torchenstein');
    const inspector = new KernelInspector();
    const model = new LiveModel(inspector);
    const panel = new LivePanel(model, translator ?? nullTranslator);
    panel.id = 'torchenstein-live';

    // The section is there as soon as a run has something to draw.
    model.changed.connect(() => {
      if (!model.run && !model.problem) {
        sidebar.remove(panel);
      } else if (!panel.parent) {
        sidebar.add(panel, RANK);
      }
      app.commands.notifyCommandChanged(CommandIDs.showCurves);
    });

    const follow = () => {
      inspector.follow(tracker.currentWidget?.sessionContext ?? null);
    };
    tracker.currentChanged.connect(follow);
    follow();

    app.commands.addCommand(CommandIDs.showCurves, {
      describedBy: NO_ARGUMENTS,
      label: trans.__('Show the curves of the last run'),
      isEnabled: () => model.run !== null,
      execute: () => sidebar.reveal(panel)
    });
    palette?.addItem({ command: CommandIDs.showCurves, category: CATEGORY });
    return model;
  }
};
