import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { PromiseDelegate, UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';

import { asObject } from './hints/metadata';
import type { InspectorReply } from './protocol';

/**
 * The message that a subshell answers while a cell runs.
 *
 * It is of our own kind: an execute_request would end, on a subshell too, with the event at which matplotlib closes
 * the figures of the running cell, and its status messages would have the kernel pass for idle.
 */
const REQUEST = 'torchenstein_request';

/** A kernel that starts anew, or not at all, has no subshell. */
const GONE: ReadonlySet<Kernel.Status> = new Set<Kernel.Status>([
  'restarting',
  'autorestarting',
  'terminating',
  'dead'
]);

/** How long a subshell may take to answer for the first time, in ms. */
const PATIENCE = 5000;

/** A question as the kernel takes it. */
interface IQuestion {
  readonly kind: string;
}

/** What a subshell said. */
export interface ISaid {
  /** One for each question, in their order. */
  readonly answers: readonly InspectorReply[];
  /** The processor time that answering took, in ms. */
  readonly spent: number;
}

/** A second thread of one kernel, which answers us while the first one runs a cell. */
export class Subshell implements IDisposable {
  constructor(kernel: Kernel.IKernelConnection, id: string) {
    this._kernel = kernel;
    this._id = id;
    kernel.statusChanged.connect(this._onStatusChanged, this);
    kernel.disposed.connect(this._forget, this);
  }

  /** Whether it is there no more. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Gives the thread back, unless the kernel is busy: that message would have it pass for idle. */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    const kernel = this._kernel;
    this._forget();
    if (!kernel.isDisposed && kernel.status === 'idle') {
      // Nobody waits for the answer: a kernel that has gone has taken its subshells along.
      kernel
        .requestDeleteSubshell({ subshell_id: this._id })
        .done.catch(() => undefined);
    }
  }

  /** What the kernel answers; null where it went away, or does not know the subshell any more. */
  async ask(questions: readonly IQuestion[]): Promise<ISaid | null> {
    const kernel = this._kernel;
    if (this._isDisposed) {
      return null;
    }
    const message = {
      buffers: [],
      channel: 'shell',
      content: { questions },
      header: {
        date: new Date().toISOString(),
        msg_id: UUID.uuid4(),
        msg_type: REQUEST,
        session: kernel.clientId,
        username: kernel.username,
        subshell_id: this._id,
        version: '5.2'
      },
      metadata: {},
      parent_header: {}
    };
    const answered = new PromiseDelegate<ISaid | null>();
    // JupyterLab knows the type of every message but ours.
    const future = kernel.sendShellMessage(
      message as unknown as KernelMessage.IShellMessage,
      true
    );
    future.onReply = reply => {
      const content = asObject(reply.content);
      answered.resolve(
        content.status === 'ok' ? (content as unknown as ISaid) : null
      );
    };
    // It is never done, but fails with its kernel: a status message would tell the end, and ours have none.
    future.done.catch(() => answered.resolve(null));
    const said = await Promise.race([answered.promise, this._left.promise]);
    future.dispose();
    if (said === null) {
      this._forget();
    }
    return said;
  }

  private _onStatusChanged(_: unknown, status: Kernel.Status): void {
    if (GONE.has(status)) {
      this._forget();
    }
  }

  private _forget(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._kernel.statusChanged.disconnect(this._onStatusChanged, this);
    this._kernel.disposed.disconnect(this._forget, this);
    this._left.resolve(null);
  }

  private _kernel: Kernel.IKernelConnection;
  private _id: string;
  private _left = new PromiseDelegate<null>();
  private _isDisposed = false;
}

/**
 * Opens the subshell `known` to answer us already, or makes one; null where the kernel has none.
 *
 * To be called while the kernel is idle: making a subshell sends status messages of its own.
 */
export async function openSubshell(
  kernel: Kernel.IKernelConnection,
  known: string | null
): Promise<Subshell | null> {
  if (!kernel.supportsSubshells) {
    return null;
  }
  const id = known ?? (await makeSubshell(kernel));
  if (id === null || kernel.isDisposed) {
    return null;
  }
  const subshell = new Subshell(kernel, id);
  const said = await Promise.race([
    subshell.ask([{ kind: 'live' }]),
    new Promise<null>(resolve => window.setTimeout(resolve, PATIENCE, null))
  ]);
  if (said === null) {
    subshell.dispose();
    return null;
  }
  return subshell;
}

async function makeSubshell(
  kernel: Kernel.IKernelConnection
): Promise<string | null> {
  try {
    const reply = await kernel.requestCreateSubshell({}).done;
    const { status, subshell_id: id } = asObject(reply.content);
    return status === 'ok' && typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}
