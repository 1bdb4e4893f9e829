import type { ILabShell, JupyterFrontEnd } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import type { IStateDB } from '@jupyterlab/statedb';

import { CommandIDs, type IPreferences } from '../tokens';
import { readCourse } from './course';

/** What JupyterLab remembers with the workspace. */
const KEY = 'torchenstein:start-page-opened';

/** Opens the start page by itself: once for each workspace, where there is a course and nothing else is open. */
export async function openTheFirstTime(options: {
  app: Pick<JupyterFrontEnd, 'restored' | 'commands'>;
  shell: Pick<ILabShell, 'widgets'>;
  states: IStateDB;
  preferences: IPreferences;
  request: () => Promise<unknown>;
}): Promise<void> {
  const { app, shell, states, preferences, request } = options;
  try {
    await Promise.all([app.restored, preferences.ready]);
    if (!preferences.openStartPage || (await states.fetch(KEY)) === true) {
      return;
    }
    if (isBusy(shell) || readCourse(await request()) === null) {
      return;
    }
    if (!isBusy(shell)) {
      await app.commands.execute(CommandIDs.openStart);
    }
    await states.save(KEY, true);
  } catch (error) {
    // Nobody asked for the page: without it, the lab is as it is without us.
    console.warn('Torchenstein did not open its start page:', error);
  }
}

/** Whether something is open, or on its way, besides the launcher that fills an empty lab. */
function isBusy(shell: Pick<ILabShell, 'widgets'>): boolean {
  return (
    PageConfig.getOption('treePath') !== '' ||
    [...shell.widgets('main')].some(widget => !widget.id.startsWith('launcher'))
  );
}
