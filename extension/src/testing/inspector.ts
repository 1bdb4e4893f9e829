import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import type {
  Answer,
  IInspector,
  IRun,
  KernelState,
  Question
} from '../kernel';
import type {
  Live,
  LiveCurve,
  Snapshot,
  TensorDetail,
  TensorSummary
} from '../protocol';
import type { ISaid } from '../subshell';

/** An inspector that keeps every question until the test answers it. */
export class FakeInspector implements IInspector {
  state: KernelState = 'idle';
  isDisposed = false;
  readonly stateChanged = new Signal<this, void>(this);
  readonly executed = new Signal<this, IRun>(this);
  readonly questions: Question[] = [];

  ask(question: Question): Promise<Answer> {
    const answer = new PromiseDelegate<Answer>();
    this.questions.push(question);
    this._waiting.push(answer);
    return answer.promise;
  }

  canPeek: boolean | null = null;

  /** What `peek` was asked, each time. */
  readonly peeked: (readonly Question[])[] = [];

  async prepare(): Promise<Answer> {
    return this.ask({ kind: 'live', run: 0, since: 0, gradients: false });
  }

  peek(questions: readonly Question[]): Promise<ISaid | null> {
    const said = new PromiseDelegate<ISaid | null>();
    this.peeked.push(questions);
    this._peeking.push(said);
    return said.promise;
  }

  /** Answers the oldest peek. */
  say(said: ISaid | null): void {
    const waiting = this._peeking.shift();
    if (!waiting) {
      throw new Error('nobody has peeked');
    }
    waiting.resolve(said);
  }

  /** Questions without an answer so far. */
  get waiting(): number {
    return this._waiting.length;
  }

  /** Answers the oldest question. */
  answer(answer: Answer): void {
    const waiting = this._waiting.shift();
    if (!waiting) {
      throw new Error('nobody has asked');
    }
    waiting.resolve(answer);
  }

  /** A cell was run. */
  run(failed = false, raised?: string): void {
    this.executed.emit({ failed, raised });
  }

  turn(state: KernelState): void {
    this.state = state;
    this.stateChanged.emit();
  }

  dispose(): void {
    this.isDisposed = true;
    Signal.clearData(this);
  }

  private _peeking: PromiseDelegate<ISaid | null>[] = [];
  private _waiting: PromiseDelegate<Answer>[] = [];
}

export function summary(patch: Partial<TensorSummary> = {}): TensorSummary {
  return {
    name: 'x',
    group: null,
    type: 'Tensor',
    shape: [2, 3],
    dtype: 'float32',
    device: 'cpu',
    layout: 'strided',
    requires_grad: false,
    grad: null,
    is_leaf: true,
    is_parameter: false,
    bytes: 24,
    storage_bytes: 24,
    contiguous: true,
    stride: [3, 1],
    storage_offset: 0,
    version: 0,
    relation: 'owns',
    view_of: null,
    ...patch
  };
}

export function snapshot(...names: string[]): Snapshot {
  return {
    kind: 'snapshot',
    version: 1,
    torch: '2.13.0',
    message: null,
    tensors: names.map(name => summary({ name })),
    groups: [],
    found: names.length,
    omitted: 0,
    complete: true,
    storage_bytes: 24 * names.length,
    devices: [{ device: 'cpu', bytes: 24 * names.length }]
  };
}

export function detail(name: string): TensorDetail {
  return {
    kind: 'detail',
    version: 1,
    summary: summary({ name }),
    read: 6,
    sampled: false,
    statistics: null,
    histogram: null,
    heatmap: null,
    values: ['1', '2', '3', '4', '5', '6'],
    values_complete: true,
    notes: []
  };
}

export function curve(patch: Partial<LiveCurve> = {}): LiveCurve {
  return {
    name: 'loss',
    scope: null,
    group: 'loss',
    times: [0.3],
    values: [2.3],
    ...patch
  };
}

export function live(patch: Partial<Live> = {}): Live {
  return {
    kind: 'live',
    version: 1,
    run: 1,
    execution_count: 5,
    running: true,
    seconds: 0.3,
    sample: 1,
    curves: [curve()],
    unread: [],
    gradients_left_out: 0,
    subshell: null,
    ...patch
  };
}
