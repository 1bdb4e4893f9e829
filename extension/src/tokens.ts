import type { ICellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import type { Question } from './kernel';
import type {
  CautionKind,
  Exploration,
  Explanation,
  InspectorReply,
  TensorSummary
} from './protocol';
import type { Names, Sizes } from './tensors/sizes';

/** Who speaks: the Professor, or nobody in particular. */
export type Voice = 'professor' | 'plain';

/** What the user chose in the settings, the same for every panel. */
export interface IPreferences {
  readonly voice: Voice;
  /** Whether the tensor panel asks the kernel after every cell. */
  readonly autoRefresh: boolean;
  /** Whether the lines of a cell carry the shapes that they made. */
  readonly shapesInEditor: boolean;
  /** Whether lines that look wrong are warned of. */
  readonly warnings: boolean;
  /** The kinds of warnings that are switched off. */
  readonly warningsOff: readonly CautionKind[];
  /** Whether the start page opens by itself the first time. */
  readonly openStartPage: boolean;
  /** Resolves when the stored settings have been read. */
  readonly ready: Promise<void>;
  readonly changed: ISignal<IPreferences, void>;
  setVoice(voice: Voice): Promise<void>;
  setShapesInEditor(value: boolean): Promise<void>;
  setWarnings(value: boolean): Promise<void>;
  /** Switches one kind of warnings on or off. */
  setWarningsOf(kind: CautionKind, value: boolean): Promise<void>;
}

export const IPreferences = new Token<IPreferences>(
  'torchenstein:IPreferences',
  'The preferences that the Torchenstein panels share.'
);

export interface ISectionOptions {
  /** Waits folded until it is revealed. */
  readonly folded?: boolean;
  /** Takes its share of the height from the other sections at once. */
  readonly roomy?: boolean;
}

/** The one sidebar in which each feature has a section. */
export interface ISidebar {
  /** Adds a section; its title is the widget's title label. Lower ranks stand higher. */
  add(section: Widget, rank: number, options?: ISectionOptions): void;
  /** Takes a section out; it can be added again. */
  remove(section: Widget): void;
  /** Opens the sidebar and unfolds the section. */
  reveal(section: Widget): void;
}

export const ISidebar = new Token<ISidebar>(
  'torchenstein:ISidebar',
  'The Torchenstein sidebar: add a section to it.'
);

/** What is known of the last failure in one notebook. */
export interface IExplained {
  readonly explanation: Explanation | null;
  readonly changed: ISignal<IExplained, void>;
  /** The cell and the line, from 0, that failed; null where it is none of this notebook. */
  where(): IFailedLine | null;
}

export interface IFailedLine {
  readonly cell: ICellModel;
  readonly line: number;
  /** Why, in a plain sentence. */
  readonly summary: string;
}

/** Why the last run of each notebook failed. */
export interface IExplanations {
  of(panel: NotebookPanel): IExplained;
}

export const IExplanations = new Token<IExplanations>(
  'torchenstein:IExplanations',
  'Why the last run of a notebook failed.'
);

export type ExplorerName = Exploration['explorer'];

/** Draws an operation on tensors of the notebook at hand. */
export interface IExplorers {
  /** The explorers that can draw this tensor. */
  of(tensor: TensorSummary): ExplorerName[];
  /** What an explorer is called on a button. */
  label(explorer: ExplorerName): string;
  /** Shows an explorer on a tensor; the notebook stays as it is. */
  open(explorer: ExplorerName, tensor: TensorSummary): void;
}

export const IExplorers = new Token<IExplorers>(
  'torchenstein:IExplorers',
  'Draws an operation on tensors of the notebook at hand.'
);

/** A line that did not fail and still looks wrong. */
export interface IWarning {
  readonly cell: ICellModel;
  readonly caution: {
    /** Of the kind. */
    readonly title: string;
    /** What happened, in a plain sentence. */
    readonly sentence: string;
    /** The part of the line it speaks of. */
    readonly expression: string;
  };
}

/** The warnings of one notebook. */
export interface IWarned {
  /** The one to look at now; null where nothing looks wrong. */
  readonly current: IWarning | null;
  readonly changed: ISignal<IWarned, void>;
  /** Emitted while somebody types in a cell with warnings: some may not stand any more. */
  readonly edited: ISignal<IWarned, void>;
}

/** What did not fail and still looks wrong in each notebook. */
export interface IWarnings {
  of(panel: NotebookPanel): IWarned;
  /** Shows all that is known of the warning to look at now. */
  show(): void;
}

export const IWarnings = new Token<IWarnings>(
  'torchenstein:IWarnings',
  'What did not fail and still looks wrong in a notebook.'
);

/** What the code of a notebook calls the dimensions of its tensors. */
export interface IShapeNames {
  readonly changed: ISignal<IShapeNames, void>;
  /** One name for each dimension of a tensor that has this shape; null where none is known. */
  namesOf(panel: NotebookPanel, tensor: string, shape: Sizes): Names;
}

export const IShapeNames = new Token<IShapeNames>(
  'torchenstein:IShapeNames',
  'What the code of a notebook calls the dimensions of its tensors.'
);

/** Somebody who wants to know something while a cell runs, as long as `isWatching`. */
export interface IWatcher {
  readonly isWatching: boolean;
  readonly question: Question;
  take(answer: InspectorReply): void;
}

/** Asks the kernel of the notebook at hand again and again, while it runs a cell and somebody watches. */
export interface ILive {
  /** Whether the kernel answers while it runs a cell; null where that is not known yet. */
  readonly isPossible: boolean | null;
  readonly changed: ISignal<ILive, void>;
  /** Asks for this watcher too. */
  watch(watcher: IWatcher): void;
  /** To be told when a watcher begins to watch. */
  look(): void;
}

export const ILive = new Token<ILive>(
  'torchenstein:ILive',
  'What a kernel shows while it runs a cell.'
);

export namespace CommandIDs {
  export const showPanel = 'torchenstein:show-panel';
  export const nextHint = 'torchenstein:next-hint';
  export const jumpToExercise = 'torchenstein:jump-to-exercise';
  export const grade = 'torchenstein:grade-notebook';
  export const stopGrading = 'torchenstein:stop-grading';
  export const refreshTensors = 'torchenstein:refresh-tensors';
  export const toggleShapes = 'torchenstein:toggle-shapes';
  export const traceNext = 'torchenstein:trace-next-run';
  export const runTraced = 'torchenstein:run-traced';
  export const openFlow = 'torchenstein:open-flow';
  export const showCurves = 'torchenstein:show-curves';
  export const showExplanation = 'torchenstein:show-explanation';
  export const showWarning = 'torchenstein:show-warning';
  export const toggleWarnings = 'torchenstein:toggle-warnings';
  export const toggleVoice = 'torchenstein:toggle-voice';
  export const openStart = 'torchenstein:open-start';
}

/** The category of our commands in the palette and of our card in the launcher. */
export const CATEGORY = 'Torchenstein';

/** What our commands tell of their arguments: they take none. */
export const NO_ARGUMENTS = {
  args: { type: 'object', properties: {} }
} as const;
