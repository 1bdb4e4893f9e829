import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import {
  CATEGORY,
  CommandIDs,
  IExplanations,
  NO_ARGUMENTS,
  IPreferences,
  ISidebar,
  IWarnings
} from '../tokens';
import { HintsModel } from './model';
import { HintsPanel } from './panel';

/** Above the other sections. */
const RANK = 100;

export const hintsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'torchenstein:hints',
  description: 'The hints of the exercise at hand, one tier at a time.',
  autoStart: true,
  requires: [INotebookTracker, ISidebar, IPreferences],
  optional: [IExplanations, IWarnings, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    sidebar: ISidebar,
    preferences: IPreferences,
    explanations: IExplanations | null,
    warnings: IWarnings | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('torchenstein');
    const model = new HintsModel(tracker, preferences, explanations, warnings);
    const panel = new HintsPanel(
      model,
      {
        explain: () => void app.commands.execute(CommandIDs.showExplanation),
        warn: () => warnings?.show()
      },
      translator ?? nullTranslator
    );
    panel.id = 'torchenstein-hints';
    sidebar.add(panel, RANK);

    app.commands.addCommand(CommandIDs.nextHint, {
      describedBy: NO_ARGUMENTS,
      label: trans.__('Show the next hint'),
      isEnabled: () =>
        model.state.kind === 'exercise' && model.state.next?.unlocked === true,
      execute: () => {
        sidebar.reveal(panel);
        model.openNext();
      }
    });
    app.commands.addCommand(CommandIDs.jumpToExercise, {
      describedBy: NO_ARGUMENTS,
      label: trans.__('Go to the exercise'),
      caption: trans.__('The exercise of the active cell, else the next one'),
      isEnabled: () =>
        model.state.kind === 'exercise' ||
        (model.state.kind === 'no exercise' && model.state.next !== null),
      execute: () => model.jump()
    });
    for (const command of [CommandIDs.nextHint, CommandIDs.jumpToExercise]) {
      palette?.addItem({ command, category: CATEGORY });
      model.stateChanged.connect(() => {
        app.commands.notifyCommandChanged(command);
      });
    }
  }
};
