import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { goToCell } from '../gotocell';
import { findExercises } from '../hints/exercise';
import { asObject, gradeId, KEY } from '../hints/metadata';
import { pickSaying, type ISaying } from '../hints/voice';
import type { IPreferences } from '../tokens';
import {
  isFullSuccess,
  isRunning,
  type IGradedExercise,
  type IGrades
} from './grades';
import type { RequestGrades } from './request';
import { GradeRun } from './run';

/** What the section shows. */
export type GradeState =
  | { readonly kind: 'no notebook' }
  | { readonly kind: 'no lesson' }
  | {
      readonly kind: 'lesson';
      /** Differs for two notebooks. */
      readonly key: string;
      readonly grades: IGrades | null;
      readonly isStale: boolean;
      readonly saying: ISaying | null;
    };

/** Grades the current notebook; each open notebook keeps its own last run. */
export class GradeModel implements IDisposable {
  constructor(options: GradeModel.IOptions) {
    this._options = options;
    options.tracker.currentChanged.connect(this._onNotebookChanged, this);
    options.preferences.changed.connect(this._emit, this);
    this._onNotebookChanged();
  }

  get state(): GradeState {
    const panel = this._panel;
    if (!panel) {
      return { kind: 'no notebook' };
    }
    if (!isLesson(panel)) {
      return { kind: 'no lesson' };
    }
    const run = this._runs.get(panel) ?? null;
    const grades = run?.grades ?? null;
    return {
      kind: 'lesson',
      key: panel.id,
      grades,
      isStale: run?.isStale ?? false,
      saying: grades && isFullSuccess(grades) ? this._praise(panel) : null
    };
  }

  get isRunning(): boolean {
    const { state } = this;
    return state.kind === 'lesson' && isRunning(state.grades);
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._runs.forEach(run => run.dispose());
    this._runs.clear();
    Signal.clearData(this);
  }

  /** Grades the current notebook, if it is a lesson. */
  async grade(): Promise<void> {
    if (this._panel && this.state.kind === 'lesson') {
      await this._runOf(this._panel).start();
    }
  }

  /** Ends the run of the current notebook. */
  stop(): void {
    if (this._panel) {
      this._runs.get(this._panel)?.stop();
    }
  }

  /** Makes the answer cell of an exercise the active cell, if it is still there. */
  async jump(exercise: IGradedExercise): Promise<void> {
    const notebook = this._panel?.content;
    const cells = [...(notebook?.model?.cells ?? [])];
    // A copy has the same name but not the same id.
    let index = cells.findIndex(cell => cell.id === exercise.cellId);
    if (index < 0) {
      index = cells.findIndex(cell => gradeId(cell) === exercise.name);
    }
    if (notebook && index >= 0) {
      await goToCell(notebook, index);
    }
  }

  private _runOf(panel: NotebookPanel): GradeRun {
    let run = this._runs.get(panel);
    if (!run) {
      run = new GradeRun(panel, this._options.request);
      run.changed.connect(this._emit, this);
      this._runs.set(panel, run);
      panel.disposed.connect(this._onPanelDisposed, this);
    }
    return run;
  }

  private _onNotebookChanged(): void {
    const panel = this._options.tracker.currentWidget;
    if (panel === this._panel) {
      return;
    }
    this._panel?.content.modelChanged.disconnect(this._onModelChanged, this);
    this._panel = panel;
    panel?.content.modelChanged.connect(this._onModelChanged, this);
    panel?.disposed.connect(this._onPanelDisposed, this);
    this._onModelChanged();
  }

  /** The cells of a notebook come after its panel. */
  private _onModelChanged(): void {
    this._panel?.content.model?.cells.changed.connect(this._emit, this);
    this._emit();
  }

  private _onPanelDisposed(panel: NotebookPanel): void {
    this._runs.get(panel)?.dispose();
    this._runs.delete(panel);
    if (panel === this._panel) {
      this._panel = null;
      this._emit();
    }
  }

  private _praise(panel: NotebookPanel): ISaying | null {
    const pack = asObject(panel.content.model?.getMetadata(KEY)).voice;
    return this._options.preferences.voice === 'professor'
      ? pickSaying(pack, 'passed', panel.context.localPath)
      : null;
  }

  private _emit(): void {
    this._stateChanged.emit();
  }

  private _options: GradeModel.IOptions;
  private _panel: NotebookPanel | null = null;
  private _runs = new Map<NotebookPanel, GradeRun>();
  private _stateChanged = new Signal<this, void>(this);
  private _isDisposed = false;
}

export namespace GradeModel {
  export interface IOptions {
    tracker: INotebookTracker;
    preferences: IPreferences;
    request: RequestGrades;
  }
}

/** Whether there is an exercise to grade; a lesson that only explains has none. */
function isLesson(panel: NotebookPanel): boolean {
  return findExercises([...(panel.content.model?.cells ?? [])]).length > 0;
}
