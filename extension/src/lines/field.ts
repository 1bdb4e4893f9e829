import {
  StateEffect,
  StateField,
  type ChangeDesc,
  type EditorState,
  type Text
} from '@codemirror/state';
import { Decoration, EditorView, type DecorationSet } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';

import { align, plain } from './align';
import type { IChip, ISheet } from './chips';
import { ChipWidget } from './widget';

/** A chip on its line, wherever edits have moved that to. */
interface IPlaced {
  readonly chip: IChip;
  /** Where the line begins. */
  readonly from: number;
  /** What the line said when it was run. */
  readonly text: string;
  readonly isStale: boolean;
}

interface IChips {
  readonly placed: readonly IPlaced[];
  readonly decorations: DecorationSet;
}

/** There are other chips; each field of an editor looks for its own again. */
export const setSheet = StateEffect.define<ISheet | null>();

/** The chips of one editor; they follow its edits. `first` gives those that there are now. */
export function chipField(
  first: () => ISheet | null,
  trans: TranslationBundle
): StateField<IChips> {
  const shown = (placed: IPlaced[], doc: Text): IChips => ({
    placed,
    decorations: Decoration.set(
      placed.map(({ chip, from, isStale }) =>
        Decoration.widget({
          widget: new ChipWidget(chip, isStale, trans),
          side: 1
        }).range(doc.lineAt(from).to)
      )
    )
  });
  return StateField.define<IChips>({
    create: state => shown(place(first(), state), state.doc),
    update: (chips, transaction) => {
      for (const effect of transaction.effects) {
        if (effect.is(setSheet)) {
          return shown(
            place(first(), transaction.state),
            transaction.state.doc
          );
        }
      }
      if (!transaction.docChanged || chips.placed.length === 0) {
        return chips;
      }
      const { changes, startState, state } = transaction;
      return shown(
        follow(chips.placed, changes, startState.doc, state.doc),
        state.doc
      );
    },
    provide: field =>
      EditorView.decorations.from(field, chips => chips.decorations)
  });
}

function place(sheet: ISheet | null, state: EditorState): IPlaced[] {
  if (!sheet) {
    return [];
  }
  const lines = sheet.source.split('\n');
  const places = align(sheet.source, state.doc.toString());
  return sheet.chips.flatMap(chip => {
    const found = places.get(chip.line);
    return found
      ? {
          chip,
          from: state.doc.line(found.line + 1).from,
          text: plain(lines[chip.line]),
          isStale: !found.same
        }
      : [];
  });
}

/** Chips stay with their lines; one whose line was emptied or taken away goes. */
function follow(
  placed: readonly IPlaced[],
  changes: ChangeDesc,
  before: Text,
  after: Text
): IPlaced[] {
  const lines = new Map<number, IPlaced>();
  for (const each of placed) {
    // Text that comes in before a line, or after it, is not the line.
    const from = changes.mapPos(each.from, 1);
    const to = changes.mapPos(before.lineAt(each.from).to, -1);
    if (from >= to) {
      continue;
    }
    const line = after.lineAt(from);
    if (!lines.has(line.from)) {
      const isStale = plain(line.text) !== each.text;
      lines.set(line.from, { ...each, from: line.from, isStale });
    }
  }
  return Array.from(lines.values()).sort((one, other) => one.from - other.from);
}
