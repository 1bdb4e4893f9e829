import type { ICellModel } from '@jupyterlab/cells';
import { EditorView } from '@codemirror/view';
import {
  EditorExtensionRegistry,
  type IEditorExtensionFactory
} from '@jupyterlab/codemirror';
import type { TranslationBundle } from '@jupyterlab/translation';

import { ChipBoard } from '../lines/board';
import type { IChip } from '../lines/chips';
import type { Caution } from '../protocol';
import type { CautionsModel } from './model';

const MARK = '.jp-Torchenstein-chip[data-kind="warning"]';

/** The quiet marks at the ends of the lines that look wrong. */
export class Marks {
  /** `open` is called with the cell and its line, from 0, whose mark was clicked. */
  constructor(
    trans: TranslationBundle,
    open: (cell: object, line: number) => void
  ) {
    this._trans = trans;
    this._open = open;
    this._board = new ChipBoard(trans);
  }

  /** What JupyterLab builds into every editor; only those of cells take it. */
  readonly factory: IEditorExtensionFactory = {
    name: 'torchenstein:warnings',
    factory: ({ inline, model }) =>
      inline
        ? EditorExtensionRegistry.createImmutableExtension([
            this._board.extensionFor(model),
            EditorView.domEventHandlers({
              click: ({ target }, view) => {
                const mark = target instanceof Element && target.closest(MARK);
                if (mark) {
                  const { number } = view.state.doc.lineAt(view.posAtDOM(mark));
                  this._open(model, number - 1);
                }
              }
            })
          ])
        : null
  };

  /** Puts up the marks of one notebook and takes away those that no longer stand. */
  show(model: CautionsModel): void {
    const shown = this._shown.get(model) ?? new Set<ICellModel>();
    const now = new Set<ICellModel>();
    for (const [cell, { source, cautions }] of model.warned) {
      const chips = chipsOf(
        cautions.filter(caution => !model.isDismissed(caution)),
        this._trans
      );
      if (chips.length > 0) {
        now.add(cell);
        this._board.put(cell, { source, chips });
      }
    }
    for (const cell of shown) {
      if (!now.has(cell)) {
        this._board.put(cell, null);
      }
    }
    this._shown.set(model, now);
  }

  private _trans: TranslationBundle;
  private _open: (cell: object, line: number) => void;
  private _board: ChipBoard;
  private _shown = new WeakMap<CautionsModel, Set<ICellModel>>();
}

/** One mark a line; it speaks of the first warning there. */
export function chipsOf(
  cautions: readonly Caution[],
  trans: TranslationBundle
): IChip[] {
  const lines = new Map<number, Caution>();
  for (const caution of cautions) {
    const line = caution.spot.end_line;
    lines.set(line, lines.get(line) ?? caution);
  }
  return Array.from(lines)
    .sort(([one], [other]) => one - other)
    .map(([line, caution]) => ({
      line,
      kind: 'warning',
      faces: [],
      text: textOf(caution, trans),
      label: trans.__('Worth a look: %1', caution.sentence),
      title: `${caution.title}\n${caution.sentence}`
    }));
}

/** A word or two: the shape that nobody asked for, or the kind. */
function textOf(caution: Caution, trans: TranslationBundle): string {
  if (caution.result) {
    return trans.__('%1, really?', caution.result.join(' × '));
  }
  const [first, second, ...rest] = caution.title;
  // An ordinary word goes on in small letters, NaN does not.
  return /^[A-Z][a-z]+\b/.test(caution.title)
    ? [first.toLowerCase(), second, ...rest].join('')
    : caution.title;
}
