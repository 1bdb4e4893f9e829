import type { ICellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Explanation } from '../protocol';
import type {
  IExplained,
  IExplanations,
  IWarned,
  IWarning,
  IWarnings
} from '../tokens';
import { findExercises, type IExercise } from './exercise';

/** What has happened in a notebook since its reader last opened a hint. */
export class Recent implements IDisposable {
  /**
   * @param explanations why runs failed; null where nobody can tell.
   * @param warnings what looks wrong; null where nobody can tell.
   */
  constructor(explanations: IExplanations | null, warnings: IWarnings | null) {
    this._explanations = explanations;
    this._warnings = warnings;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this.follow(null);
      Signal.clearData(this);
    }
  }

  /** Turns to a notebook. */
  follow(panel: NotebookPanel | null): void {
    this._explained?.changed.disconnect(this._onExplained, this);
    this._warned?.changed.disconnect(this._onWarned, this);
    this._warned?.edited.disconnect(this._onWarned, this);
    this._panel = panel;
    this._explained = (panel && this._explanations?.of(panel)) ?? null;
    this._warned = (panel && this._warnings?.of(panel)) ?? null;
    this._explained?.changed.connect(this._onExplained, this);
    this._warned?.changed.connect(this._onWarned, this);
    this._warned?.edited.connect(this._onWarned, this);
  }

  /** Why the last run failed, where that was in a line of the exercise. */
  failure(
    exercise: IExercise,
    cells: readonly ICellModel[]
  ): Explanation | null {
    const explained = this._explained;
    return explained && holds(exercise, cells, explained.where()?.cell)
      ? explained.explanation
      : null;
  }

  /** What looks wrong, where that is a line of the exercise. */
  warning(exercise: IExercise, cells: readonly ICellModel[]): IWarning | null {
    const current = this._warned?.current ?? null;
    return holds(exercise, cells, current?.cell) ? current : null;
  }

  /** Something has happened to an answer. */
  mark(answer: ICellModel): void {
    this._answers.add(answer);
  }

  /** A hint of this answer was opened. */
  clear(answer: ICellModel): void {
    this._answers.delete(answer);
  }

  has(answer: ICellModel): boolean {
    return this._answers.has(answer);
  }

  private _onExplained(): void {
    this._markWhere((exercise, cells) => this.failure(exercise, cells));
    this._changed.emit();
  }

  private _onWarned(): void {
    const caution = this._warned?.current?.caution ?? null;
    // Typing in other lines, or a warning taken away, makes nothing happen.
    if (caution !== this._caution) {
      this._caution = caution;
      this._markWhere((exercise, cells) => this.warning(exercise, cells));
    }
    this._changed.emit();
  }

  private _markWhere(
    happens: (exercise: IExercise, cells: readonly ICellModel[]) => unknown
  ): void {
    const cells = Array.from(this._panel?.content.model?.cells ?? []);
    findExercises(cells)
      .filter(exercise => happens(exercise, cells))
      .forEach(exercise => this.mark(cells[exercise.answer]));
  }

  private _explanations: IExplanations | null;
  private _warnings: IWarnings | null;
  private _warned: IWarned | null = null;
  private _caution: IWarning['caution'] | null = null;
  private _panel: NotebookPanel | null = null;
  private _explained: IExplained | null = null;
  private _answers = new WeakSet<ICellModel>();
  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
}

function holds(
  exercise: IExercise,
  cells: readonly ICellModel[],
  cell: ICellModel | undefined
): boolean {
  const at = cell ? cells.indexOf(cell) : -1;
  return exercise.first <= at && at <= exercise.last;
}
