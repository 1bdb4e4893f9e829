import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Operand } from '../protocol';
import { sizesOf, type ISize } from '../tensors/sizes';

const WIDTH = 330;
const TOP = 28;
const LEFT = 54;
const RIGHT = 214;
const LONGEST_NAME = 16;

/** Two matrices side by side, the two edges that do not fit joined by an arc. */
export function Product(props: {
  pair: Product.IPair;
  label: string;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { pair, label, trans } = props;
  const left = matrixOf(pair.left, pair.leftAxis, true);
  const right = matrixOf(pair.right, pair.rightAxis, false);
  const bottom = TOP + Math.max(left.height, right.height);
  const from = {
    x: LEFT + left.width / 2,
    y: TOP + left.height + 20
  };
  const to = { x: RIGHT - 18, y: TOP + right.height / 2 + 8 };
  const low = bottom + 38;
  const meeting = trans.__('%1 meets %2', left.clash, right.clash);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${low + 14}`}
      className="jp-Torchenstein-drawing"
      style={{ maxWidth: WIDTH }}
    >
      <Matrix x={LEFT} matrix={left} />
      <text x={(LEFT + left.width + RIGHT - 30) / 2} y={TOP + 30}>
        @
      </text>
      <Matrix x={RIGHT} matrix={right} />
      <path
        className="jp-Torchenstein-arc"
        d={`M${from.x} ${from.y} C${from.x} ${low},${to.x} ${low},${to.x} ${to.y}`}
      />
      <text
        className="jp-Torchenstein-meeting"
        x={(from.x + to.x) / 2}
        y={low + 8}
      >
        {meeting}
      </text>
    </svg>
  );
}

export namespace Product {
  export interface IPair {
    readonly left: Operand;
    readonly leftAxis: number;
    readonly right: Operand;
    readonly rightAxis: number;
  }
}

interface IMatrix {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly rows: ISize | null;
  readonly columns: ISize | null;
  /** Sizes before the last two, as text. */
  readonly batch: string;
  readonly clashesInRows: boolean;
  /** The clashing size as it is written. */
  readonly clash: string;
}

/** A vector stands as one row on the left side and as one column on the right. */
function matrixOf(operand: Operand, axis: number, isLeft: boolean): IMatrix {
  const shape = operand.shape ?? [];
  const sizes = sizesOf(shape, operand.names);
  const rank = shape.length;
  const rowAxis = rank > 1 ? rank - 2 : isLeft ? -1 : 0;
  const columnAxis = rank > 1 || isLeft ? rank - 1 : -1;
  const name =
    operand.text.length > LONGEST_NAME
      ? `${operand.text.slice(0, LONGEST_NAME - 1)}…`
      : operand.text;
  return {
    name,
    width: edge(columnAxis < 0 ? null : shape[columnAxis]),
    height: edge(rowAxis < 0 ? null : shape[rowAxis]) * 0.75,
    rows: sizes[rowAxis] ?? null,
    columns: sizes[columnAxis] ?? null,
    batch: sizes
      .slice(0, Math.max(0, rank - 2))
      .map(size => size.text)
      .join(' · '),
    clashesInRows: axis === rowAxis,
    clash: sizes[axis]?.text ?? '?'
  };
}

/** The length of an edge grows with the logarithm of its size: 8 and 5 differ, 4096 still fits. */
function edge(size: number | null): number {
  return size === null ? 18 : Math.min(100, 44 + 8 * Math.log2(1 + size));
}

function Matrix(props: { x: number; matrix: IMatrix }): React.JSX.Element {
  const { x, matrix } = props;
  const { width, height, rows, columns, clashesInRows } = matrix;
  const bottom = TOP + height;
  return (
    <g>
      {matrix.batch && (
        <rect
          className="jp-Torchenstein-sheet jp-mod-behind"
          x={x + 5}
          y={TOP - 5}
          width={width}
          height={height}
        />
      )}
      <rect
        className="jp-Torchenstein-sheet"
        x={x}
        y={TOP}
        width={width}
        height={height}
      />
      {clashesInRows ? (
        <path className="jp-Torchenstein-edge" d={`M${x} ${TOP}V${bottom}`} />
      ) : (
        <path
          className="jp-Torchenstein-edge"
          d={`M${x} ${bottom}H${x + width}`}
        />
      )}
      <text x={x + width / 2} y={TOP - 12}>
        {matrix.name}
      </text>
      {matrix.batch && (
        <text
          className="jp-Torchenstein-batch"
          x={x + width / 2}
          y={TOP + height / 2 + 4}
        >
          {matrix.batch}
        </text>
      )}
      {rows && (
        <text
          className="jp-Torchenstein-size"
          data-hue={rows.hue}
          data-clash={clashesInRows}
          textAnchor="end"
          x={x - 6}
          y={TOP + height / 2 + 4}
        >
          {rows.text}
        </text>
      )}
      {columns && (
        <text
          className="jp-Torchenstein-size"
          data-hue={columns.hue}
          data-clash={!clashesInRows}
          x={x + width / 2}
          y={bottom + 15}
        >
          {columns.text}
        </text>
      )}
    </g>
  );
}
