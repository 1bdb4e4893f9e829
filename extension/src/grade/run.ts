import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { advance, BEGUN, isRunning, type IGrades } from './grades';
import type { RequestGrades } from './request';

/** The last run of the grader on one notebook. */
export class GradeRun implements IDisposable {
  constructor(panel: NotebookPanel, request: RequestGrades) {
    this._panel = panel;
    this._request = request;
  }

  get grades(): IGrades | null {
    return this._grades;
  }

  /** Whether the notebook's code is no longer what was graded. */
  get isStale(): boolean {
    return this._isStale;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._abort.abort();
    Signal.clearData(this);
  }

  /** Saves the notebook and grades it; does nothing while that goes on. */
  async start(): Promise<void> {
    if (isRunning(this._grades)) {
      return;
    }
    this._abort = new AbortController();
    const { signal } = this._abort;
    this._isStale = false;
    this._show(BEGUN);
    try {
      await this._save();
      this._graded = this._code();
      this._panel.content.model?.contentChanged.connect(this._compare, this);
      this._showUnless(signal, { ...BEGUN, phase: 'starting' });
      const path = this._panel.context.localPath;
      for await (const event of this._request(path, signal)) {
        this._showUnless(signal, advance(this._grades ?? BEGUN, event));
      }
      if (isRunning(this._grades)) {
        throw new Error('The connection to the server broke off. Try again.');
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const failed = { ...(this._grades ?? BEGUN), reason };
      this._showUnless(signal, { ...failed, phase: 'failed' });
    }
  }

  /** Ends the run; what was checked until then stays. */
  stop(): void {
    if (this._grades && isRunning(this._grades)) {
      this._abort.abort();
      this._show({ ...this._grades, phase: 'stopped' });
    }
  }

  private async _save(): Promise<void> {
    const { context } = this._panel;
    if (!context.model.dirty) {
      return;
    }
    try {
      await context.save();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `The notebook could not be saved, so it was not graded: ${reason}`
      );
    }
  }

  private _compare(): void {
    const isStale = this._code() !== this._graded;
    if (isStale !== this._isStale) {
      this._isStale = isStale;
      this._changed.emit();
    }
  }

  private _code(): string {
    const cells = [...(this._panel.content.model?.cells ?? [])];
    return JSON.stringify(
      cells
        .filter(cell => cell.type === 'code')
        .map(cell => cell.sharedModel.getSource())
    );
  }

  /** After a stop, a late event has nothing to say. */
  private _showUnless(signal: AbortSignal, grades: IGrades): void {
    if (!signal.aborted) {
      this._show(grades);
    }
  }

  private _show(grades: IGrades): void {
    this._grades = grades;
    this._changed.emit();
  }

  private _panel: NotebookPanel;
  private _request: RequestGrades;
  private _abort = new AbortController();
  private _grades: IGrades | null = null;
  private _graded = '';
  private _isStale = false;
  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
}
