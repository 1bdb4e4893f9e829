import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

/** Who speaks: the Professor, or nobody in particular. */
export type Voice = 'professor' | 'plain';

/** What the user chose in the settings, the same for every panel. */
export interface IPreferences {
  readonly voice: Voice;
  /** Whether the tensor panel asks the kernel after every cell. */
  readonly autoRefresh: boolean;
  /** Whether the start page opens by itself the first time. */
  readonly openStartPage: boolean;
  /** Resolves when the stored settings have been read. */
  readonly ready: Promise<void>;
  readonly changed: ISignal<IPreferences, void>;
  setVoice(voice: Voice): Promise<void>;
}

export const IPreferences = new Token<IPreferences>(
  'torchenstein:IPreferences',
  'The preferences that the Torchenstein panels share.'
);

/** The one sidebar in which each feature has a section. */
export interface ISidebar {
  /**
   * Adds a section; its title is the widget's title label. Lower ranks stand higher.
   * A folded section waits until it is revealed.
   */
  add(section: Widget, rank: number, options?: { folded?: boolean }): void;
  /** Opens the sidebar and unfolds the section. */
  reveal(section: Widget): void;
}

export const ISidebar = new Token<ISidebar>(
  'torchenstein:ISidebar',
  'The Torchenstein sidebar: add a section to it.'
);

export namespace CommandIDs {
  export const showPanel = 'torchenstein:show-panel';
  export const nextHint = 'torchenstein:next-hint';
  export const jumpToExercise = 'torchenstein:jump-to-exercise';
  export const grade = 'torchenstein:grade-notebook';
  export const stopGrading = 'torchenstein:stop-grading';
  export const refreshTensors = 'torchenstein:refresh-tensors';
  export const toggleVoice = 'torchenstein:toggle-voice';
  export const openStart = 'torchenstein:open-start';
}

/** The category of our commands in the palette and of our card in the launcher. */
export const CATEGORY = 'Torchenstein';

/** What our commands tell of their arguments: they take none. */
export const NO_ARGUMENTS = {
  args: { type: 'object', properties: {} }
} as const;
