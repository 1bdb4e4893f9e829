import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { asObject } from '../hints/metadata';
import { readCourse, type ICount, type ICourse } from './course';

/** What the start page shows. */
export type StartState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'no course' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'course'; readonly course: ICourse };

/** The course and the progress in it, as new as the last refresh. */
export class StartModel implements IDisposable {
  constructor(options: StartModel.IOptions) {
    this._options = options;
  }

  get state(): StartState {
    return this._state;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  /** Reads everything again. Calls while one is under way wait for it. */
  refresh(): Promise<void> {
    this._refreshing ??= this._read().finally(() => {
      this._refreshing = null;
    });
    return this._refreshing;
  }

  private async _read(): Promise<void> {
    let state: StartState;
    try {
      const course = readCourse(this._fresh(await this._options.request()));
      state = course ? { kind: 'course', course } : { kind: 'no course' };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      state = { kind: 'failed', reason };
    }
    // What was read before is worth more than a failure to read it once more.
    if (state.kind === 'failed' && this._state.kind === 'course') {
      return;
    }
    if (!this._isDisposed) {
      this._state = state;
      this._changed.emit();
    }
  }

  /** The reply, with the counts of open notebooks in the place of those on the disk. */
  private _fresh(reply: unknown): unknown {
    const live = this._options.live();
    const { lessons, ...rest } = asObject(reply);
    return {
      ...rest,
      lessons: (Array.isArray(lessons) ? lessons : [])
        .map(asObject)
        .map(each => ({ ...each, ...live.get(String(each.path)) }))
    };
  }

  private _options: StartModel.IOptions;
  private _state: StartState = { kind: 'loading' };
  private _refreshing: Promise<void> | null = null;
  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
}

export namespace StartModel {
  export interface IOptions {
    /** Asks the server. */
    request: () => Promise<unknown>;
    /** The counts of the notebooks that are open, by path. */
    live: () => Map<string, ICount>;
  }
}
