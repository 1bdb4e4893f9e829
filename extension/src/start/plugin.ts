import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  MainAreaWidget,
  WidgetTracker
} from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { torchensteinIcon } from '../icons';
import { CATEGORY, CommandIDs, IPreferences, NO_ARGUMENTS } from '../tokens';
import { openTheFirstTime } from './firsttime';
import type { IOpener } from './lesson';
import { countOpen } from './live';
import { StartModel } from './model';
import { requestProgress } from './request';
import { StartWidget } from './widget';

const NAME = 'torchenstein-start';

/** Off in Notebook 7: a page there shows one document, and has no main area for others. */
export const startPlugin: JupyterFrontEndPlugin<void> = {
  id: 'torchenstein:start',
  description: 'The start page: the course, and how far the learner has come.',
  autoStart: true,
  requires: [IPreferences],
  optional: [
    ILabShell,
    INotebookTracker,
    IStateDB,
    ILayoutRestorer,
    ILauncher,
    ICommandPalette,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    preferences: IPreferences,
    shell: ILabShell | null,
    notebooks: INotebookTracker | null,
    states: IStateDB | null,
    restorer: ILayoutRestorer | null,
    launcher: ILauncher | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    if (!shell) {
      return;
    }
    const { commands, serviceManager } = app;
    const trans = (translator ?? nullTranslator).load('torchenstein');
    const tracker = new WidgetTracker<MainAreaWidget<StartWidget>>({
      namespace: NAME
    });
    const opener: IOpener = {
      open: path => void commands.execute('docmanager:open', { path }),
      urlOf: path => PageConfig.getUrl({ treePath: path })
    };
    const request = () => requestProgress(serviceManager.serverSettings);

    const create = (): MainAreaWidget<StartWidget> => {
      const model = new StartModel({
        request,
        live: () => countOpen(notebooks)
      });
      const content = new StartWidget(
        model,
        opener,
        translator ?? nullTranslator
      );
      const widget = new MainAreaWidget({ content });
      widget.id = NAME;
      widget.toolbar.hide();
      return widget;
    };

    commands.addCommand(CommandIDs.openStart, {
      label: trans.__('Start here'),
      caption: trans.__('The course, and how far you have come'),
      icon: torchensteinIcon,
      describedBy: NO_ARGUMENTS,
      execute: async () => {
        const widget = tracker.currentWidget ?? create();
        if (!tracker.has(widget)) {
          await tracker.add(widget);
        }
        if (!widget.isAttached) {
          shell.add(widget, 'main', { type: 'Torchenstein' });
        }
        shell.activateById(widget.id);
      }
    });
    palette?.addItem({ command: CommandIDs.openStart, category: CATEGORY });
    launcher?.add({
      command: CommandIDs.openStart,
      category: CATEGORY,
      rank: 0
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.openStart,
      name: () => NAME
    });

    serviceManager.contents.fileChanged.connect((_, change) => {
      if (change.type === 'save') {
        tracker.currentWidget?.content.refresh();
      }
    });

    if (states) {
      void openTheFirstTime({ app, shell, states, preferences, request });
    }
  }
};
