import type { ICellModel } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { Asker } from '../asker';
import type { IInspector } from '../kernel';
import { align } from '../lines/align';
import type { Caution, CautionKind, Cautions } from '../protocol';
import { SentCells } from '../sentcells';

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
    this._sources = new SentCells(notebook);
    this._asker = new Asker<'cautions'>({
      inspector,
      question: (since, watch) => ({
        kind: 'cautions',
        since,
        watch,
        off: watch ? this._off : []
      }),
      take: answer => this._take(answer),
      forget: () => this._forget()
    });
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
    const isOther = off.join() !== this._off.join();
    this._off = off;
    if (!value) {
      this._asker.end();
    } else if (isOther || !this._asker.isOn) {
      // What was told of with other kinds switched off is to be told again.
      this._asker.begin();
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
    this._asker.dispose();
    this._forget();
    this._sources.dispose();
    Signal.clearData(this);
  }

  private _take(answer: Cautions): void {
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

  private _forget(): void {
    for (const cell of Array.from(this._warned.keys())) {
      this._drop(cell);
    }
    this._problem = null;
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private _notebook: Notebook;
  private _asker: Asker<'cautions'>;
  /** The text of each cell as it was last sent to run. */
  private _sources: SentCells;
  private _warned = new Map<ICellModel, IWarned>();
  private _dismissed = new WeakSet<Caution>();
  private _chosen: Caution | null = null;
  private _off: readonly CautionKind[] = [];
  private _problem: string | null = null;
  private _changed = new Signal<this, void>(this);
  private _edited = new Signal<this, void>(this);
  private _isDisposed = false;
}
