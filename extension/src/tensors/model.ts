import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Answer, IInspector, KernelState } from '../kernel';
import type {
  Failure,
  InspectorReply,
  Snapshot,
  TensorDetail
} from '../protocol';
import { Retry } from '../retry';
import type { ILive, IWatcher } from '../tokens';
import type { Names, Sizes } from './sizes';

/** What is known of the tensor whose row is open. */
export interface IOpenTensor {
  readonly name: string;
  /** null while its elements are read for the first time. */
  readonly detail: TensorDetail | Failure | null;
}

/** The live tensors of the kernel at hand: asked for only while somebody looks. */
export class TensorsModel implements IDisposable, IWatcher {
  constructor(
    inspector: IInspector,
    /** What the dimensions of a tensor are called, null where that is not known. */
    readonly namesOf: (tensor: string, shape: Sizes) => Names = () => null,
    live: ILive | null = null
  ) {
    this._inspector = inspector;
    this._live = live;
    live?.watch(this);
    live?.changed.connect(this._onLiveChanged, this);
    inspector.stateChanged.connect(this._onStateChanged, this);
    inspector.executed.connect(this._onExecuted, this);
  }

  get kernel(): KernelState {
    return this._inspector.state;
  }

  /** null before the first answer, and whenever there is no kernel to answer. */
  get snapshot(): Snapshot | Failure | null {
    return this._snapshot;
  }

  /** Whether the kernel lacks the inspector. */
  get isMissing(): boolean {
    return this._isMissing;
  }

  /** Whether a cell is running since the list was made. */
  get isStale(): boolean {
    return this._isStale;
  }

  /** Whether the list follows a cell while it runs; null where that is not known. */
  get isLivePossible(): boolean | null {
    return this._live?.isPossible ?? null;
  }

  /** Whether the list is to follow the running cell. */
  get isWatching(): boolean {
    return this._isVisible && this._autoRefresh && !this._isDisposed;
  }

  readonly question = { kind: 'snapshot' } as const;

  /** What a running cell has by now. The open tensor is read when the cell ends: a loop may be writing it. */
  take(answer: InspectorReply): void {
    if (this._isBusy && this.isWatching && answer.kind === 'snapshot') {
      this._take(answer);
    }
  }

  get open(): IOpenTensor | null {
    return this._open;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether to ask after every run; else only `refresh` asks. */
  get autoRefresh(): boolean {
    return this._autoRefresh;
  }
  set autoRefresh(value: boolean) {
    this._autoRefresh = value;
    this._live?.look();
    this._refreshIfLooked();
  }

  /** Whether the panel can be seen. */
  get isVisible(): boolean {
    return this._isVisible;
  }
  set isVisible(value: boolean) {
    this._isVisible = value;
    this._live?.look();
    this._refreshIfLooked();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._retry.cancel();
    this._live?.changed.disconnect(this._onLiveChanged, this);
    this._inspector.dispose();
    Signal.clearData(this);
  }

  /** Asks for the list, and for the open tensor. Calls while one is under way make one more. */
  refresh(): Promise<void> {
    this._isWanted = true;
    this._isStale = true;
    this._refreshing ??= this._refreshWhileWanted().finally(() => {
      this._refreshing = null;
    });
    return this._refreshing;
  }

  /** Some dimensions are called otherwise by now. */
  rename(): void {
    this._changed.emit();
  }

  /** Opens the row of a tensor, or closes it when it is open. */
  async toggle(name: string): Promise<void> {
    if (this._open?.name === name) {
      this.close();
      return;
    }
    this._open = { name, detail: null };
    this._index = [];
    this._changed.emit();
    await this._readDetail();
  }

  close(): void {
    this._open = null;
    this._changed.emit();
  }

  /** Shows another slice of the open tensor: one index for each leading dimension. */
  async slice(index: readonly number[]): Promise<void> {
    this._index = index;
    await this._readDetail();
  }

  private async _refreshWhileWanted(): Promise<void> {
    while (this._isWanted && !this._isDisposed) {
      this._isWanted = false;
      const answer = await this._inspector.ask({ kind: 'snapshot' });
      if (this._take(answer)) {
        await this._readDetail();
      }
    }
  }

  /** Keeps the answer; returns whether it is one. */
  private _take(answer: Answer): boolean {
    if (this._isDisposed) {
      return false;
    }
    switch (answer.kind) {
      case 'snapshot':
      case 'failure':
        this._snapshot = answer;
        this._isMissing = false;
        this._isStale = false;
        this._changed.emit();
        return true;
      case 'no reply':
        if (answer.reason === 'missing') {
          this._isMissing = true;
          this._snapshot = null;
          this._changed.emit();
        } else {
          this._askAgainIfDropped(answer);
        }
        return false;
      default:
        return false;
    }
  }

  private async _readDetail(): Promise<void> {
    const name = this._open?.name;
    if (name === undefined) {
      return;
    }
    const asked = this._index;
    const index = asked.length > 0 ? { index: asked } : {};
    const answer = await this._inspector.ask({
      kind: 'detail',
      name,
      ...index
    });
    if (this._open?.name !== name || this._index !== asked) {
      return;
    }
    if (answer.kind === 'failure' && answer.reason === 'bad request') {
      // The tensor has another shape by now: back to its first slice.
      if (asked.length > 0) {
        return this.slice([]);
      }
    }
    if (answer.kind === 'detail' || answer.kind === 'failure') {
      this._open = { name, detail: answer };
      this._changed.emit();
    } else {
      this._askAgainIfDropped(answer);
    }
  }

  private _askAgainIfDropped(answer: Answer): void {
    this._retry.ifDropped(answer, () => void this.refresh());
  }

  private _onLiveChanged(): void {
    this._changed.emit();
  }

  private _onExecuted(): void {
    this._refreshIfLooked();
  }

  private _onStateChanged(): void {
    switch (this._inspector.state) {
      case 'idle':
        if (!this._snapshot) {
          this._refreshIfLooked();
        }
        break;
      case 'busy':
        break;
      default:
        this._snapshot = null;
        this._isMissing = false;
        this._open = null;
    }
    this._changed.emit();
  }

  private _refreshIfLooked(): void {
    const asks = this._inspector.state === 'idle' || this._isBusy;
    if (this._isVisible && this._autoRefresh && asks) {
      void this.refresh();
    }
  }

  private get _isBusy(): boolean {
    return this._inspector.state === 'busy';
  }

  private _inspector: IInspector;
  private _live: ILive | null;
  private _snapshot: Snapshot | Failure | null = null;
  private _open: IOpenTensor | null = null;
  private _index: readonly number[] = [];
  private _isMissing = false;
  private _isStale = false;
  private _isVisible = false;
  private _autoRefresh = true;
  private _isWanted = false;
  private _refreshing: Promise<void> | null = null;
  private _retry = new Retry();
  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
}
