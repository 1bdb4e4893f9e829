import * as React from 'react';

import type { ICell, ILadder } from './ladder';

const NAMES = 92;
const CELL = 58;
const STEP = 64;
const BOX = 24;
const ROW = 42;
const LONGEST_NAME = 12;

/** The operands one below the other, a box for each dimension; two boxes that clash are joined. */
export function Rows(props: {
  ladder: ILadder;
  label: string;
}): React.JSX.Element {
  const { ladder, label } = props;
  const width = NAMES + ladder.rank * STEP;
  const height = ladder.rows.length * ROW - ROW + BOX + 6;
  const clashing = ladder.rows.flatMap(({ cells }, row) =>
    cells.flatMap((cell, column) => (cell?.clashes ? [{ row, column }] : []))
  );
  const [one, other] = clashing;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      className="jp-Torchenstein-drawing"
      style={{ maxWidth: width }}
    >
      {ladder.rows.map(({ name, cells }, row) => (
        <g key={row}>
          <text textAnchor="end" x={NAMES - 10} y={topOf(row) + 16}>
            {shorten(name)}
          </text>
          {cells.map(
            (cell, column) =>
              cell && <Box key={column} cell={cell} row={row} column={column} />
          )}
        </g>
      ))}
      {clashing.length === 2 && one.row < other.row && (
        <Join
          from={{ x: middleOf(one.column), y: topOf(one.row) + BOX }}
          to={{ x: middleOf(other.column), y: topOf(other.row) }}
        />
      )}
    </svg>
  );
}

function Box(props: {
  cell: ICell;
  row: number;
  column: number;
}): React.JSX.Element {
  const { cell, row, column } = props;
  return (
    <g data-clash={cell.clashes}>
      <rect
        className="jp-Torchenstein-sheet"
        data-ghost={cell.isGhost}
        x={NAMES + column * STEP}
        y={topOf(row)}
        width={CELL}
        height={BOX}
      />
      <text
        className="jp-Torchenstein-size"
        data-hue={cell.hue}
        x={middleOf(column)}
        y={topOf(row) + 16}
      >
        {cell.text}
      </text>
    </g>
  );
}

interface IPoint {
  readonly x: number;
  readonly y: number;
}

/** The two sizes that are not equal, joined. */
function Join(props: { from: IPoint; to: IPoint }): React.JSX.Element {
  const { from, to } = props;
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  return (
    <>
      <path
        className="jp-Torchenstein-arc"
        d={`M${from.x} ${from.y}C${from.x} ${to.y},${to.x} ${from.y},${to.x} ${to.y}`}
      />
      <circle
        className="jp-Torchenstein-knot"
        cx={middle.x}
        cy={middle.y}
        r={7}
      />
      <text className="jp-Torchenstein-meeting" x={middle.x} y={middle.y + 4}>
        ≠
      </text>
    </>
  );
}

function topOf(row: number): number {
  return row * ROW + 3;
}

function middleOf(column: number): number {
  return NAMES + column * STEP + CELL / 2;
}

function shorten(text: string): string {
  return text.length > LONGEST_NAME
    ? `${text.slice(0, LONGEST_NAME - 1)}…`
    : text;
}
