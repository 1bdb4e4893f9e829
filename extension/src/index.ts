import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { cautionsPlugin } from './cautions/plugin';
import { explainPlugin } from './explain/plugin';
import { explorePlugin } from './explore/plugin';
import { flowPlugin } from './flow/plugin';
import { gradePlugin } from './grade/plugin';
import { hintsPlugin } from './hints/plugin';
import { linesPlugin } from './lines/plugin';
import { livePlugin } from './live/plugin';
import { preferencesPlugin } from './preferences/plugin';
import { sidebarPlugin } from './sidebar/plugin';
import { startPlugin } from './start/plugin';
import { tensorsPlugin } from './tensors/plugin';

/** One plugin for each feature, so that each can be disabled by itself. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  preferencesPlugin,
  sidebarPlugin,
  hintsPlugin,
  gradePlugin,
  explainPlugin,
  explorePlugin,
  livePlugin,
  tensorsPlugin,
  linesPlugin,
  cautionsPlugin,
  flowPlugin,
  startPlugin
];

export default plugins;
