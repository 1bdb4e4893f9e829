import type { Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IInspector, IRun } from '../kernel';
import type { Explanation } from '../protocol';
import { Retry } from '../retry';
import type { IExplained, IFailedLine } from '../tokens';
import { spotOf, type ISpot } from './where';

/** How long an explanation may stay while the next one is awaited, in ms: it is the wrong one by then. */
const PATIENCE = 300;

/**
 * Why the last run in one notebook failed: asked once, after a run that raised, or in which a check
 * caught what the answer raised.
 */
export class ExplainModel implements IExplained, IDisposable {
  constructor(notebook: Notebook, inspector: IInspector) {
    this._notebook = notebook;
    this._inspector = inspector;
    inspector.executed.connect(this._onExecuted, this);
    inspector.stateChanged.connect(this._onStateChanged, this);
  }

  /** null where nothing failed, or where there is nothing to explain. */
  get explanation(): Explanation | null {
    return this._explanation;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._retry.cancel();
    window.clearTimeout(this._end);
    this._inspector.dispose();
    Signal.clearData(this);
  }

  /** Where the failing expression stands by now; null where it is in none of the cells. */
  spot(): ISpot | null {
    const explanation = this._explanation;
    return (
      explanation &&
      spotOf(
        this._notebook.model?.cells ?? [],
        explanation.place,
        explanation.expression
      )
    );
  }

  where(): IFailedLine | null {
    const spot = this.spot();
    const summary = this._explanation?.summary ?? '';
    return spot && { cell: spot.cell, line: spot.line, summary };
  }

  private _onExecuted(_: unknown, run: IRun): void {
    this._run++;
    window.clearTimeout(this._end);
    if (run.failed || run.raised !== undefined) {
      this._end = window.setTimeout(() => this._show(null), PATIENCE);
      void this._ask(this._run, run.failed ? undefined : run.raised);
    } else {
      this._show(null);
    }
  }

  /** Without `raised` about the error that ended the run. */
  private async _ask(run: number, raised?: string): Promise<void> {
    const answer = await this._inspector.ask(
      raised === undefined ? { kind: 'explain' } : { kind: 'explain', raised }
    );
    if (this._isDisposed || run !== this._run) {
      return;
    }
    const askAgain = () => {
      if (run === this._run) {
        void this._ask(run, raised);
      }
    };
    if (this._retry.ifDropped(answer, askAgain)) {
      return;
    }
    window.clearTimeout(this._end);
    this._show(answer.kind === 'explanation' ? answer : null);
  }

  private _onStateChanged(): void {
    const { state } = this._inspector;
    if (state !== 'idle' && state !== 'busy') {
      this._run++;
      this._show(null);
    }
  }

  private _show(explanation: Explanation | null): void {
    if (explanation !== this._explanation) {
      this._explanation = explanation;
      this._changed.emit();
    }
  }

  private _notebook: Notebook;
  private _inspector: IInspector;
  private _explanation: Explanation | null = null;
  /** Counts the runs: an answer that belongs to an older one is dropped. */
  private _run = 0;
  private _retry = new Retry();
  private _end = 0;
  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
}
