import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { perNotebook } from '../pernotebook';
import {
  CATEGORY,
  CommandIDs,
  IExplanations,
  ISidebar,
  NO_ARGUMENTS
} from '../tokens';
import { goToSpot } from './gotospot';
import { ExplainModel } from './model';
import { ExplainPanel } from './panel';

/** Above the hints: it speaks of what has just happened. */
const RANK = 50;

export const explainPlugin: JupyterFrontEndPlugin<IExplanations> = {
  id: 'torchenstein:explain',
  description: 'Why the last run failed, where it was an operation on tensors.',
  autoStart: true,
  provides: IExplanations,
  requires: [INotebookTracker, ISidebar],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    sidebar: ISidebar,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): IExplanations => {
    const trans = (translator ?? nullTranslator).load('torchenstein');
    const panel = new ExplainPanel(spot => {
      const notebook = tracker.currentWidget?.content;
      if (notebook) {
        void goToSpot(notebook, spot);
      }
    }, translator ?? nullTranslator);
    panel.id = 'torchenstein-explain';

    const show = () => {
      const { currentWidget } = tracker;
      const model = currentWidget && of(currentWidget);
      if (model?.explanation) {
        panel.turn(model);
        if (!panel.isAttached) {
          sidebar.add(panel, RANK, { roomy: true });
        }
      } else {
        sidebar.remove(panel);
      }
      app.commands.notifyCommandChanged(CommandIDs.showExplanation);
    };
    const of = perNotebook((notebook, inspector) => {
      const model = new ExplainModel(notebook.content, inspector);
      model.changed.connect(show);
      return model;
    });
    tracker.widgetAdded.connect((_, notebook) => void of(notebook));
    tracker.forEach(of);
    tracker.currentChanged.connect(show);

    app.commands.addCommand(CommandIDs.showExplanation, {
      describedBy: NO_ARGUMENTS,
      label: trans.__('Show what went wrong'),
      isEnabled: () => panel.parent !== null,
      execute: () => sidebar.reveal(panel)
    });
    palette?.addItem({
      command: CommandIDs.showExplanation,
      category: CATEGORY
    });
    return { of };
  }
};
