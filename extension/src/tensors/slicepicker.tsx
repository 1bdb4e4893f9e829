import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Heatmap } from '../protocol';
import type { TensorsModel } from './model';

/** Chooses which slice of a tensor with more than two dimensions is drawn. */
export function SlicePicker(props: {
  heatmap: Heatmap;
  model: TensorsModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { heatmap, model, trans } = props;
  const choose = (dimension: number, value: number) => {
    const size = heatmap.leading[dimension];
    if (Number.isInteger(value) && value >= 0 && value < size) {
      const index = heatmap.index.slice();
      index[dimension] = value;
      void model.slice(index);
    }
  };
  return (
    <span className="jp-Torchenstein-slice jp-Torchenstein-mono">
      [
      {heatmap.leading.map((size, dimension) => (
        <React.Fragment key={dimension}>
          <input
            type="number"
            min={0}
            max={size - 1}
            value={heatmap.index[dimension]}
            aria-label={trans.__(
              'Index of dimension %1, below %2',
              dimension,
              size
            )}
            onChange={event => choose(dimension, event.target.valueAsNumber)}
          />
          {', '}
        </React.Fragment>
      ))}
      {':, :]'}
    </span>
  );
}
