import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Operand } from '../protocol';

/** More rows and columns than these are left out in the middle. */
const MOST = 6;
const SIDE = 18;
const GAP = 10;
const LABEL = 16;

/** Each element of a column meets each of a row; the pairs that were wanted are the diagonal. */
export function Pairs(props: {
  operands: readonly Operand[];
  result: readonly number[];
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { operands, result, trans } = props;
  const [down, across] = result.slice(-2);
  const column = operands.find(({ shape }) => shape?.slice(-1)[0] === 1);
  const row = operands.find(operand => operand !== column);
  if (!column || !row || down !== across) {
    return null;
  }
  const count = Math.min(across, MOST);
  const isCut = across > MOST;
  const left = LABEL + SIDE + GAP;
  const size = count * SIDE;
  const label = trans.__(
    'A table of %1 by %1 pairs. Only the %1 on its diagonal belong together.',
    across
  );
  const at = (index: number) => left + index * SIDE;
  const height = left + size + 4;
  const indices = Array.from({ length: count }, (_, index) => index);
  return (
    <figure className="jp-Torchenstein-clash jp-Torchenstein-pairs">
      <svg
        className="jp-Torchenstein-drawing"
        viewBox={`0 0 ${left + size + LABEL} ${height}`}
        style={{ maxWidth: (left + size + LABEL) * 1.25 }}
        role="img"
        aria-label={label}
      >
        <text x={at(0) + size / 2} y={11}>
          {short(row.text)}
        </text>
        <text
          // In the middle of the drawing: a long name needs the room above the cells, too.
          transform={`translate(11 ${height / 2}) rotate(-90)`}
          x={0}
          y={0}
        >
          {short(column.text)}
        </text>
        {indices.map(index => (
          <React.Fragment key={index}>
            <Cell x={at(index)} y={LABEL} sort="given" />
            <Cell x={LABEL} y={at(index)} sort="given" />
            {indices.map(other => (
              <Cell
                key={other}
                x={at(other)}
                y={at(index)}
                sort={
                  isCut && isMiddle(index, other) ? 'cut' : sortOf(index, other)
                }
              />
            ))}
          </React.Fragment>
        ))}
      </svg>
      <figcaption className="jp-Torchenstein-facts">
        {trans.__(
          '%1 × %1 = %2 pairs were made; the %1 on the diagonal belong together.',
          across,
          across * across
        )}
      </figcaption>
    </figure>
  );
}

function Cell(props: {
  x: number;
  y: number;
  sort: 'given' | 'wanted' | 'extra' | 'cut';
}): React.JSX.Element {
  const { x, y, sort } = props;
  return (
    <>
      <rect
        className="jp-Torchenstein-pair"
        data-sort={sort}
        x={x + 1}
        y={y + 1}
        width={SIDE - 2}
        height={SIDE - 2}
        rx={2}
      />
      {sort === 'wanted' && (
        <circle
          className="jp-Torchenstein-pairDot"
          cx={x + SIDE / 2}
          cy={y + SIDE / 2}
          r={3}
        />
      )}
    </>
  );
}

function sortOf(row: number, column: number): 'wanted' | 'extra' {
  return row === column ? 'wanted' : 'extra';
}

/** Before the last row and column stands what was left out. */
function isMiddle(row: number, column: number): boolean {
  return row === MOST - 2 || column === MOST - 2;
}

function short(text: string): string {
  return text.length > 16 ? `${text.slice(0, 15)}…` : text;
}
