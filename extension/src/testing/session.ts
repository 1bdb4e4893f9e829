import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

/** One request to a fake kernel, waiting for its reply. */
export interface IRequest {
  readonly content: KernelMessage.IExecuteRequestMsg['content'];
  reply(content: unknown): void;
  /** The kernel went away under the request. */
  fail(): void;
}

/** One message to a subshell of a fake kernel, waiting for its reply. */
export interface IPeek {
  readonly message: {
    readonly header: { readonly subshell_id: string; msg_type: string };
    readonly content: { readonly questions: readonly { kind: string }[] };
  };
  readonly future: { readonly isDisposed: boolean };
  reply(content: unknown): void;
  /** The kernel went away under the message. */
  fail(): void;
}

/** A kernel connection that keeps what it is asked and answers when told to. */
export class FakeKernel {
  constructor(
    readonly language = 'python',
    public status: Kernel.Status = 'idle'
  ) {}

  readonly requests: IRequest[] = [];
  /** What was sent to a subshell. */
  readonly peeked: IPeek[] = [];
  /** Ids of the subshells that were made and not deleted. */
  readonly subshells: string[] = [];
  supportsSubshells = true;
  isDisposed = false;
  readonly clientId = 'page';
  readonly username = 'ada';
  readonly statusChanged = new Signal<this, Kernel.Status>(this);
  readonly disposed = new Signal<this, void>(this);

  get connection(): Kernel.IKernelConnection {
    return this as unknown as Kernel.IKernelConnection;
  }

  turn(status: Kernel.Status): void {
    this.status = status;
    this.statusChanged.emit(status);
  }

  requestCreateSubshell(): { done: Promise<unknown> } {
    const id = `subshell-${this._made++}`;
    this.subshells.push(id);
    return {
      done: Promise.resolve({ content: { status: 'ok', subshell_id: id } })
    };
  }

  requestDeleteSubshell(content: { subshell_id: string }): {
    done: Promise<unknown>;
  } {
    this.subshells.splice(this.subshells.indexOf(content.subshell_id), 1);
    return { done: Promise.resolve({ content: { status: 'ok' } }) };
  }

  sendShellMessage(message: IPeek['message']): object {
    const done = new PromiseDelegate<unknown>();
    const future = {
      done: done.promise,
      isDisposed: false,
      onReply: (_: unknown): void => undefined,
      dispose: () => {
        future.isDisposed = true;
      }
    };
    this.peeked.push({
      message,
      future,
      reply: content => future.onReply({ content }),
      fail: () => done.reject(new Error('Canceled future'))
    });
    return future;
  }

  get info(): Promise<unknown> {
    return Promise.resolve({ language_info: { name: this.language } });
  }

  requestExecute(content: IRequest['content']): { done: Promise<unknown> } {
    const done = new PromiseDelegate<unknown>();
    this.requests.push({
      content,
      reply: content => done.resolve({ content }),
      fail: () => done.reject(new Error('Canceled future'))
    });
    return { done: done.promise };
  }

  private _made = 0;
}

/** A session context without a server: the four signals, and the kernel of the moment. */
export class FakeSession {
  constructor(kernel: FakeKernel | null = new FakeKernel()) {
    this.session = { kernel };
  }

  session: { kernel: FakeKernel | null } | null;
  hasNoKernel = false;
  isDisposed = false;
  readonly kernelChanged = new Signal<this, void>(this);
  readonly statusChanged = new Signal<this, void>(this);
  readonly iopubMessage = new Signal<this, unknown>(this);
  readonly disposed = new Signal<this, void>(this);

  get context(): ISessionContext {
    return this as unknown as ISessionContext;
  }

  /** Puts another kernel in the place of the one at hand. */
  change(kernel: FakeKernel | null): void {
    this.session = kernel && { kernel };
    this.kernelChanged.emit();
  }

  status(status: Kernel.Status): void {
    if (this.session?.kernel) {
      this.session.kernel.status = status;
    }
    this.statusChanged.emit();
  }

  /** The kernel's broadcast on behalf of the request `parent`. */
  broadcast(parent: string | null, type: string, content: object = {}): void {
    this.iopubMessage.emit({
      header: { msg_type: type },
      parent_header: parent === null ? {} : { msg_id: parent },
      content
    });
  }

  /** What a kernel broadcasts when it runs a cell. */
  run(parent: string, failed = false, data: object = {}): void {
    this.broadcast(parent, 'status', { execution_state: 'busy' });
    this.broadcast(parent, 'execute_input');
    this.broadcast(parent, 'execute_result', { data });
    if (failed) {
      this.broadcast(parent, 'error', { ename: 'RuntimeError' });
    }
    this.broadcast(parent, 'status', { execution_state: 'idle' });
  }

  /** The notebook of this session was closed. */
  end(): void {
    this.isDisposed = true;
    this.disposed.emit();
    Signal.clearData(this);
  }
}

/** Lets everything happen that is ready to. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    await Promise.resolve();
  }
}
