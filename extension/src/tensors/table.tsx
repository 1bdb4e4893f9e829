import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Snapshot, TensorGroup, TensorSummary } from '../protocol';
import type { TensorsModel } from './model';
import { TensorRow } from './row';

/** A group larger than this is folded until the user unfolds it. */
const FOLD_ABOVE = 8;

/** The list: names first, then one body of the table for each group. */
export function TensorTable(props: {
  snapshot: Snapshot;
  model: TensorsModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { snapshot, model, trans } = props;
  const [focused, setFocused] = React.useState<string | null>(null);
  const [folds, setFolds] = React.useState<Record<string, boolean>>({});
  const isFolded = (group: TensorGroup) =>
    folds[group.name] ?? group.found > FOLD_ABOVE;

  const names = snapshot.tensors.map(tensor => tensor.name);
  const inTabOrder =
    focused !== null && names.includes(focused) ? focused : names[0];
  const largest = Math.max(
    1,
    ...snapshot.tensors.map(tensor => tensor.bytes ?? 0)
  );
  const row = (tensor: TensorSummary) => (
    <TensorRow
      key={tensor.name}
      tensor={tensor}
      names={model.namesOf(tensor.name, tensor.shape)}
      open={model.open?.name === tensor.name ? model.open : null}
      largest={largest}
      isInTabOrder={tensor.name === inTabOrder}
      onFocus={setFocused}
      model={model}
      trans={trans}
    />
  );

  return (
    <div
      className="jp-Torchenstein-table"
      role="table"
      aria-label={trans.__('Tensors')}
      onKeyDown={moveFocus}
    >
      <div className="jp-Torchenstein-head" role="row">
        <span role="columnheader">{trans.__('name')}</span>
        <span role="columnheader">{trans.__('shape')}</span>
        <span role="columnheader">{trans.__('dtype')}</span>
        <span role="columnheader">{trans.__('grad')}</span>
        <span role="columnheader">{trans.__('memory')}</span>
      </div>
      <div role="rowgroup">
        {snapshot.tensors.filter(tensor => tensor.group === null).map(row)}
      </div>
      {snapshot.groups.map(group => (
        <div role="rowgroup" key={group.name}>
          <div className="jp-Torchenstein-group" role="row">
            <span role="rowheader" aria-colspan={5}>
              <button
                data-row={`group ${group.name}`}
                aria-expanded={!isFolded(group)}
                onClick={() =>
                  setFolds({ ...folds, [group.name]: !isFolded(group) })
                }
              >
                <span className="jp-Torchenstein-name">{group.name}</span>
                <span className="jp-Torchenstein-note">
                  {kindOf(group, trans)}
                </span>
              </button>
            </span>
          </div>
          {!isFolded(group) &&
            snapshot.tensors
              .filter(tensor => tensor.group === group.name)
              .map(row)}
        </div>
      ))}
    </div>
  );
}

function kindOf(group: TensorGroup, trans: TranslationBundle): string {
  const count = trans._n('%1 tensor', '%1 tensors', group.found);
  const listed =
    group.omitted > 0
      ? trans.__('%1, %2 not listed', count, group.omitted)
      : count;
  return `${group.type} · ${listed}`;
}

/** Up, Down, Home and End walk through the rows, as in JupyterLab's file browser. */
function moveFocus(event: React.KeyboardEvent<HTMLElement>): void {
  const target = event.target as HTMLElement;
  if (!target.matches('button[data-row]')) {
    return;
  }
  const rows = Array.from(
    event.currentTarget.querySelectorAll<HTMLElement>('button[data-row]')
  );
  const here = rows.indexOf(target);
  const there = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 }[
    event.key
  ];
  if (there === undefined) {
    return;
  }
  event.preventDefault();
  const index =
    event.key === 'End'
      ? rows.length - 1
      : Math.min(rows.length - 1, Math.max(0, there));
  rows[index].focus();
}
