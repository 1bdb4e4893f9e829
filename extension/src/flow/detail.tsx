import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Shape } from '../tensors/shape';
import { formatCount, shortDtype } from '../tensors/format';
import type { FlowModel } from './model';
import type { FlowTree, IItem } from './tree';
import { describePlace, kindOf, nameOf, placeOf } from './words';

/** What is known of the selected item: what it takes, gives and learns, and the line that it is on. */
export function FlowDetail(props: {
  model: FlowModel;
  tree: FlowTree;
  goTo: (item: IItem) => void;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { model, tree, goTo, trans } = props;
  const item = model.selected;
  if (!item) {
    return null;
  }
  const { module, node } = item;
  const place = placeOf(item, tree);
  const takes = node
    ? tree.graph.edges.filter(
        edge => tree.nodes[edge.target] === item && edge.dtype !== null
      )
    : [];
  const facts: [string, React.ReactNode][] = [];
  if (takes.length > 0) {
    facts.push([
      trans.__('takes'),
      takes.map((edge, index) => (
        <span key={index} className="jp-Torchenstein-flowTensor">
          {nameOf(tree.nodes[edge.source], trans)}{' '}
          <Shape shape={edge.shape} names={edge.dims} />
        </span>
      ))
    ]);
  }
  if (node && node.weights.length > 0) {
    facts.push([
      trans.__('learned'),
      node.weights.map(weight => (
        <span key={weight.name} className="jp-Torchenstein-flowTensor">
          {weight.name} <Shape shape={weight.shape} />
        </span>
      ))
    ]);
  }
  if (node && node.made.length > 0) {
    facts.push([
      trans.__('gives'),
      node.made.map((tensor, index) => (
        <span key={index} className="jp-Torchenstein-flowTensor">
          <Shape shape={tensor.shape} names={tensor.dims} />{' '}
          <span className="jp-Torchenstein-note">
            {shortDtype(tensor.dtype)} {tensor.device}
          </span>
        </span>
      ))
    ]);
  }
  if (node?.varies) {
    facts.push([trans.__('note'), trans.__('Many shapes; this is the last.')]);
  }
  if (node?.grad_fn) {
    facts.push([trans.__('backward'), node.grad_fn]);
  }
  if (module) {
    facts.push([trans.__('class'), module.type]);
    facts.push([
      trans.__('parameters'),
      module.trainable === module.parameters
        ? formatCount(module.parameters)
        : trans.__(
            '%1, of which %2 learn',
            formatCount(module.parameters),
            formatCount(module.trainable)
          )
    ]);
  }
  const count = module?.calls ?? node?.count ?? 1;
  if (count > 1) {
    facts.push([trans.__('ran'), trans._n('%1 time', '%1 times', count)]);
  }
  return (
    <section
      className="jp-Torchenstein-flowDetail"
      aria-label={trans.__('The selected part')}
      aria-live="polite"
    >
      <h3>
        {nameOf(item, trans)}{' '}
        <span className="jp-Torchenstein-note">
          {node && node.kind !== 'operation' ? kindOf(node.kind, trans) : ''}
        </span>
      </h3>
      {place && (
        <p>
          <button
            className="jp-Torchenstein-button jp-mod-quiet jp-mod-small"
            onClick={() => goTo(item)}
          >
            {describePlace(place, trans)}
          </button>{' '}
          <code>{place.text}</code>
        </p>
      )}
      {node?.failed && (
        <p className="jp-Torchenstein-flowError">{node.error}</p>
      )}
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
