import type { ICellModel } from '@jupyterlab/cells';
import { NotebookActions, type Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IInspector } from '../kernel';
import type { LineShape, Lines } from '../protocol';
import type { Names, Sizes } from '../tensors/sizes';
import type { IExplained } from '../tokens';
import type { ChipBoard } from './board';
import { failureChip, onePerLine, shapeChips } from './chips';

/** How long to wait before a question that the kernel dropped is asked again, in ms. */
const RETRY_DELAY = 100;

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
    inspector.stateChanged.connect(this._onStateChanged, this);
    inspector.executed.connect(this._refresh, this);
    explained?.changed.connect(this._onExplained, this);
    NotebookActions.executionScheduled.connect(this._onScheduled, this);
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
    return this._isOn;
  }
  set isOn(value: boolean) {
    if (value === this._isOn) {
      return;
    }
    this._isOn = value;
    if (value) {
      this._refresh();
    } else {
      this._forget();
      if (this._isListening) {
        const { inspector } = this._options;
        void inspector.ask({ kind: 'lines', since: 0, watch: false });
      }
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
    window.clearTimeout(this._retry);
    this._forget();
    NotebookActions.executionScheduled.disconnect(this._onScheduled, this);
    this._options.explained?.changed.disconnect(this._onExplained, this);
    this._options.inspector.dispose();
    Signal.clearData(this);
  }

  /** Remembers what the kernel is about to run: the answer speaks of that, whatever is typed meanwhile. */
  private _onScheduled(
    _: unknown,
    args: { notebook: Notebook; cell: { model: ICellModel } }
  ): void {
    const { model } = args.cell;
    if (args.notebook === this._options.notebook && model.type === 'code') {
      this._scheduled.set(model, model.sharedModel.getSource());
    }
  }

  private _onStateChanged(): void {
    switch (this._options.inspector.state) {
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

  private _onExplained(): void {
    const cell = this._options.explained?.where()?.cell;
    const source = cell && this._scheduled.get(cell);
    if (cell && source !== undefined) {
      this._scheduled.delete(cell);
      this._ran.set(cell, { source, count: null, lines: [] });
    }
    this._putUp();
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
      const since = this._since;
      const answer = await this._options.inspector.ask({
        kind: 'lines',
        since,
        watch: true
      });
      if (this._isDisposed || !this._isOn) {
        return;
      }
      // A newer run makes this answer an old one.
      if (answer.kind === 'lines' && !this._isWanted) {
        this._take(answer);
      } else if (answer.kind === 'no reply' && answer.reason === 'aborted') {
        window.clearTimeout(this._retry);
        this._retry = window.setTimeout(() => this._refresh(), RETRY_DELAY);
      }
    }
  }

  private _take(answer: Lines): void {
    this._since = answer.revision;
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
    if (!this._isOn) {
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

  private get _isListening(): boolean {
    const { state } = this._options.inspector;
    return state === 'idle' || state === 'busy';
  }

  private _forget(): void {
    for (const cell of this._ran.keys()) {
      this._options.board.put(cell, null);
    }
    this._ran.clear();
    this._scheduled.clear();
    this._since = 0;
    this._changed.emit();
  }

  private _options: LinesModel.IOptions;
  /** The text of each cell that the kernel has not told of since it was sent. */
  private _scheduled = new Map<ICellModel, string>();
  private _ran = new Map<ICellModel, IRan>();
  private _since = 0;
  private _isOn = false;
  private _isNew = true;
  private _isWanted = false;
  private _isAsking = false;
  private _retry = 0;
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
