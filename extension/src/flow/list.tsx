import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Shape } from '../tensors/shape';
import type { FlowModel } from './model';
import type { FlowTree, IItem } from './tree';
import { aboutModule, kindOf, nameOf, timesOf } from './words';

/** The same graph as text: a nested list that says of each operation what it takes and gives. */
export function FlowList(props: {
  model: FlowModel;
  tree: FlowTree;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { model, tree, trans } = props;
  const takes = React.useMemo(() => takesOf(tree), [tree]);
  const children = (item: IItem) =>
    item.children.filter(each => tree.isShown(each, model.backward));
  const row = (item: IItem): React.JSX.Element => {
    const isOpen = model.expanded.has(item.id);
    const times = timesOf(item);
    return (
      <li
        key={item.id}
        data-item={item.id}
        data-failed={item.node?.failed ?? false}
      >
        {item.children.length > 0 ? (
          <>
            <button
              className="jp-Torchenstein-flowRow"
              aria-expanded={isOpen}
              onClick={() => model.toggle(item)}
            >
              <b>{nameOf(item, trans)}</b> {times}{' '}
              <span className="jp-Torchenstein-note">
                {aboutModule(item, trans)}
              </span>
            </button>
            {isOpen && <ol>{children(item).map(row)}</ol>}
          </>
        ) : (
          <button
            className="jp-Torchenstein-flowRow"
            aria-current={model.selected === item}
            onClick={() => model.select(item)}
          >
            <b>{nameOf(item, trans)}</b> {times}{' '}
            <Text item={item} takes={takes.get(item) ?? []} trans={trans} />
          </button>
        )}
      </li>
    );
  };
  return (
    <ol className="jp-Torchenstein-flowList">{children(tree.root).map(row)}</ol>
  );
}

function Text(props: {
  item: IItem;
  takes: readonly IItem[];
  trans: TranslationBundle;
}): React.JSX.Element {
  const { item, takes, trans } = props;
  const { node } = item;
  return (
    <>
      {takes.length > 0 && (
        <span className="jp-Torchenstein-note">
          {trans.__(
            'of %1',
            takes.map(each => nameOf(each, trans)).join(', ')
          )}{' '}
        </span>
      )}
      {node?.kind !== 'operation' && (
        <span className="jp-Torchenstein-note">
          {kindOf(node?.kind ?? '', trans)}{' '}
        </span>
      )}
      {node?.made.map((tensor, index) => (
        <React.Fragment key={index}>
          {index > 0 && ', '}
          <Shape shape={tensor.shape} names={tensor.dims} />
        </React.Fragment>
      ))}
      {node?.failed && (
        <span className="jp-Torchenstein-flowError"> {node.error}</span>
      )}
    </>
  );
}

function takesOf(tree: FlowTree): Map<IItem, IItem[]> {
  const found = new Map<IItem, IItem[]>();
  for (const { source, target } of tree.graph.edges) {
    const to = tree.nodes[target];
    const known = found.get(to) ?? [];
    found.set(to, known);
    known.push(tree.nodes[source]);
  }
  return found;
}
