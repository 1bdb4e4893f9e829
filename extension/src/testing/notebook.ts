import { NotebookModel, type INotebookTracker } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';

import type { CautionKind } from '../protocol';
import type { IPreferences, Voice } from '../tokens';
import type { FakeCell } from './cells';

/** A notebook without a page: a real model, and which of its cells is active. */
export class FakeNotebook {
  constructor(cells: readonly FakeCell[], metadata: object = {}) {
    this.load(cells, metadata);
  }

  model = new NotebookModel();
  activeCellIndex = 0;
  readonly rendermime = null;
  readonly modelChanged = new Signal<this, void>(this);
  readonly deselectAll = jest.fn();
  readonly activate = jest.fn();
  readonly scrollToItem = jest.fn(() => Promise.resolve());

  load(cells: readonly FakeCell[], metadata: object): void {
    this.model.fromJSON({
      nbformat: 4,
      nbformat_minor: 5,
      metadata: metadata as never,
      cells: cells.map((cell, index) => ({
        id: `cell-${index}`,
        cell_type: cell.type,
        source: cell.source,
        metadata: cell.metadata as never,
        ...(cell.type === 'code' ? { outputs: [], execution_count: null } : {})
      }))
    });
  }
}

/** The panel around it. */
export class FakePanel {
  constructor(
    readonly content: FakeNotebook,
    readonly id: string
  ) {}

  isDisposed = false;
  readonly disposed = new Signal<this, void>(this);
  readonly context = {
    localPath: `${this.id}.ipynb`,
    model: { dirty: true },
    save: jest.fn(() => Promise.resolve())
  };

  close(): void {
    this.isDisposed = true;
    this.disposed.emit();
    Signal.clearData(this);
    Signal.clearData(this.content);
    this.content.model.dispose();
  }
}

export class FakeTracker {
  currentWidget: FakePanel | null = null;
  readonly currentChanged = new Signal<this, void>(this);
  readonly activeCellChanged = new Signal<this, void>(this);

  get tracker(): INotebookTracker {
    return this as unknown as INotebookTracker;
  }

  turn(panel: FakePanel | null): void {
    this.currentWidget = panel;
    this.currentChanged.emit();
  }

  /** Makes a cell of the current notebook the active one. */
  select(index: number): void {
    if (this.currentWidget) {
      this.currentWidget.content.activeCellIndex = index;
    }
    this.activeCellChanged.emit();
  }
}

export class FakePreferences implements IPreferences {
  voice: Voice = 'professor';
  autoRefresh = true;
  shapesInEditor = true;
  warnings = true;
  warningsOff: readonly CautionKind[] = [];
  openStartPage = true;
  readonly ready = Promise.resolve();
  readonly changed: Signal<IPreferences, void> = new Signal(this);

  async setVoice(voice: Voice): Promise<void> {
    this.voice = voice;
    this.changed.emit();
  }

  async setShapesInEditor(value: boolean): Promise<void> {
    this.shapesInEditor = value;
    this.changed.emit();
  }

  async setWarnings(value: boolean): Promise<void> {
    this.warnings = value;
    this.changed.emit();
  }

  async setWarningsOf(kind: CautionKind, value: boolean): Promise<void> {
    this.warningsOff = this.warningsOff.filter(other => other !== kind);
    if (!value) {
      this.warningsOff = [...this.warningsOff, kind];
    }
    this.changed.emit();
  }
}
