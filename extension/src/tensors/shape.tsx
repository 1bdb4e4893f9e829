import * as React from 'react';

import type { TensorSummary } from '../protocol';
import { hueOf } from './colors';
import { describeShape } from './format';

/** The sizes of a tensor, each in the colour of its dimension. */
export function Shape(props: {
  shape: TensorSummary['shape'];
}): React.JSX.Element {
  const { shape } = props;
  if (!shape || shape.length === 0) {
    return (
      <span className="jp-Torchenstein-shape jp-mod-none">
        {describeShape(shape)}
      </span>
    );
  }
  return (
    <span className="jp-Torchenstein-shape">
      <span className="jp-Torchenstein-hidden">{describeShape(shape)}</span>
      {shape.map((size, index) => (
        <span
          key={index}
          aria-hidden={true}
          className="jp-Torchenstein-size"
          data-hue={hueOf(size)}
        >
          {size ?? '?'}
        </span>
      ))}
    </span>
  );
}
