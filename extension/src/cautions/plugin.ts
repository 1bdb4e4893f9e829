import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { goToSpot } from '../explain/gotospot';
import { perNotebook } from '../pernotebook';
import {
  CATEGORY,
  CommandIDs,
  IExplanations,
  IPreferences,
  ISidebar,
  IWarnings,
  NO_ARGUMENTS
} from '../tokens';
import { Marks } from './marks';
import { CautionsModel } from './model';
import { CautionsPanel } from './panel';
import { spotOf } from './spot';

/** Where the explanation of a failure stands: there is one or the other. */
const RANK = 60;

export const cautionsPlugin: JupyterFrontEndPlugin<IWarnings> = {
  id: 'torchenstein:warnings',
  description: 'Quiet warnings of what did not fail and still looks wrong.',
  autoStart: true,
  provides: IWarnings,
  requires: [
    INotebookTracker,
    IEditorExtensionRegistry,
    ISidebar,
    IPreferences
  ],
  optional: [IExplanations, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    registry: IEditorExtensionRegistry,
    sidebar: ISidebar,
    preferences: IPreferences,
    explanations: IExplanations | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): IWarnings => {
    const trans = (translator ?? nullTranslator).load('torchenstein');
    const panel = new CautionsPanel({
      goTo: warning => {
        const notebook = tracker.currentWidget?.content;
        const spot = spotOf(warning);
        if (notebook && spot) {
          void goToSpot(notebook, spot);
        }
      },
      stop: kind => void preferences.setWarningsOf(kind, false),
      translator: translator ?? nullTranslator
    });
    panel.id = 'torchenstein-warnings';
    const marks = new Marks(trans, (cell, line) => {
      tracker.forEach(notebook => {
        const model = of(notebook);
        const found = model.warnings.find(
          warning => warning.cell === cell && spotOf(warning)?.endLine === line
        );
        if (found) {
          model.choose(found.caution);
          sidebar.reveal(panel);
        }
      });
    });
    registry.addExtension(marks.factory);

    const show = () => {
      const { currentWidget } = tracker;
      const model = currentWidget && of(currentWidget);
      // A failure comes first: one thing at a time.
      const failed =
        currentWidget && explanations?.of(currentWidget).explanation;
      if (model && (model.current || model.problem) && !failed) {
        panel.turn(model);
        if (!panel.isAttached) {
          sidebar.add(panel, RANK, { roomy: true });
        }
      } else {
        sidebar.remove(panel);
      }
      app.commands.notifyCommandChanged(CommandIDs.showWarning);
    };
    const of = perNotebook((notebook, inspector) => {
      const model = new CautionsModel(notebook.content, inspector);
      model.changed.connect(() => {
        marks.show(model);
        show();
      });
      // The marks follow edits by themselves.
      model.edited.connect(show);
      explanations?.of(notebook).changed.connect(show);
      model.want(preferences.warnings, preferences.warningsOff);
      return model;
    });
    tracker.widgetAdded.connect((_, notebook) => void of(notebook));
    tracker.forEach(of);
    tracker.currentChanged.connect(show);

    preferences.changed.connect(() => {
      tracker.forEach(notebook => {
        of(notebook).want(preferences.warnings, preferences.warningsOff);
      });
      app.commands.notifyCommandChanged(CommandIDs.toggleWarnings);
    });
    app.commands.addCommand(CommandIDs.showWarning, {
      describedBy: NO_ARGUMENTS,
      label: trans.__('Show what is worth a look'),
      isEnabled: () => panel.parent !== null,
      execute: () => sidebar.reveal(panel)
    });
    app.commands.addCommand(CommandIDs.toggleWarnings, {
      describedBy: NO_ARGUMENTS,
      label: trans.__('Warn of what looks wrong'),
      caption: trans.__(
        'After a run without an error, mark lines that look wrong'
      ),
      isToggled: () => preferences.warnings,
      execute: () => preferences.setWarnings(!preferences.warnings)
    });
    for (const command of [CommandIDs.showWarning, CommandIDs.toggleWarnings]) {
      palette?.addItem({ command, category: CATEGORY });
    }
    return {
      of,
      show: () => {
        if (panel.parent) {
          sidebar.reveal(panel);
        }
      }
    };
  }
};
