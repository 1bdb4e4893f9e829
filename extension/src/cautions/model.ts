import type { ICellModel } from '@jupyterlab/cells';
import { NotebookActions, type Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IInspector } from '../kernel';
import { align } from '../lines/align';
import type { Caution, CautionKind, Cautions } from '../protocol';

/** How long to wait before a question that the kernel dropped is asked again, in ms. */
const RETRY_DELAY = 100;

/** A cell as it was run, and what the kernel warns of in it. */
export interface IWarned {
  readonly source: string;
  readonly cautions: readonly Caution[];
}

/** One warning, the cell it is of, and the text of the cell as it was run. */
export interface IWarning {
  readonly cell: ICellModel;
  readonly source: string;
  readonly caution: Caution;
}

/** The warnings of one notebook: asked for after every run while they are wanted. */
export class CautionsModel implements IDisposable {
  constructor(notebook: Notebook, inspector: IInspector) {
    this._notebook = notebook;
    this._inspector = inspector;
    inspector.stateChanged.connect(this._onStateChanged, this);
    inspector.executed.connect(this._refresh, this);
    NotebookActions.executionScheduled.connect(this._onScheduled, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted while somebody types in a cell with warnings: some may not stand any more. */
  get edited(): ISignal<this, void> {
    return this._edited;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** What was warned of, by cell; the cell that ran last comes last. */
  get warned(): ReadonlyMap<ICellModel, IWarned> {
    return this._warned;
  }

  /** All warnings that still stand, those of the cell that ran last first. */
  get warnings(): IWarning[] {
    return Array.from(this._warned)
      .reverse()
      .flatMap(([cell, { source, cautions }]) => {
        if (cautions.length === 0) {
          return [];
        }
        const places = align(source, cell.sharedModel.getSource());
        return cautions
          .filter(caution => places.get(caution.spot.line)?.same)
          .map(caution => ({ cell, source, caution }));
      })
      .filter(({ caution }) => !this._dismissed.has(caution));
  }

  /** The one to show: the chosen one while it stands, else the first. */
  get current(): IWarning | null {
    const { warnings } = this;
    const chosen = warnings.find(({ caution }) => caution === this._chosen);
    return chosen ?? warnings[0] ?? null;
  }

  /** What failed inside of us when the kernel was last asked: a sentence, or null. */
  get problem(): string | null {
    return this._problem;
  }

  /** Turns warnings on or off; `off` are the kinds that are not wanted. */
  want(value: boolean, off: readonly CautionKind[]): void {
    const isNew = value && off.join() !== this._off.join();
    const wasOn = this._isOn;
    this._isOn = value;
    this._off = off;
    if (value && (isNew || !wasOn)) {
      // What was told of with other kinds switched off is to be told again.
      this._since = 0;
      this._refresh();
    } else if (!value && wasOn) {
      this._forget();
      if (this._isListening) {
        void this._inspector.ask({
          kind: 'cautions',
          since: 0,
          watch: false,
          off: []
        });
      }
    }
  }

  /** Shows the next one; after the last comes the first. */
  next(): void {
    const { current, warnings } = this;
    const at = warnings.findIndex(
      ({ caution }) => caution === current?.caution
    );
    this.choose(warnings[(at + 1) % warnings.length]?.caution ?? null);
  }

  choose(caution: Caution | null): void {
    this._chosen = caution;
    this._changed.emit();
  }

  /** Takes one away until its cell runs again. */
  dismiss(caution: Caution): void {
    this._dismissed.add(caution);
    this._changed.emit();
  }

  isDismissed(caution: Caution): boolean {
    return this._dismissed.has(caution);
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.clearTimeout(this._retry);
    this._forget();
    NotebookActions.executionScheduled.disconnect(this._onScheduled, this);
    this._inspector.dispose();
    Signal.clearData(this);
  }

  /** Remembers what the kernel is about to run: the answer speaks of that, whatever is typed meanwhile. */
  private _onScheduled(
    _: unknown,
    args: { notebook: Notebook; cell: { model: ICellModel } }
  ): void {
    const { model } = args.cell;
    if (args.notebook === this._notebook && model.type === 'code') {
      this._sources.set(model, model.sharedModel.getSource());
    }
  }

  private _onStateChanged(): void {
    switch (this._inspector.state) {
      case 'idle':
        // The first question lets the kernel begin to watch.
        if (this._isNew) {
          this._isNew = false;
          this._refresh();
        }
        break;
      case 'busy':
        break;
      default:
        this._isNew = true;
        this._forget();
    }
  }

  /** Asks; calls while an answer is awaited make one more question. */
  private _refresh(): void {
    this._isWanted = this._isOn && this._isListening;
    if (this._isWanted && !this._isAsking) {
      this._isAsking = true;
      void this._askWhileWanted().finally(() => {
        this._isAsking = false;
      });
    }
  }

  private async _askWhileWanted(): Promise<void> {
    while (this._isWanted) {
      this._isWanted = false;
      const answer = await this._inspector.ask({
        kind: 'cautions',
        since: this._since,
        watch: true,
        off: this._off
      });
      if (this._isDisposed || !this._isOn) {
        return;
      }
      // A newer run makes this answer an old one.
      if (answer.kind === 'cautions' && !this._isWanted) {
        this._take(answer);
      } else if (answer.kind === 'no reply' && answer.reason === 'aborted') {
        window.clearTimeout(this._retry);
        this._retry = window.setTimeout(() => this._refresh(), RETRY_DELAY);
      }
    }
  }

  private _take(answer: Cautions): void {
    this._since = answer.revision;
    this._problem = answer.problem;
    const cells = new Map(
      Array.from(this._notebook.model?.cells ?? [], cell => [cell.id, cell])
    );
    for (const { cell_id: id, cautions } of answer.cells) {
      const cell = id === null ? undefined : cells.get(id);
      const source = cell && this._sources.get(cell);
      if (!cell || source === undefined) {
        continue;
      }
      this._drop(cell);
      this._warned.set(cell, { source, cautions });
      if (cautions.length > 0) {
        cell.contentChanged.connect(this._onEdited, this);
        cell.sharedModel.disposed.connect(this._onDeleted, this);
      }
    }
    this._changed.emit();
  }

  private _onEdited(): void {
    this._edited.emit();
  }

  /** A cell has left the notebook, and what was told of it goes too. */
  private _onDeleted(): void {
    for (const cell of Array.from(this._warned.keys())) {
      if (cell.isDisposed) {
        this._drop(cell);
      }
    }
    this._changed.emit();
  }

  private _drop(cell: ICellModel): void {
    cell.contentChanged.disconnect(this._onEdited, this);
    cell.sharedModel.disposed.disconnect(this._onDeleted, this);
    this._warned.delete(cell);
  }

  private get _isListening(): boolean {
    const { state } = this._inspector;
    return state === 'idle' || state === 'busy';
  }

  private _forget(): void {
    for (const cell of Array.from(this._warned.keys())) {
      this._drop(cell);
    }
    this._since = 0;
    this._problem = null;
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private _notebook: Notebook;
  private _inspector: IInspector;
  /** The text of each cell as it was last sent to run. */
  private _sources = new WeakMap<ICellModel, string>();
  private _warned = new Map<ICellModel, IWarned>();
  private _dismissed = new WeakSet<Caution>();
  private _chosen: Caution | null = null;
  private _off: readonly CautionKind[] = [];
  private _since = 0;
  private _problem: string | null = null;
  private _isOn = false;
  private _isNew = true;
  private _isWanted = false;
  private _isAsking = false;
  private _retry = 0;
  private _changed = new Signal<this, void>(this);
  private _edited = new Signal<this, void>(this);
  private _isDisposed = false;
}
