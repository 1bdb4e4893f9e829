import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Histogram } from '../protocol';
import { formatCount, formatNumber } from './format';

const WIDTH = 336;
const HEIGHT = 96;

/** How the elements are spread: one bar for each bin, the edges of the range below. */
export function HistogramView(props: {
  histogram: Histogram;
  name: string;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { histogram, name, trans } = props;
  const { counts, edges } = histogram;
  if (counts.length === 0) {
    return null;
  }
  const most = Math.max(1, ...counts);
  const first = edges[0];
  const last = edges[edges.length - 1];
  const fullest = counts.indexOf(most);
  const wide = WIDTH / counts.length;
  const zero = first < 0 && last > 0 ? (-first / (last - first)) * WIDTH : null;
  return (
    <figure className="jp-Torchenstein-picture">
      <svg
        className="jp-Torchenstein-histogram"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={trans.__(
          'Histogram of %1 from %2 to %3; most elements, %4, lie between %5 and %6',
          name,
          formatNumber(first),
          formatNumber(last),
          formatCount(most),
          formatNumber(edges[fullest]),
          formatNumber(edges[fullest + 1])
        )}
      >
        {counts.map((count, bin) => {
          const height =
            count === 0 ? 0 : Math.max(1, (count / most) * (HEIGHT - 2));
          return (
            <rect
              key={bin}
              x={bin * wide + 0.5}
              y={HEIGHT - height}
              width={Math.max(1, wide - 1)}
              height={height}
            >
              <title>
                {`${formatNumber(edges[bin])} … ${formatNumber(edges[bin + 1])}: ${formatCount(count)}`}
              </title>
            </rect>
          );
        })}
        {zero !== null && <line x1={zero} x2={zero} y1={0} y2={HEIGHT} />}
      </svg>
      <figcaption className="jp-Torchenstein-note jp-Torchenstein-ends">
        <span>{formatNumber(first)}</span>
        {zero !== null && <span>{trans.__('the line is 0')}</span>}
        <span>{formatNumber(last)}</span>
      </figcaption>
    </figure>
  );
}
