import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import {
  CommandToolbarButton,
  refreshIcon,
  Toolbar
} from '@jupyterlab/ui-components';

import { KernelInspector } from '../kernel';
import {
  CATEGORY,
  CommandIDs,
  IExplorers,
  ILive,
  IPreferences,
  IShapeNames,
  ISidebar
} from '../tokens';
import { TensorsModel } from './model';
import { TensorsPanel } from './panel';
import type { Sizes } from './sizes';

/** Below the hints. */
const RANK = 200;

export const tensorsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'torchenstein:tensors',
  description: 'The live tensors of the running kernel.',
  autoStart: true,
  requires: [INotebookTracker, ISidebar, IPreferences],
  optional: [IExplorers, IShapeNames, ILive, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    sidebar: ISidebar,
    preferences: IPreferences,
    explorers: IExplorers | null,
    names: IShapeNames | null,
    live: ILive | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('torchenstein');
    const inspector = new KernelInspector();
    const namesOf = (tensor: string, shape: Sizes) => {
      const panel = tracker.currentWidget;
      return (panel && names?.namesOf(panel, tensor, shape)) ?? null;
    };
    const model = new TensorsModel(inspector, namesOf, live);
    names?.changed.connect(model.rename, model);

    const follow = () => {
      inspector.follow(tracker.currentWidget?.sessionContext ?? null);
    };
    tracker.currentChanged.connect(follow);
    follow();

    const prefer = () => {
      model.autoRefresh = preferences.autoRefresh;
    };
    preferences.changed.connect(prefer);
    prefer();

    app.commands.addCommand(CommandIDs.refreshTensors, {
      describedBy: {
        args: {
          type: 'object',
          properties: { toolbar: { type: 'boolean' } }
        }
      },
      label: args => (args.toolbar ? '' : trans.__('Refresh the tensors')),
      caption: trans.__('Refresh the tensors'),
      icon: args => (args.toolbar ? refreshIcon : undefined),
      execute: () => model.refresh()
    });
    palette?.addItem({
      command: CommandIDs.refreshTensors,
      category: CATEGORY
    });

    const panel = new TensorsPanel(
      model,
      explorers,
      translator ?? nullTranslator
    );
    panel.id = 'torchenstein-tensors';
    const toolbar = new Toolbar();
    toolbar.addItem(
      'refresh',
      new CommandToolbarButton({
        commands: app.commands,
        id: CommandIDs.refreshTensors,
        args: { toolbar: true }
      })
    );
    sidebar.add(Object.assign(panel, { toolbar }), RANK);
  }
};
