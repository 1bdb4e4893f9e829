import * as React from 'react';

import { describeShape } from './format';
import { sizesOf, type Names, type Sizes } from './sizes';

/** The sizes of a tensor, each in the colour of its dimension. */
export function Shape(props: {
  shape: Sizes;
  /** What its dimensions are called, where that is known. */
  names?: Names;
  /** Leaves the names to the colours and to screen readers, where there is little room. */
  isCompact?: boolean;
}): React.JSX.Element {
  const { shape, names, isCompact } = props;
  if (!shape || shape.length === 0) {
    return (
      <span className="jp-Torchenstein-shape jp-mod-none">
        {describeShape(shape)}
      </span>
    );
  }
  return (
    <span className="jp-Torchenstein-shape">
      <span className="jp-Torchenstein-hidden">
        {describeShape(shape, names)}
      </span>
      {sizesOf(shape, names).map((size, index) => (
        <span
          key={index}
          aria-hidden={true}
          className="jp-Torchenstein-size"
          data-hue={size.hue}
          title={isCompact ? size.text : undefined}
        >
          {isCompact ? (shape[index] ?? '?') : size.text}
        </span>
      ))}
    </span>
  );
}
