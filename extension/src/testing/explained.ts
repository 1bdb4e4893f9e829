import { Signal } from '@lumino/signaling';

import type { Explanation } from '../protocol';
import type { IExplained, IFailedLine } from '../tokens';

/** A failure that the test decides on. */
export class FakeExplained implements IExplained {
  explanation: Explanation | null = null;
  readonly changed: Signal<IExplained, void> = new Signal(this);

  where(): IFailedLine | null {
    return this._failure;
  }

  fail(
    failure: IFailedLine | null,
    explanation: Explanation | null = null
  ): void {
    this._failure = failure;
    this.explanation = explanation;
    this.changed.emit();
  }

  private _failure: IFailedLine | null = null;
}
