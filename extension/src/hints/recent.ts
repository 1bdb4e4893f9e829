import type { ICellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Explanation } from '../protocol';
import type { IExplained, IExplanations } from '../tokens';
import { findExercises, type IExercise } from './exercise';

/** What has happened in a notebook since its reader last opened a hint. */
export class Recent implements IDisposable {
  /**
   * @param explanations why runs failed; null where nobody can tell.
   */
  constructor(explanations: IExplanations | null) {
    this._explanations = explanations;
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
    this._panel = panel;
    this._explained = (panel && this._explanations?.of(panel)) ?? null;
    this._explained?.changed.connect(this._onExplained, this);
  }

  /** Why the last run failed, where that was in a line of the exercise. */
  failure(
    exercise: IExercise,
    cells: readonly ICellModel[]
  ): Explanation | null {
    const explained = this._explained;
    const cell = explained?.where()?.cell;
    const at = cell ? cells.indexOf(cell) : -1;
    return explained && exercise.first <= at && at <= exercise.last
      ? explained.explanation
      : null;
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
    const cells = Array.from(this._panel?.content.model?.cells ?? []);
    findExercises(cells)
      .filter(exercise => this.failure(exercise, cells))
      .forEach(exercise => this.mark(cells[exercise.answer]));
    this._changed.emit();
  }

  private _explanations: IExplanations | null;
  private _panel: NotebookPanel | null = null;
  private _explained: IExplained | null = null;
  private _answers = new WeakSet<ICellModel>();
  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
}
