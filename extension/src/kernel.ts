import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { asObject } from './hints/metadata';
import { parseReport, raisedIn, REPORT_MIME_TYPE } from './hints/report';
import type { CautionKind, Exploration, InspectorReply } from './protocol';
import { openSubshell, type ISaid, type Subshell } from './subshell';

/** What the kernel is doing, as far as a panel must tell it apart. */
export type KernelState =
  | 'none'
  | 'starting'
  | 'restarting'
  | 'idle'
  | 'busy'
  | 'dead'
  /** A kernel of another language than Python. */
  | 'foreign';

/** What a panel can ask. */
export type Question =
  | { readonly kind: 'snapshot' }
  | {
      readonly kind: 'detail';
      readonly name: string;
      readonly index?: readonly number[];
    }
  | {
      readonly kind: 'lines';
      /** The revision of the last answer. */
      readonly since: number;
      /** Whether to begin watching the cells, or to end it. */
      readonly watch: boolean;
    }
  | {
      readonly kind: 'explain';
      /** The error that a check caught in the run, as its report tells it. */
      readonly raised?: string;
    }
  | {
      readonly kind: 'live';
      /** The run and the sample of the last answer. */
      readonly run: number;
      readonly since: number;
      /** Whether to read gradients too. */
      readonly gradients: boolean;
    }
  | {
      readonly kind: 'cautions';
      /** The revision of the last answer. */
      readonly since: number;
      readonly watch: boolean;
      /** The kinds that are switched off. */
      readonly off: readonly CautionKind[];
    }
  | {
      readonly kind: 'flow';
      /** The revision of the last answer. */
      readonly since: number;
      /** The cell whose next run shall be traced; empty for none any more. */
      readonly trace?: string;
    }
  | ({ readonly kind: 'explore' } & IWish);

/** Which explorer of which tensors; what is left out has torch's default. */
export interface IWish {
  readonly explorer: Exploration['explorer'];
  /** The first is the one that was opened. */
  readonly names: readonly string[];
  readonly equation?: string;
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
}

/** How a run ended. */
export interface IRun {
  /** Whether it raised. */
  readonly failed: boolean;
  /** The error that a check caught meanwhile, as its report tells it. */
  readonly raised?: string;
}

/** Why there is no reply of the inspector. */
export interface INoReply {
  readonly kind: 'no reply';
  /**
   * missing: the kernel cannot import the inspector. aborted: the kernel dropped the question, since a cell
   * before it failed. gone: the kernel ended, or another one is at hand by now.
   */
  readonly reason: 'missing' | 'aborted' | 'gone';
}

export type Answer = InspectorReply | INoReply;

/** The one door to the inspector in the kernel. */
export interface IInspector extends IDisposable {
  readonly state: KernelState;
  readonly stateChanged: ISignal<IInspector, void>;
  /** Emitted when the kernel is done with a cell, or with anything else a user ran. */
  readonly executed: ISignal<IInspector, IRun>;
  ask(question: Question): Promise<Answer>;
  /** Whether `peek` gets an answer; null before `prepare` has found that out. */
  readonly canPeek: boolean | null;
  /** Lets the kernel answer while it runs a cell, where it can; to be called while it is idle. */
  prepare(): Promise<Answer>;
  /** Asks a kernel that runs a cell, on a thread of its own; null where there is no answer. */
  peek(questions: readonly Question[]): Promise<ISaid | null>;
}

/** Asks the kernel of a session with one short silent request. */
export class KernelInspector implements IInspector {
  get state(): KernelState {
    return this._state;
  }

  get stateChanged(): ISignal<this, void> {
    return this._stateChanged;
  }

  get executed(): ISignal<this, IRun> {
    return this._executed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this.follow(null);
    this._isDisposed = true;
    for (const subshell of this._subshells.values()) {
      subshell?.dispose();
    }
    this._subshells.clear();
    Signal.clearData(this);
  }

  /** Turns to another session; null for none. */
  follow(context: ISessionContext | null): void {
    if (context === this._context) {
      return;
    }
    if (this._context && !this._context.isDisposed) {
      this._context.kernelChanged.disconnect(this._onKernelChanged, this);
      this._context.statusChanged.disconnect(this._onStatusChanged, this);
      this._context.iopubMessage.disconnect(this._onIOPubMessage, this);
      this._context.disposed.disconnect(this._onContextDisposed, this);
    }
    this._context = context;
    if (context) {
      context.kernelChanged.connect(this._onKernelChanged, this);
      context.statusChanged.connect(this._onStatusChanged, this);
      context.iopubMessage.connect(this._onIOPubMessage, this);
      context.disposed.connect(this._onContextDisposed, this);
    }
    this._onKernelChanged();
  }

  async ask(question: Question): Promise<Answer> {
    const kernel = this._kernel;
    if (!kernel) {
      return { kind: 'no reply', reason: 'gone' };
    }
    let reply: KernelMessage.IExecuteReplyMsg | undefined;
    try {
      const { done } = kernel.requestExecute({
        code: '',
        silent: true,
        store_history: false,
        allow_stdin: false,
        stop_on_error: false,
        user_expressions: { [NAME]: expressionFor(question) }
      });
      // A kernel that runs a long cell answers late: nobody waits who has turned to another one.
      reply = await Promise.race([done, this._left.promise]);
    } catch {
      // The only way to fail here: the kernel went away under the request.
      return { kind: 'no reply', reason: 'gone' };
    }
    if (kernel !== this._kernel) {
      return { kind: 'no reply', reason: 'gone' };
    }
    return readReply(reply);
  }

  get canPeek(): boolean | null {
    const subshell = this._kernel && this._subshells.get(this._kernel);
    if (subshell === undefined || subshell?.isDisposed) {
      return null;
    }
    return subshell !== null;
  }

