import type { ICellModel } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { Asker } from '../asker';
import type { IInspector } from '../kernel';
import type { LineShape, Lines } from '../protocol';
import { SentCells } from '../sentcells';
import type { Names, Sizes } from '../tensors/sizes';
import type { IExplained } from '../tokens';
import type { ChipBoard } from './board';
import { failureChip, onePerLine, shapeChips } from './chips';

/** What the kernel tells of a cell that it does not know. */
const NOTHING = { execution_count: null, lines: null };

/** A run of a cell that the kernel has told of. */
interface IRan {
  readonly source: string;
  readonly count: number | null;
  readonly lines: readonly LineShape[];
}

/** The shapes of one notebook's lines: asked for after every run while they are wanted. */
export class LinesModel implements IDisposable {
  constructor(options: LinesModel.IOptions) {
    this._options = options;
    const { inspector, explained } = options;
    this._asker = new Asker<'lines'>({
      inspector,
      question: (since, watch) => ({ kind: 'lines', since, watch }),
      take: answer => this._take(answer),
      forget: () => this._forget()
    });
    this._scheduled = new SentCells(options.notebook);
    explained?.changed.connect(this._onExplained, this);
  }

  /** Emitted when other lines have shapes, or other shapes. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether the lines show their shapes; while they do not, the kernel is not asked. */
  get isOn(): boolean {
    return this._asker.isOn;
  }
  set isOn(value: boolean) {
    if (!value) {
      this._asker.end();
    } else if (!this.isOn) {
      this._asker.begin();
    }
  }

  /** What the code calls the dimensions of a tensor; only where it has this very shape. */
  namesOf(tensor: string, shape: Sizes): Names {
    const wanted = JSON.stringify(shape);
    let found: Names = null;
    for (const { lines } of this._ran.values()) {
      for (const { name, dims, shape: own } of lines) {
        if (name === tensor && dims && JSON.stringify(own) === wanted) {
          found = dims;
        }
      }
    }
    return found;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._asker.dispose();
    this._forget();
    this._scheduled.dispose();
    this._options.explained?.changed.disconnect(this._onExplained, this);
    Signal.clearData(this);
  }

  private _onExplained(): void {
    const cell = this._options.explained?.where()?.cell;
    const source = cell && this._scheduled.get(cell);
    if (cell && source !== undefined) {
      this._scheduled.delete(cell);
      this._ran.set(cell, { source, count: null, lines: [] });
    }
    this._putUp();
  }

  private _take(answer: Lines): void {
    const told = new Map(answer.cells.map(cell => [cell.cell_id, cell]));
    for (const cell of this._options.notebook.model?.cells ?? []) {
      const { execution_count: count, lines } = told.get(cell.id) ?? NOTHING;
      const before = this._ran.get(cell);
      const source = this._scheduled.get(cell);
      if (lines && source !== undefined && before?.count !== count) {
        this._scheduled.delete(cell);
        this._ran.set(cell, { source, count, lines });
      } else if (lines && before) {
        this._ran.set(cell, { ...before, count, lines });
      }
    }
    this._putUp();
  }

  private _putUp(): void {
    if (!this.isOn) {
      return;
    }
    const { board, trans, explained } = this._options;
    const failure = explained?.where() ?? null;
    for (const [cell, { source, lines }] of this._ran) {
      const chips = shapeChips(lines, trans);
      if (failure?.cell === cell) {
        chips.push(failureChip(failure.line, failure.summary, trans));
      }
      board.put(
        cell,
        chips.length > 0 ? { source, chips: onePerLine(chips) } : null
      );
    }
    this._changed.emit();
  }

  private _forget(): void {
    for (const cell of this._ran.keys()) {
      this._options.board.put(cell, null);
    }
    this._ran.clear();
    this._changed.emit();
  }

  private _options: LinesModel.IOptions;
  private _asker: Asker<'lines'>;
  /** The text of each cell that the kernel has not told of since it was sent. */
  private _scheduled: SentCells;
  private _ran = new Map<ICellModel, IRan>();
  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
}

export namespace LinesModel {
  export interface IOptions {
    notebook: Notebook;
    /** Of the notebook's kernel; disposed of with the model. */
    inspector: IInspector;
    board: ChipBoard;
    /** What is known of the last failure; null where that is not to be shown. */
    explained: IExplained | null;
    trans: TranslationBundle;
  }
}
