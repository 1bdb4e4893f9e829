import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { describeShape, shortDtype } from '../tensors/format';
import { sizesOf } from '../tensors/sizes';
import type { IBox } from './layout';
import { fitted, LABEL_HEIGHT, type ILabel } from './measure';
import { HEADER } from './arrange';
import type { FlowTree } from './tree';
import { describe, nameOf, shortAbout, timesOf } from './words';

const TIMES = ' × ';

/** A module or an operation with the shapes that leave it. */
export const Box = React.memo(function Box(props: {
  box: IBox;
  tree: FlowTree;
  isSelected: boolean;
  isMatch: boolean;
  isInTabOrder: boolean;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { box, tree, isSelected, isMatch, isInTabOrder, trans } = props;
  const { item, x, y, width, height, isOpen } = box;
  const isModule = item.children.length > 0;
  const name = fitted(nameOf(item, trans));
  const times = timesOf(item);
  const about = shortAbout(item, trans);
  const middle = isModule ? 22 : width / 2;
  const baseline = isOpen ? 19 : about ? 17 : height / 2 + 4;
  return (
    <g
      className="jp-Torchenstein-flowItem"
      transform={`translate(${x},${y})`}
      role="button"
      tabIndex={isInTabOrder ? 0 : -1}
      data-item={item.id}
      data-kind={item.module ? 'scope' : item.node?.kind}
      data-failed={item.node?.failed ?? false}
      data-match={isMatch}
      aria-pressed={isSelected}
      aria-expanded={isModule ? isOpen : undefined}
      aria-label={describe(item, tree, trans)}
    >
      <rect
        className="jp-Torchenstein-flowBox"
        data-paper={
          item.module && (item.depth % 2 || !isOpen) ? 'tinted' : 'plain'
        }
        width={width}
        height={height}
        rx={item.node?.kind === 'operation' || item.module ? 5 : height / 2}
      />
      {isModule && (
        <path
          className="jp-Torchenstein-flowTwist"
          d={isOpen ? 'M9,12l4,5l4,-5' : 'M10,10l5,4l-5,4'}
          aria-hidden={true}
        />
      )}
      <text
        className="jp-Torchenstein-flowName"
        x={middle}
        y={baseline}
        textAnchor={isModule ? 'start' : 'middle'}
      >
        {name}
        {isOpen && about && (
          <tspan className="jp-Torchenstein-flowAbout" dx={8}>
            {about}
          </tspan>
        )}
        {times && (
          <tspan className="jp-Torchenstein-flowTimes" dx={6}>
            {times}
          </tspan>
        )}
      </text>
      {!isOpen && about && (
        <text
          className="jp-Torchenstein-flowAbout"
          x={middle}
          y={32}
          textAnchor={isModule ? 'start' : 'middle'}
        >
          {about}
        </text>
      )}
      {isOpen &&
        box.entering
          .slice(0, 1)
          .map((label, index) => (
            <Label
              key={index}
              label={label}
              x={width / 2}
              y={HEADER}
              trans={trans}
            />
          ))}
      {box.labels.map((label, index) => (
        <Label
          key={index}
          label={label}
          x={width / 2}
          y={height + index * LABEL_HEIGHT}
          trans={trans}
        />
      ))}
    </g>
  );
});

/** The shape of a tensor on its line, its sizes in their colours. */
function Label(props: {
  label: ILabel;
  x: number;
  y: number;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { label, x, y, trans } = props;
  const { shape, dims, dtype } = label.tensor;
  const sizes = sizesOf(shape, dims);
  return (
    <text
      className="jp-Torchenstein-flowLabel"
      x={x}
      y={y + 12.5}
      textAnchor="middle"
      aria-hidden={true}
    >
      {label.names && (
        <tspan className="jp-Torchenstein-flowVariable">{label.names} </tspan>
      )}
      {label.many > 1 && <tspan>{trans.__('%1 of', label.many)} </tspan>}
      {sizes.map((size, index) => (
        <React.Fragment key={index}>
          {index > 0 && <tspan>{TIMES}</tspan>}
          <tspan className="jp-Torchenstein-size" data-hue={size.hue}>
            {size.text}
          </tspan>
        </React.Fragment>
      ))}
      {sizes.length === 0 && <tspan>{describeShape(shape)}</tspan>}
      {dtype !== 'float32' && <tspan> {shortDtype(dtype)}</tspan>}
    </text>
  );
}
