import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Answer, IInspector, Question } from '../kernel';
import type { ILive, IWatcher } from '../tokens';
import { merge, type IRun } from './run';

/** How often a running cell is asked, in ms. */
const EVERY = 300;

/** Answering may take this part of the kernel's time, where there is much to answer. */
const SHARE = 0.02;
const SLOWEST = 2000;

/** What the running cell shows of itself; asked for only while somebody watches. */
export class LiveModel implements ILive, IDisposable {
  constructor(inspector: IInspector) {
    this._inspector = inspector;
    inspector.stateChanged.connect(this._onStateChanged, this);
    inspector.executed.connect(this._onExecuted, this);
    document.addEventListener('visibilitychange', this._onVisibilityChange);
  }

  /** The run with the last curves; null before the first. */
  get run(): IRun | null {
    return this._run;
  }

  /** Why the last answer has nothing to show; null when it has. */
  get problem(): string | null {
    return this._problem;
  }

  get isPossible(): boolean | null {
    return this._inspector.canPeek;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether the curves can be seen. */
  get isVisible(): boolean {
    return this._isVisible;
  }
  set isVisible(value: boolean) {
    this._isVisible = value;
    this.look();
  }

  /** Whether gradients are read too. */
  get withGradients(): boolean {
    return this._withGradients;
  }
  set withGradients(value: boolean) {
    this._withGradients = value;
    this._tell();
    this._changed.emit();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.clearTimeout(this._timer);
    document.removeEventListener('visibilitychange', this._onVisibilityChange);
    this._inspector.dispose();
    Signal.clearData(this);
  }

  watch(watcher: IWatcher): void {
    this._watchers.push(watcher);
    this.look();
  }

  look(): void {
    if (this._inspector.state === 'busy' && this._timer === 0) {
      this._wait(EVERY);
    }
  }

  private _wait(delay: number): void {
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => void this._peek(), delay);
  }

  /** One question, and the next one after its answer: never two at once. */
  private async _peek(): Promise<void> {
    const inspector = this._inspector;
    const watchers = this._watchers.filter(each => each.isWatching);
    if (inspector.state !== 'busy' || !this._isWatched || !inspector.canPeek) {
      this._timer = 0;
      return;
    }
    const asked = this._asks;
    const said = await inspector.peek([
      this._question(),
      ...watchers.map(each => each.question)
    ]);
    if (this._isDisposed || asked !== this._asks) {
      return;
    }
    if (said === null) {
      this._timer = 0;
      this._changed.emit();
      return;
    }
    const [answer, ...answers] = said.answers;
    this._take(answer);
    watchers.forEach((each, place) => each.take(answers[place]));
    this._wait(Math.min(SLOWEST, Math.max(EVERY, said.spent / SHARE)));
  }

  private _question(): Question {
    return {
      kind: 'live',
      run: this._run?.number ?? 0,
      since: this._run?.since ?? 0,
      gradients: this._withGradients && this._isVisible
    };
  }

  private _take(answer: Answer): void {
    if (answer.kind === 'live') {
      this._run = merge(this._run, answer);
      this._problem = null;
    } else if (answer.kind === 'failure' && answer.reason === 'error') {
      this._problem = answer.message;
    }
    this._changed.emit();
  }

  /** Whether somebody looks: at the curves, or at what another watcher shows. */
  private get _isWatched(): boolean {
    return (
      document.visibilityState !== 'hidden' &&
      (this._isVisible || this._watchers.some(each => each.isWatching))
    );
  }

  private _onStateChanged(): void {
    switch (this._inspector.state) {
      case 'idle':
        if (this._inspector.canPeek === null) {
          void this._prepare();
        }
        break;
      case 'busy':
        this.look();
        break;
      default:
        this._reset();
    }
    this._changed.emit();
  }

  private async _prepare(): Promise<void> {
    if (this._isPreparing) {
      return;
    }
    this._isPreparing = true;
    const asked = this._asks;
    const answer = await this._inspector.prepare().finally(() => {
      this._isPreparing = false;
    });
    if (!this._isDisposed && asked === this._asks) {
      this._take(answer);
      this._changed.emit();
      if (this._withGradients) {
        this._tell();
      }
      this.look();
    }
  }

  /** Lets an idle kernel know what to read: a run is prepared for gradients when it begins. */
  private _tell(): void {
    if (this._inspector.state === 'idle') {
      void this._inspector.ask(this._question());
    }
  }

  /** What the run came to: its last sample was taken when it ended. */
  private _onExecuted(): void {
    const run = this._run;
    if (run?.isRunning) {
      void this._inspector.ask(this._question()).then(answer => {
        if (!this._isDisposed && this._run?.number === run.number) {
          this._take(answer);
        }
      });
    }
  }

  private _onVisibilityChange = (): void => {
    this.look();
  };

  /** Another kernel, or none: what is on its way is not wanted any more. */
  private _reset(): void {
    window.clearTimeout(this._timer);
    this._timer = 0;
    this._asks++;
    this._run = null;
    this._problem = null;
  }

  private _inspector: IInspector;
  private _watchers: IWatcher[] = [];
  private _run: IRun | null = null;
  private _problem: string | null = null;
  private _isVisible = false;
  private _withGradients = false;
  private _isPreparing = false;
  /** Of the next question; 0 while none is due and none is out. */
  private _timer = 0;
  /** Changes with the kernel. */
  private _asks = 0;
  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
}
