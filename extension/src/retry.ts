import type { Answer } from './kernel';

/** How long to wait before a question that the kernel dropped is asked again, in ms. */
const DELAY = 100;

/** Asks again what the kernel dropped, since a cell before it failed: a moment later it listens again. */
export class Retry {
  /** Asks again in a moment if this answer says so; returns whether it does. */
  ifDropped(answer: Answer, ask: () => void): boolean {
    const isDropped = answer.kind === 'no reply' && answer.reason === 'aborted';
    if (isDropped) {
      this.cancel();
      this._timer = window.setTimeout(ask, DELAY);
    }
    return isDropped;
  }

  cancel(): void {
    window.clearTimeout(this._timer);
  }

  private _timer = 0;
}
