import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { TensorDetail } from '../protocol';
import { formatCount, formatNumber } from './format';

/** Mean, spread and range; NaN, infinity and zeros only where there are some. */
export function StatisticsView(props: {
  detail: TensorDetail;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { detail, trans } = props;
  const { statistics } = detail;
  if (!statistics || detail.read < 2) {
    return null;
  }
  const entries: [string, string, boolean][] = [
    [trans.__('mean'), formatNumber(statistics.mean), false],
    [trans.__('std'), formatNumber(statistics.std), false],
    [trans.__('min'), formatNumber(statistics.min), false],
    [trans.__('max'), formatNumber(statistics.max), false]
  ];
  if (statistics.zeros > 0) {
    entries.push([trans.__('zeros'), formatCount(statistics.zeros), false]);
  }
  if (statistics.nan > 0) {
    entries.push(['NaN', formatCount(statistics.nan), true]);
  }
  if (statistics.inf > 0) {
    entries.push(['±∞', formatCount(statistics.inf), true]);
  }
  return (
    <dl className="jp-Torchenstein-statistics">
      {entries.map(([name, value, isAlarming]) => (
        <div key={name} data-alarming={isAlarming}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
