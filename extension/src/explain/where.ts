import type { ICellModel, ICodeCellModel } from '@jupyterlab/cells';

import type { Place } from '../protocol';

/** A stretch of a cell, in lines and columns from 0; the end is exclusive. */
export interface ISpot {
  readonly cell: ICellModel;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/**
 * Finds a place of the kernel's among the cells of a notebook; null where it is in none of them.
 *
 * The kernel names a cell by its count, which after a restart two cells may have: the one that still reads
 * `expression` there comes first. It does not count the empty lines that a cell begins with.
 */
export function spotOf(
  cells: Iterable<ICellModel>,
  place: Place,
  expression: string
): ISpot | null {
  let first: ISpot | null = null;
  for (const cell of cells) {
    if (
      cell.type !== 'code' ||
      place.cell === null ||
      (cell as ICodeCellModel).executionCount !== place.cell
    ) {
      continue;
    }
    const lines = cell.sharedModel.getSource().split('\n');
    const empty = lines.findIndex(line => line.trim() !== '');
    const spots = [0, Math.max(0, empty)].map(skipped => {
      const line = place.line - 1 + skipped;
      const endLine = place.end_line - 1 + skipped;
      return {
        cell,
        line,
        column: units(lines[line], place.column),
        endLine,
        endColumn: units(lines[endLine], place.end_column)
      };
    });
    const exact = spots.find(spot => reads(lines, spot, expression));
    if (exact) {
      return exact;
    }
    first ??= spots[spots.length - 1].endLine < lines.length ? spots[0] : null;
  }
  return first;
}

/** Python counts characters, an editor their UTF-16 units. */
function units(line: string | undefined, characters: number): number {
  return Array.from(line ?? '')
    .slice(0, characters)
    .join('').length;
}

/** What stands at a spot. */
export function textAt(lines: readonly string[], spot: ISpot): string {
  if (spot.endLine >= lines.length) {
    return '';
  }
  const taken = lines.slice(spot.line, spot.endLine + 1);
  taken[taken.length - 1] = taken[taken.length - 1].slice(0, spot.endColumn);
  taken[0] = taken[0].slice(spot.column);
  return taken.join('\n');
}

/** Whether a spot reads `expression`, which stands on one line however it was written. */
function reads(
  lines: readonly string[],
  spot: ISpot,
  expression: string
): boolean {
  const plain = (text: string) => text.replace(/\s+/g, '');
  return plain(textAt(lines, spot)) === plain(expression);
}
