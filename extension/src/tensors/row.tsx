import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { TensorSummary } from '../protocol';
import { TensorDetails } from './detail';
import { formatBytes, shortDtype } from './format';
import type { IOpenTensor, TensorsModel } from './model';
import { Shape } from './shape';
import type { Names } from './sizes';

interface IRowProps {
  tensor: TensorSummary;
  /** What the code calls its dimensions. */
  names: Names;
  /** Its elements, where the row is open. */
  open: IOpenTensor | null;
  /** Bytes of the largest tensor in the list: the full length of the bar. */
  largest: number;
  isInTabOrder: boolean;
  onFocus: (name: string) => void;
  model: TensorsModel;
  trans: TranslationBundle;
}

/** One tensor; under it, when open, its elements. Drawn again only when it changes: there may be a thousand. */
export const TensorRow = React.memo(Row, isSame);

function isSame(before: IRowProps, now: IRowProps): boolean {
  const { tensor, names, ...others } = now;
  return (
    isEqual(before.tensor, tensor) &&
    isEqual(before.names, names) &&
    Object.entries(others).every(
      ([key, value]) => before[key as keyof IRowProps] === value
    )
  );
}

/** Whether two parts of the kernel's answers say the same. */
function isEqual<T>(one: T, other: T): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function Row(props: IRowProps): React.JSX.Element {
  const { tensor, names, open, largest, isInTabOrder, model, trans } = props;
  const isOpen = open !== null;
  const detailId = `jp-Torchenstein-detail-${React.useId()}`;
  const toggle = () => void model.toggle(tensor.name);
  const layout = layoutOf(tensor, trans);
  return (
    <>
      <div
        className="jp-Torchenstein-row"
        role="row"
        data-tensor={tensor.name}
        data-open={isOpen}
        data-member={tensor.group !== null}
        onClick={toggle}
      >
        <div role="cell">
          <button
            data-row={tensor.name}
            className="jp-Torchenstein-name"
            title={tensor.name}
            tabIndex={isInTabOrder ? 0 : -1}
            aria-expanded={isOpen}
            aria-controls={isOpen ? detailId : undefined}
            onFocus={() => props.onFocus(tensor.name)}
            onClick={event => {
              event.stopPropagation();
              toggle();
            }}
          >
            {tensor.name}
          </button>
          <span className="jp-Torchenstein-note" title={layout}>
            {layout}
          </span>
        </div>
        <div role="cell">
          <Shape shape={tensor.shape} names={names} isCompact={true} />
        </div>
        <div role="cell">
          <span className="jp-Torchenstein-mono" title={tensor.dtype ?? ''}>
            {tensor.dtype ? shortDtype(tensor.dtype) : '?'}
          </span>
          <span className="jp-Torchenstein-note">{tensor.device}</span>
        </div>
        <div role="cell">{gradOf(tensor, trans)}</div>
        <div role="cell">
          <span className="jp-Torchenstein-bytes">
            {tensor.bytes === null ? '?' : formatBytes(tensor.bytes)}
          </span>
          <span
            className="jp-Torchenstein-bar"
            data-shared={isShared(tensor)}
            aria-hidden={true}
          >
            <span style={{ width: `${barWidth(tensor, largest)}%` }} />
          </span>
        </div>
      </div>
      {open && (
        <div className="jp-Torchenstein-detailRow" role="row" id={detailId}>
          <div role="cell" aria-colspan={5}>
            <TensorDetails
              tensor={tensor}
              detail={open.detail}
              model={model}
              trans={trans}
            />
          </div>
        </div>
      )}
    </>
  );
}

function gradOf(
  tensor: TensorSummary,
  trans: TranslationBundle
): React.JSX.Element | null {
  if (!tensor.requires_grad) {
    return null;
  }
  const note =
    tensor.grad === 'set'
      ? trans.__('has .grad')
      : tensor.grad === 'none'
        ? trans.__('no .grad yet')
        : tensor.is_leaf
          ? null
          : trans.__('computed');
  return (
    <>
      <span className="jp-Torchenstein-grad">{trans.__('yes')}</span>
      {note && <span className="jp-Torchenstein-note">{note}</span>}
    </>
  );
}

function isShared(tensor: TensorSummary): boolean {
  return tensor.relation === 'view' || tensor.relation === 'same object';
}

function layoutOf(tensor: TensorSummary, trans: TranslationBundle): string {
  if (tensor.relation === 'same object' && tensor.view_of) {
    return trans.__('same as %1', tensor.view_of);
  }
  const steps = tensor.contiguous === false ? trans.__('not contiguous') : null;
  if (tensor.relation === 'view') {
    const view = tensor.view_of
      ? trans.__('view of %1', tensor.view_of)
      : trans.__('view');
    return steps ? `${view}, ${steps}` : view;
  }
  if (tensor.layout !== null && tensor.layout !== 'strided') {
    return tensor.layout.replace('_', ' ');
  }
  return steps ?? trans.__('contiguous');
}

/** On a logarithmic scale: else everything beside one large tensor is a dot. */
function barWidth(tensor: TensorSummary, largest: number): number {
  const bytes = tensor.bytes ?? 0;
  return bytes === 0
    ? 0
    : Math.max(4, (100 * Math.log2(1 + bytes)) / Math.log2(1 + largest));
}
