import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Heatmap, TensorSummary } from '../protocol';
import { formatNumber } from './format';
import { shadeOf, type IRange } from './shade';

/** Up to this many columns the numbers are written into the cells. */
const COLUMNS_WITH_NUMBERS = 7;
const ROWS_WITH_NUMBERS = 12;
/** Pixels. */
const WIDTH = 336;
const TALLEST = 240;
const LARGEST_CELL = 24;

/** A 2-D view as coloured cells; what the pointer is over is written below. */
export function HeatmapView(props: {
  heatmap: Heatmap;
  summary: TensorSummary;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { heatmap, summary, trans } = props;
  const canvas = React.useRef<HTMLCanvasElement>(null);
  const [under, setUnder] = React.useState<string | null>(null);
  const { cells } = heatmap;
  const rows = cells.length;
  const columns = cells[0]?.length ?? 0;
  const hasNumbers =
    columns <= COLUMNS_WITH_NUMBERS && rows <= ROWS_WITH_NUMBERS;
  const size = sizeOf(rows, columns, hasNumbers);
  const range: IRange = { min: heatmap.min ?? 0, max: heatmap.max ?? 0 };

  React.useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (context && columns > 0) {
      paint(context, heatmap, range, size);
    }
  });

  if (rows === 0 || columns === 0) {
    return null;
  }
  const extent = trans.__(
    'from %1 to %2',
    formatNumber(heatmap.min),
    formatNumber(heatmap.max)
  );
  return (
    <figure className="jp-Torchenstein-picture">
      {hasNumbers ? (
        <Numbers heatmap={heatmap} range={range} name={summary.name} />
      ) : (
        <canvas
          ref={canvas}
          role="img"
          aria-label={trans.__(
            'Heatmap of %1, %2 by %3 cells, %4',
            summary.name,
            rows,
            columns,
            extent
          )}
          width={size.width * SHARPNESS}
          height={size.height * SHARPNESS}
          style={{ width: size.width, height: size.height }}
          onPointerMove={event => {
            const box = event.currentTarget.getBoundingClientRect();
            const row = Math.floor(
              ((event.clientY - box.top) / box.height) * rows
            );
            const column = Math.floor(
              ((event.clientX - box.left) / box.width) * columns
            );
            setUnder(describeCell(heatmap, row, column));
          }}
          onPointerLeave={() => setUnder(null)}
        />
      )}
      <figcaption className="jp-Torchenstein-note">
        {under ?? `${heatmap.note.replace(/\.$/, '')} · ${extent}`}
      </figcaption>
    </figure>
  );
}

/** A small slice as a real table: everybody can read it. */
function Numbers(props: {
  heatmap: Heatmap;
  range: IRange;
  name: string;
}): React.JSX.Element {
  const { heatmap, range, name } = props;
  return (
    <table className="jp-Torchenstein-numbers" aria-label={name}>
      <tbody>
        {heatmap.cells.map((row, index) => (
          <tr key={index}>
            {row.map((value, column) => (
              <td
                key={column}
                title={describeCell(heatmap, index, column) ?? ''}
              >
                <span
                  style={{ background: tint(shadeOf(value, range)) }}
                  aria-hidden={true}
                />
                {formatNumber(value)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Pixels of the canvas for each pixel of the page. */
const SHARPNESS = 2;

interface ISize {
  readonly width: number;
  readonly height: number;
}

function sizeOf(rows: number, columns: number, hasNumbers: boolean): ISize {
  if (hasNumbers || rows === 0 || columns === 0) {
    return { width: WIDTH, height: 0 };
  }
  const side = Math.min(LARGEST_CELL, WIDTH / columns);
  const height = Math.min(TALLEST, Math.max(12, rows * Math.min(side, 16)));
  return { width: Math.round(side * columns), height: Math.round(height) };
}

function paint(
  context: CanvasRenderingContext2D,
  heatmap: Heatmap,
  range: IRange,
  size: ISize
): void {
  const { cells } = heatmap;
  const wide = (size.width * SHARPNESS) / cells[0].length;
  const high = (size.height * SHARPNESS) / cells.length;
  const gap = Math.min(wide, high) > 10 ? 2 : 0;
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  cells.forEach((row, y) => {
    row.forEach((value, x) => {
      const left = Math.floor(x * wide);
      const top = Math.floor(y * high);
      const width = Math.floor((x + 1) * wide) - left - gap;
      const height = Math.floor((y + 1) * high) - top - gap;
      const shade = shadeOf(value, range);
      context.fillStyle = shade ?? MISSING;
      context.fillRect(left, top, width, height);
      if (shade === null) {
        // Not by colour alone: NaN is crossed out.
        context.strokeStyle = CROSS;
        context.beginPath();
        context.moveTo(left, top);
        context.lineTo(left + width, top + height);
        context.stroke();
      }
    });
  });
}

const MISSING = 'rgba(255, 193, 7, 0.55)';
const CROSS = 'rgb(90, 50, 0)';

/** Behind text a shade is at most half as strong, so that the number stays readable. */
function tint(shade: string | null): string {
  return shade === null
    ? MISSING
    : shade.replace(/[\d.]+\)$/, opacity => `${parseFloat(opacity) * 0.42})`);
}

function describeCell(
  heatmap: Heatmap,
  row: number,
  column: number
): string | null {
  const value = heatmap.cells[row]?.[column];
  if (value === undefined) {
    return null;
  }
  const place: number[] = [...heatmap.index];
  if (heatmap.row_dim !== null) {
    place.push(row * heatmap.row_step);
  }
  if (heatmap.column_dim !== null) {
    place.push(column * heatmap.column_step);
  }
  return `[${place.join(', ')}] = ${formatNumber(value)}`;
}
