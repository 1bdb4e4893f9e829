import { Signal } from '@lumino/signaling';

import type { IWarned, IWarning } from '../tokens';

/** Warnings that the test decides on. */
export class FakeWarned implements IWarned {
  current: IWarning | null = null;
  readonly changed: Signal<IWarned, void> = new Signal(this);
  readonly edited: Signal<IWarned, void> = new Signal(this);

  warn(warning: IWarning | null): void {
    this.current = warning;
    this.changed.emit();
  }

  /** Somebody types in the line. */
  edit(): void {
    this.current = null;
    this.edited.emit();
  }
}
