import type { Extension } from '@codemirror/state';
import { EditorView, ViewPlugin } from '@codemirror/view';
import {
  EditorExtensionRegistry,
  type IEditorExtensionFactory
} from '@jupyterlab/codemirror';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ISheet } from './chips';
import { chipField, setSheet } from './field';

/** The model that a cell and its editor share. */
export type CellModel = object;

const FAILURE = '.jp-Torchenstein-chip[data-kind="failure"]';

/** Which chips each cell has. An editor may come and go: it asks here for its own. */
export class ChipBoard {
  /** `onFailure` is called when somebody clicks on the chip of the line that failed. */
  constructor(trans: TranslationBundle, onFailure: () => void = () => {}) {
    this._trans = trans;
    this._onFailure = onFailure;
  }

  /** What JupyterLab builds into every editor; only those of cells take it. */
  readonly factory: IEditorExtensionFactory = {
    name: 'torchenstein:shapes',
    factory: ({ inline, model }) =>
      inline
        ? EditorExtensionRegistry.createImmutableExtension(
            this.extensionFor(model)
          )
        : null
  };

  /** Puts up the chips of a cell in the place of those it has; null takes them away. */
  put(cell: CellModel, sheet: ISheet | null): void {
    if (sheet) {
      this._sheets.set(cell, sheet);
    } else if (!this._sheets.delete(cell)) {
      return;
    }
    for (const view of this._views.get(cell) ?? []) {
      view.dispatch({ effects: setSheet.of(sheet) });
    }
  }

  /** The part of one editor that shows the chips of its cell. */
  extensionFor(cell: CellModel): Extension {
    const views = this._views;
    return [
      EditorView.domEventHandlers({
        click: event => {
          const { target } = event;
          if (target instanceof Element && target.closest(FAILURE)) {
            this._onFailure();
          }
        }
      }),
      chipField(() => this._sheets.get(cell) ?? null, this._trans),
      ViewPlugin.define(view => {
        const open = views.get(cell) ?? new Set<EditorView>();
        views.set(cell, open.add(view));
        return { destroy: () => void open.delete(view) };
      })
    ];
  }

  private _trans: TranslationBundle;
  private _onFailure: () => void;
  private _sheets = new WeakMap<CellModel, ISheet>();
  private _views = new WeakMap<CellModel, Set<EditorView>>();
}
