import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Clash, Operand } from '../protocol';
import { sizesOf } from '../tensors/sizes';

const NAMES = 92;
const CELL = 58;
const GAP = 6;
const ROW = 32;
const LONGEST_NAME = 12;
const MOST_COLUMNS = 6;

/**
 * The operands one below the other, a box for each dimension, those that clash marked.
 *
 * Aligned to the right it is the ladder of broadcasting: what is missing or 1 is stretched, and drawn dashed.
 */
export function Rows(props: {
  operands: readonly Operand[];
  clash: Clash;
  alignRight: boolean;
  label: string;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { operands, clash, alignRight, label, trans } = props;
  const shown = operands.filter(operand => operand.shape !== null);
  const rank = Math.max(1, ...shown.map(operand => operand.shape?.length ?? 0));
  const width = NAMES + Math.min(rank, MOST_COLUMNS) * (CELL + GAP) + 4;
  const left = (column: number) => NAMES + column * (CELL + GAP);
  const marked = clash.dimensions.map(({ operand, axis }) => {
    const row = shown.indexOf(operands[operand]);
    const own = operands[operand]?.shape?.length ?? 0;
    return { row, column: alignRight ? axis + rank - own : axis };
  });
  const clashing = new Set(marked.map(mark => mark.column));
  const rows = marked.map(mark => mark.row).sort((one, other) => one - other);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${Math.max(width, NAMES + rank * (CELL + GAP) + 4)} ${
        shown.length * ROW + 4
      }`}
      className="jp-Torchenstein-drawing"
    >
      {shown.map((operand, row) => (
        <g key={row} transform={`translate(0 ${row * ROW + 4})`}>
          <text textAnchor="end" x={NAMES - 10} y={16}>
            {shorten(operand.text)}
          </text>
          {cellsOf(operand, rank, alignRight, trans).map((cell, column) => {
            const clashes = marked.some(
              mark => mark.row === row && mark.column === column
            );
            return cell === null ? null : (
              <g key={column} data-clash={clashes}>
                <rect
                  className="jp-Torchenstein-sheet"
                  data-ghost={cell.isGhost}
                  x={left(column)}
                  width={CELL}
                  height={24}
                />
                <text
                  className="jp-Torchenstein-size"
                  data-hue={cell.hue}
                  x={left(column) + CELL / 2}
                  y={16}
                >
                  {cell.text}
                </text>
              </g>
            );
          })}
        </g>
      ))}
      {clashing.size === 1 && rows.length === 2 && rows[0] < rows[1] && (
        <path
          className="jp-Torchenstein-arc"
          d={`M${left(Array.from(clashing)[0]) + CELL / 2} ${rows[0] * ROW + 28}V${
            rows[1] * ROW + 4
          }`}
        />
      )}
    </svg>
  );
}

interface ICell {
  readonly text: string;
  readonly hue: number;
  /** Whether the dimension is stretched. */
  readonly isGhost: boolean;
}

function cellsOf(
  operand: Operand,
  rank: number,
  alignRight: boolean,
  trans: TranslationBundle
): (ICell | null)[] {
  const cells: (ICell | null)[] = sizesOf(operand.shape, operand.names).map(
    (size, axis) => ({
      ...size,
      isGhost: alignRight && operand.shape?.[axis] === 1
    })
  );
  const missing = Array.from({ length: rank - cells.length }, () =>
    alignRight ? { text: trans.__('none'), hue: -1, isGhost: true } : null
  );
  return alignRight ? [...missing, ...cells] : [...cells, ...missing];
}

function shorten(text: string): string {
  return text.length > LONGEST_NAME
    ? `${text.slice(0, LONGEST_NAME - 1)}…`
    : text;
}
