import type { ICellModel, ICodeCellModel } from '@jupyterlab/cells';
import {
  NotebookActions,
  type INotebookTracker,
  type NotebookPanel
} from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { goToCell } from '../gotocell';
import type { IExplanations, IPreferences, IWarnings } from '../tokens';
import { exerciseAfter, exerciseAt, findExercises } from './exercise';
import type { IExercise } from './exercise';
import { happened, type Happened } from './happened';
import { asObject, KEY, readProgress, updateProgress } from './metadata';
import { Recent } from './recent';
import { recordRun } from './record';
import { readVerdict, type IOutput, type IVerdict } from './report';
import { nextTier, readRules, type INextTier } from './unlock';
import { pickSaying, type ISaying, type Occasion } from './voice';

/** What the hint panel shows. */
export type HintsState =
  | { readonly kind: 'no notebook' }
  | {
      readonly kind: 'no exercise';
      /** The exercise that comes next, null where none does. */
      readonly next: IExercise | null;
      /** Whether the notebook has exercises at all. */
      readonly any: boolean;
      readonly saying: ISaying | null;
    }
  | {
      readonly kind: 'exercise';
      /** Differs for two notebooks that hold the same exercise. */
      readonly key: string;
      readonly exercise: IExercise;
      readonly hints: readonly string[];
      /** The tier of the hint to read now; 0 where something has happened since. */
      readonly unfolded: number;
      readonly happened: Happened | null;
      readonly next: INextTier | null;
      readonly verdict: IVerdict | null;
      readonly passed: boolean;
      readonly saying: ISaying | null;
    };

/** Follows the active cell of the current notebook and opens its hints. */
export class HintsModel implements IDisposable {
  constructor(
    tracker: INotebookTracker,
    preferences: IPreferences,
    explanations: IExplanations | null = null,
    warnings: IWarnings | null = null
  ) {
    this._tracker = tracker;
    this._preferences = preferences;
    this._recent = new Recent(explanations, warnings);
    this._recent.changed.connect(this._update, this);
    tracker.currentChanged.connect(this._onNotebookChanged, this);
    tracker.activeCellChanged.connect(this._update, this);
    preferences.changed.connect(this._update, this);
    NotebookActions.executed.connect(this._onExecuted, this);
    this._onNotebookChanged();
  }

