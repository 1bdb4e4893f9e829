import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Answer, IInspector, IWish } from '../kernel';
import type { Exploration, Failure, TensorSummary } from '../protocol';
import { Retry } from '../retry';
import type { ExplorerName } from '../tokens';
import { equationFor, PAIRS, partnerOf } from './fitting';

/** One explorer on tensors of the kernel at hand: asked again when it changes, and after each run. */
export class ExploreModel implements IDisposable {
  constructor(inspector: IInspector) {
    this._inspector = inspector;
    inspector.executed.connect(this._onExecuted, this);
    inspector.stateChanged.connect(this._onStateChanged, this);
  }

  /** null while no explorer is open. */
  get wish(): IWish | null {
    return this._wish;
  }

  /** null until the first answer. A failure stands beside the last drawing. */
  get exploration(): Exploration | null {
    return this._exploration;
  }

  get failure(): Failure | null {
    return this._failure;
  }

  /** The tensors of the notebook, to choose another one from. */
  get tensors(): readonly TensorSummary[] {
    return this._tensors;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether the section can be seen: only then the kernel is asked. */
  get isVisible(): boolean {
    return this._isVisible;
  }
  set isVisible(value: boolean) {
    const asks = value && !this._isVisible && this._isOld;
    this._isVisible = value;
    if (asks) {
      void this.refresh();
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._retry.cancel();
    this._inspector.dispose();
    Signal.clearData(this);
  }

  /** Opens an explorer; where it takes two tensors, one that fits is found for the second. */
  async open(explorer: ExplorerName, tensor: TensorSummary): Promise<void> {
    this._exploration = this._failure = null;
    this._wish = { explorer, names: [tensor.name] };
    this._changed.emit();
    const wish = this._wish;
    await this._readTensors();
    if (this._wish === wish) {
      await this.change(this._completed(wish, tensor));
    }
  }

  /** Asks for another explorer, other tensors or other options. */
  async change(patch: Partial<IWish>): Promise<void> {
    if (this._wish) {
      this._wish = { ...this._wish, ...patch };
      this._changed.emit();
      await this._ask();
    }
  }

  close(): void {
    this._wish = null;
    this._exploration = this._failure = null;
    this._changed.emit();
  }

  /** Asks for the tensors and the drawing again. */
  async refresh(): Promise<void> {
    if (this._wish) {
      await this._readTensors();
      await this._ask();
    }
  }

  /** What an explorer needs besides the tensor it was opened on. */
  private _completed(wish: IWish, tensor: TensorSummary): Partial<IWish> {
    if (!PAIRS.has(wish.explorer)) {
      return {};
    }
    const name = partnerOf(wish.explorer, tensor, this._tensors);
    const names = [tensor.name, name];
    if (wish.explorer !== 'einsum') {
      return { names };
    }
    const other = this._tensors.find(one => one.name === name) ?? tensor;
    return { names, equation: equationFor(tensor, other) };
  }

  private async _readTensors(): Promise<void> {
    const answer = await this._inspector.ask({ kind: 'snapshot' });
    if (!this._isDisposed && answer.kind === 'snapshot') {
      this._tensors = answer.tensors;
    }
  }

  private async _ask(): Promise<void> {
    const wish = this._wish;
    if (!wish) {
      return;
    }
    this._isOld = false;
    const answer = await this._inspector.ask({ kind: 'explore', ...wish });
    if (!this._isDisposed && wish === this._wish) {
      this._take(answer);
    }
  }

  private _take(answer: Answer): void {
    switch (answer.kind) {
      case 'exploration':
        // The same drawing is kept as it stands, with the step that was chosen.
        if (answer.text !== this._exploration?.text) {
          this._exploration = answer;
        }
        this._failure = null;
        break;
      case 'failure':
        this._failure = answer;
        break;
      case 'no reply':
        this._isOld = true;
        this._retry.ifDropped(answer, () => void this._ask());
        return;
      default:
        return;
    }
    this._changed.emit();
  }

  private _onExecuted(): void {
    this._isOld = true;
    if (this._isVisible) {
      void this.refresh();
    }
  }

  private _onStateChanged(): void {
    const { state } = this._inspector;
    if (state !== 'idle' && state !== 'busy' && this._wish) {
      this.close();
    }
  }

  private _inspector: IInspector;
  private _wish: IWish | null = null;
  private _exploration: Exploration | null = null;
  private _failure: Failure | null = null;
  private _tensors: readonly TensorSummary[] = [];
  /** Whether something ran since the drawing was made. */
  private _isOld = false;
  private _isVisible = false;
  private _retry = new Retry();
  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
}