  async prepare(): Promise<Answer> {
    const kernel = this._kernel;
    const answer = await this.ask({
      kind: 'live',
      run: 0,
      since: 0,
      gradients: false
    });
    if (kernel && answer.kind === 'live' && this.canPeek === null) {
      const subshell = await openSubshell(kernel, answer.subshell);
      if (this._isDisposed || kernel.isDisposed) {
        subshell?.dispose();
      } else {
        this._subshells.set(kernel, subshell);
        kernel.disposed.connect(() => this._subshells.delete(kernel));
      }
    }
    return answer;
  }

  async peek(questions: readonly Question[]): Promise<ISaid | null> {
    const kernel = this._kernel;
    const subshell = kernel && this._subshells.get(kernel);
    const said = (await subshell?.ask(questions.map(inOurLanguage))) ?? null;
    return kernel === this._kernel ? said : null;
  }

  private get _kernel(): Kernel.IKernelConnection | null {
    return this._context?.session?.kernel ?? null;
  }

  private _onContextDisposed(): void {
    this.follow(null);
  }

  private _onKernelChanged(): void {
    this._left.resolve(undefined);
    this._left = new PromiseDelegate();
    this._running.clear();
    this._language = null;
    const kernel = this._kernel;
    void kernel?.info.then(info => {
      if (kernel === this._kernel) {
        this._language = info.language_info.name;
        this._onStatusChanged();
      }
    });
    this._onStatusChanged();
  }

  private _onStatusChanged(): void {
    const state = this._readState();
    if (state !== this._state) {
      this._state = state;
      this._stateChanged.emit();
    }
  }

  private _readState(): KernelState {
    const status = this._kernel?.status;
    switch (status) {
      case undefined:
        return this._context?.hasNoKernel === false ? 'starting' : 'none';
      case 'restarting':
      case 'autorestarting':
        return 'restarting';
      case 'dead':
      case 'terminating':
        return 'dead';
      case 'idle':
      case 'busy':
        // Before it told its language, a kernel is not asked anything.
        if (this._language === null) {
          return 'starting';
        }
        return this._language === 'python' ? status : 'foreign';
      default:
        return 'starting';
    }
  }

  /** A silent request sends no execute_input: so our own questions are not taken for a user's. */
  private _onIOPubMessage(_: unknown, msg: KernelMessage.IMessage): void {
    const parent = asObject(msg.parent_header).msg_id;
    if (typeof parent !== 'string') {
      return;
    }
    const type = msg.header.msg_type;
    if (type === 'execute_input') {
      this._running.set(parent, { failed: false });
      return;
    }
    const run = this._running.get(parent);
    if (!run) {
      return;
    }
    if (type === 'error') {
      this._running.set(parent, { failed: true });
    } else if (type === 'execute_result' || type === 'display_data') {
      const data = asObject(asObject(msg.content).data);
      const raised = raisedIn(parseReport(data[REPORT_MIME_TYPE]));
      if (raised !== null) {
        this._running.set(parent, { ...run, raised });
      }
    } else if (
      type === 'status' &&
      asObject(msg.content).execution_state === 'idle'
    ) {
      this._running.delete(parent);
      this._executed.emit(run);
    }
  }

  private _context: ISessionContext | null = null;
  private _language: string | null = null;
  /** The runs under way, by the id of their request. */
  private _running = new Map<string, IRun>();
  /** Resolves when another kernel, or none, is at hand. */
  private _left = new PromiseDelegate<undefined>();
  /** Of every kernel that was at hand and is still there; null for one that has none. */
  private _subshells = new Map<Kernel.IKernelConnection, Subshell | null>();
  private _state: KernelState = 'none';
  private _stateChanged = new Signal<this, void>(this);
  private _executed = new Signal<this, IRun>(this);
  private _isDisposed = false;
}

/** The name that our expression has in the request and in the reply. */
const NAME = 'torchenstein';

/** The answers that this page can read. */
const KINDS: ReadonlySet<string> = new Set<InspectorReply['kind']>([
  'snapshot',
  'detail',
  'lines',
  'explanation',
  'cautions',
  'exploration',
  'flow',
  'live',
  'failure'
]);

/** The question with the language that its answer shall have; without one, the answer is in English. */
function inOurLanguage(
  question: Question
): Question & { readonly language?: string } {
  // JupyterLab's own language, said where a page says it.
  const language = document.documentElement.lang;
  return language === '' || language === 'en'
    ? question
    : { ...question, language };
}

/** JSON of strings and whole numbers is also Python; only the truth is written another way. */
export function expressionFor(question: Question): string {
  const { kind, ...options } = inOurLanguage(question);
  const keywords = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `, ${name}=${python(value)}`)
    .join('');
  const inspector = "__import__('torchenstein.inspector', fromlist=['reply'])";
  return `${inspector}.reply(${JSON.stringify(kind)}${keywords})`;
}

function python(value: unknown): string {
  return typeof value === 'boolean'
    ? value
      ? 'True'
      : 'False'
    : JSON.stringify(value);
}

/** Finds the inspector's reply in the kernel's. */
export function readReply(
  reply: KernelMessage.IExecuteReplyMsg | undefined
): Answer {
  const content = asObject(reply?.content);
  if (content.status !== 'ok') {
    return { kind: 'no reply', reason: 'aborted' };
  }
  const result = asObject(asObject(content.user_expressions)[NAME]);
  const data = asObject(result.data)['application/json'];
  const kind = asObject(data).kind;
  if (typeof kind === 'string' && KINDS.has(kind)) {
    return data as InspectorReply;
  }
  return { kind: 'no reply', reason: 'missing' };
}
