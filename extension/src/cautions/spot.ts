import type { ISpot } from '../explain/where';
import { align } from '../lines/align';
import type { IWarning } from './model';

/** Where what a warning speaks of stands by now, whatever was typed around it; null where it has gone. */
export function spotOf(warning: IWarning): ISpot | null {
  const { cell, caution, source } = warning;
  const text = cell.sharedModel.getSource();
  const lines = text.split('\n');
  const { spot } = caution;
  const places = align(source, text);
  const [first, last] = [places.get(spot.line), places.get(spot.end_line)];
  return first?.same && last
    ? {
        cell,
        line: first.line,
        column: units(lines[first.line], spot.column),
        endLine: last.line,
        endColumn: units(lines[last.line], spot.end_column)
      }
    : null;
}

/** Python counts characters, an editor their UTF-16 units. */
function units(line: string, characters: number): number {
  return Array.from(line).slice(0, characters).join('').length;
}
