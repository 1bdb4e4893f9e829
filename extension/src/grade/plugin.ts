import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { torchensteinIcon } from '../icons';
import {
  CATEGORY,
  CommandIDs,
  IPreferences,
  ISidebar,
  NO_ARGUMENTS
} from '../tokens';
import { GradeModel } from './model';
import { GradePanel } from './panel';
import { requestFrom } from './request';

/** Between the hints and the tensors. */
const RANK = 150;

/** Its settings (`schema/grade.json`) put the button into the notebook's toolbar. */
export const gradePlugin: JupyterFrontEndPlugin<void> = {
  id: 'torchenstein:grade',
  description: 'Grades the notebook with every test that is at hand.',
  autoStart: true,
  requires: [INotebookTracker, ISidebar, IPreferences],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    sidebar: ISidebar,
    preferences: IPreferences,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('torchenstein');
    const request = requestFrom(app.serviceManager.serverSettings);
    const model = new GradeModel({ tracker, preferences, request });
    const panel = new GradePanel(model, translator ?? nullTranslator);
    panel.id = 'torchenstein-grade';
    sidebar.add(panel, RANK, { folded: true });

    app.commands.addCommand(CommandIDs.grade, {
      describedBy: NO_ARGUMENTS,
      icon: torchensteinIcon,
      label: trans.__('Grade my notebook'),
      caption: trans.__('Grade my notebook: check every exercise'),
      isEnabled: () => model.state.kind !== 'no notebook',
      isVisible: () => model.state.kind !== 'no lesson',
      execute: async () => {
        sidebar.reveal(panel);
        await model.grade();
      }
    });
    app.commands.addCommand(CommandIDs.stopGrading, {
      describedBy: NO_ARGUMENTS,
      label: trans.__('Stop grading'),
      isEnabled: () => model.isRunning,
      execute: () => model.stop()
    });
    for (const command of [CommandIDs.grade, CommandIDs.stopGrading]) {
      palette?.addItem({ command, category: CATEGORY });
      model.stateChanged.connect(() => {
        app.commands.notifyCommandChanged(command);
      });
    }
  }
};
