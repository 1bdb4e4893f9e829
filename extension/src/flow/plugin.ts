import {
  ILabShell,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { goToSpot } from '../explain/gotospot';
import { spotOf } from '../explain/where';
import { torchensteinIcon } from '../icons';
import { perNotebook } from '../pernotebook';
import { CATEGORY, CommandIDs, ISidebar, NO_ARGUMENTS } from '../tokens';
import { FlowModel } from './model';
import { FlowPanel } from './panel';
import type { IItem } from './tree';

/** Below the tensors. */
const RANK = 300;

export const flowPlugin: JupyterFrontEndPlugin<void> = {
  id: 'torchenstein:flow',
  description:
    'One run of a cell as a graph of operations, shapes and modules.',
  autoStart: true,
  requires: [INotebookTracker, ISidebar],
  optional: [ILabShell, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    sidebar: ISidebar,
    labShell: ILabShell | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('torchenstein');
    let tab: MainAreaWidget<FlowPanel> | null = null;

    const goTo = (model: FlowModel, item: IItem) => {
      const number = item.module?.place ?? item.node?.place ?? null;
      // The model at hand is always that of the current notebook.
      const panel = tracker.currentWidget;
      const place = number === null ? null : model.tree?.graph.places[number];
      const cells = panel?.content.model?.cells;
      const spot = place && cells && spotOf(cells, place, place.text);
      if (panel && spot) {
        app.shell.activateById(panel.id);
        void goToSpot(panel.content, spot);
      }
    };
    const options = {
      goTo,
      traceCell: () => void app.commands.execute(CommandIDs.runTraced),
      translator: translator ?? nullTranslator
    };
    const openTab = () => void app.commands.execute(CommandIDs.openFlow);
    const section = new FlowPanel({
      ...options,
      openTab: labShell ? openTab : null
    });
    section.id = 'torchenstein-flow';
    sidebar.add(section, RANK, { folded: true });

    const of = perNotebook((panel, inspector) => {
      const model = new FlowModel(inspector);
      model.traced.connect(() => {
        if (tracker.currentWidget === panel && !tab?.isVisible) {
          sidebar.reveal(section);
        }
      });
      panel.disposed.connect(show);
      return model;
    });
    const show = () => {
      const { currentWidget } = tracker;
      const model =
        currentWidget && !currentWidget.isDisposed ? of(currentWidget) : null;
      section.turn(model);
      tab?.content.turn(model);
    };
    tracker.currentChanged.connect(show);
    show();

    /** The active cell, if it is one that can be run. */
    const active = () => {
      const { currentWidget, activeCell } = tracker;
      return currentWidget && activeCell?.model.type === 'code'
        ? { panel: currentWidget, cell: activeCell }
        : null;
    };
    const isEnabled = () => active() !== null;
    app.commands.addCommand(CommandIDs.traceNext, {
      describedBy: NO_ARGUMENTS,
      label: trans.__('Trace the next run of this cell'),
      caption: trans.__('Its operations and shapes come as a graph'),
      isEnabled,
      execute: () => {
        const here = active();
        if (here) {
          of(here.panel).trace(here.cell.model.id);
          sidebar.reveal(section);
        }
      }
    });
    app.commands.addCommand(CommandIDs.runTraced, {
      describedBy: NO_ARGUMENTS,
      label: trans.__('Run this cell and trace it'),
      caption: trans.__('Its operations and shapes come as a graph'),
      isEnabled,
      execute: async () => {
        const here = active();
        if (here) {
          const { content, sessionContext } = here.panel;
          content.deselectAll();
          // The kernel takes both in this order: nothing has to be waited for.
          of(here.panel).trace(here.cell.model.id);
          await NotebookActions.run(content, sessionContext);
        }
      }
    });
    palette?.addItem({ command: CommandIDs.traceNext, category: CATEGORY });
    palette?.addItem({ command: CommandIDs.runTraced, category: CATEGORY });

    if (labShell) {
      app.commands.addCommand(CommandIDs.openFlow, {
        describedBy: NO_ARGUMENTS,
        label: trans.__('Open the shape flow in a tab'),
        execute: () => {
          if (!tab || tab.isDisposed) {
            const content = new FlowPanel({ ...options, openTab: null });
            tab = new MainAreaWidget({ content });
            tab.id = 'torchenstein-flow-tab';
            tab.title.icon = torchensteinIcon;
            tab.title.label = trans.__('Shape flow');
            tab.title.closable = true;
            tab.disposed.connect(() => {
              tab = null;
            });
            labShell.add(tab, 'main', { mode: 'split-right' });
          }
          show();
          labShell.activateById(tab.id);
        }
      });
      palette?.addItem({ command: CommandIDs.openFlow, category: CATEGORY });
    }
  }
};
