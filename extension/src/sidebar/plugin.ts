import {
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CATEGORY, CommandIDs, NO_ARGUMENTS, ISidebar } from '../tokens';
import { Sidebar } from './sidebar';

/** JupyterLab leaves the ranks 501 to 899 of a sidebar to extensions. */
const RANK = 510;

export const sidebarPlugin: JupyterFrontEndPlugin<ISidebar> = {
  id: 'torchenstein:sidebar',
  description: 'The right sidebar that holds the Torchenstein sections.',
  autoStart: true,
  provides: ISidebar,
  optional: [ILayoutRestorer, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): ISidebar => {
    const trans = (translator ?? nullTranslator).load('torchenstein');
    const panel = new Sidebar({
      translator: translator ?? nullTranslator,
      label: trans.__('Torchenstein'),
      show: () => app.shell.activateById(panel.id)
    });
    panel.title.caption = trans.__('Torchenstein: hints and tensors');
    app.shell.add(panel, 'right', { rank: RANK, type: 'Torchenstein' });
    restorer?.add(panel, 'torchenstein-sidebar');

    app.commands.addCommand(CommandIDs.showPanel, {
      describedBy: NO_ARGUMENTS,
      label: trans.__('Show hints and tensors'),
      execute: () => app.shell.activateById(panel.id)
    });
    palette?.addItem({ command: CommandIDs.showPanel, category: CATEGORY });
    return panel;
  }
};