  get state(): HintsState {
    return this._state;
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  /** The markdown renderers of the notebook: its links are relative to it. */
  get rendermime(): IRenderMimeRegistry | null {
    return this._panel?.content.rendermime ?? null;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._recent.dispose();
    Signal.clearData(this);
  }

  /** Opens the next tier; returns whether there was one to open. */
  openNext(): boolean {
    const state = this._state;
    const cells = this._panel?.content.model?.cells;
    if (state.kind !== 'exercise' || !state.next?.unlocked || !cells) {
      return false;
    }
    const answer = cells.get(state.exercise.answer);
    this._recent.clear(answer);
    updateProgress(answer, { opened: state.next.tier });
    return true;
  }

  /** Makes the answer cell of the exercise at hand, or of the next one, the active cell. */
  async jump(): Promise<void> {
    const state = this._state;
    const exercise =
      state.kind === 'exercise'
        ? state.exercise
        : state.kind === 'no exercise'
          ? state.next
          : null;
    const notebook = this._panel?.content;
    if (!exercise || !notebook) {
      return;
    }
    await goToCell(notebook, exercise.answer);
  }

  private _onNotebookChanged(): void {
    const panel = this._tracker.currentWidget;
    if (panel === this._panel) {
      return;
    }
    this._forget();
    this._panel = panel;
    this._recent.follow(panel);
    if (panel) {
      panel.disposed.connect(this._onPanelDisposed, this);
      panel.content.modelChanged.connect(this._onModelChanged, this);
    }
    this._onModelChanged();
  }

  private _onPanelDisposed(): void {
    this._panel = null;
    this._recent.follow(null);
    this._watch([]);
    this._update();
  }

  private _onModelChanged(): void {
    const model = this._panel?.content.model;
    if (model) {
      model.cells.changed.connect(this._update, this);
      model.metadataChanged.connect(this._update, this);
    }
    this._update();
  }

  /** Lets go of the notebook that was current. */
  private _forget(): void {
    const panel = this._panel;
    this._watch([]);
    if (!panel || panel.isDisposed) {
      return;
    }
    panel.disposed.disconnect(this._onPanelDisposed, this);
    panel.content.modelChanged.disconnect(this._onModelChanged, this);
    panel.content.model?.cells.changed.disconnect(this._update, this);
    panel.content.model?.metadataChanged.disconnect(this._update, this);
  }

  /** Follows these cells' metadata and outputs, and no others. */
  private _watch(cells: readonly ICellModel[]): void {
    for (const cell of this._watched) {
      cell.metadataChanged.disconnect(this._update, this);
      outputsOf(cell)?.changed.disconnect(this._update, this);
    }
    this._watched = cells;
    for (const cell of cells) {
      cell.metadataChanged.connect(this._update, this);
      outputsOf(cell)?.changed.connect(this._update, this);
    }
  }

  private _onExecuted(
    _: unknown,
    args: { notebook: NotebookPanel['content']; cell: { model: ICellModel } }
  ): void {
    const cells = Array.from(args.notebook.model?.cells ?? []);
    const index = cells.indexOf(args.cell.model);
    const exercise = findExercises(cells).find(each => each.test === index);
    if (exercise && happened(null, readVerdict(outputs(args.cell.model)))) {
      this._recent.mark(cells[exercise.answer]);
    }
    recordRun(cells, index, cell => outputs(cell));
    this._update();
  }

  private _update(): void {
    const notebook = this._panel?.content;
    const model = notebook?.model;
    if (!notebook || !model) {
      this._show({ kind: 'no notebook' }, []);
      return;
    }
    const cells = Array.from(model.cells);
    const exercises = findExercises(cells);
    const exercise = exerciseAt(exercises, notebook.activeCellIndex);
    const course = asObject(model.getMetadata(KEY));
    if (!exercise) {
      const next = exerciseAfter(exercises, notebook.activeCellIndex);
      const any = exercises.length > 0;
      const saying = this._say(course.voice, 'welcome', String(course.slug));
      this._show({ kind: 'no exercise', next, any, saying }, []);
      return;
    }

    const answer = cells[exercise.answer];
    const test = exercise.test === null ? null : cells[exercise.test];
    const progress = readProgress(answer);
    const next = nextTier(exercise.hints, progress, readRules(course.unlock));
    const verdict = test ? readVerdict(outputs(test)) : null;
    const what = happened(
      this._recent.failure(exercise, cells),
      verdict,
      this._recent.warning(exercise, cells)
    );
    // Where the card speaks of something else, the Professor has no word on the verdict.
    const isAside = what?.kind === 'operation' || what?.kind === 'warning';
    const occasion = occasionOf(verdict, next);
    const seed = `${exercise.id} ${test ? executionCount(test) : ''}`;
    this._show(
      {
        kind: 'exercise',
        key: `${this._panel?.id} ${answer.id}`,
        exercise,
        hints: exercise.hints.slice(0, progress.opened),
        unfolded: this._recent.has(answer) ? 0 : progress.opened,
        happened: what,
        next,
        verdict,
        passed: progress.passed,
        saying:
          isAside || !occasion ? null : this._say(course.voice, occasion, seed)
      },
      test ? [answer, test] : [answer]
    );
  }

  private _show(state: HintsState, watched: readonly ICellModel[]): void {
    this._state = state;
    this._watch(watched);
    this._stateChanged.emit();
  }

  private _say(pack: unknown, on: Occasion, seed: string): ISaying | null {
    return this._preferences.voice === 'professor'
      ? pickSaying(pack, on, seed)
      : null;
  }

  private _tracker: INotebookTracker;
  private _preferences: IPreferences;
  private _recent: Recent;
  private _panel: NotebookPanel | null = null;
  private _watched: readonly ICellModel[] = [];
  private _state: HintsState = { kind: 'no notebook' };
  private _stateChanged = new Signal<this, void>(this);
  private _isDisposed = false;
}

function outputsOf(cell: ICellModel): ICodeCellModel['outputs'] | null {
  return cell.type === 'code' ? (cell as ICodeCellModel).outputs : null;
}

/** The outputs of a cell as plain data. */
function outputs(cell: ICellModel): IOutput[] {
  return (outputsOf(cell)?.toJSON() ?? []) as IOutput[];
}

function executionCount(cell: ICellModel): number | null {
  return cell.type === 'code' ? (cell as ICodeCellModel).executionCount : null;
}

/** One line at most: on the verdict, else on the lock. */
function occasionOf(
  verdict: IVerdict | null,
  next: INextTier | null
): Occasion | null {
  if (verdict) {
    return verdict.status;
  }
  if (next && !next.unlocked) {
    return next.rule === 'attempt' ? 'locked_attempt' : 'locked_failed';
  }
  return null;
}
