import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Clash, Operand } from '../protocol';
import { shortDtype } from '../tensors/format';
import { Shape } from '../tensors/shape';

/** What went into the operation: one row each. */
export function Operands(props: {
  operands: readonly Operand[];
  clash: Clash | null;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { operands, clash, trans } = props;
  if (operands.length === 0) {
    return null;
  }
  const facts = factsOf(operands, clash?.rule ?? '');
  return (
    <table className="jp-Torchenstein-operands">
      <caption className="jp-Torchenstein-hidden">
        {trans.__('What went in')}
      </caption>
      <tbody>
        {operands.map((operand, index) => (
          <tr key={index}>
            <th scope="row">
              <span className="jp-Torchenstein-mono">{operand.text}</span>
              {operand.role !== 'tensor' && (
                <span className="jp-Torchenstein-note">
                  {roleOf(operand, trans)}
                </span>
              )}
            </th>
            <td>
              <Shape shape={operand.shape} names={operand.names} />
            </td>
            {facts && <td className="jp-Torchenstein-mono">{facts[index]}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Dtype and device of each operand, only where they are not the usual ones; null where all are. */
function factsOf(operands: readonly Operand[], rule: string): string[] | null {
  const dtypes = operands.map(({ dtype }) => dtype).filter(isText);
  const devices = operands.map(({ device }) => device).filter(isText);
  const showsDtype =
    rule === 'dtype' || dtypes.some(dtype => dtype !== 'float32');
  const showsDevice =
    rule === 'device' || devices.some(device => device !== 'cpu');
  return showsDtype || showsDevice
    ? operands.map(({ dtype, device }) =>
        [
          showsDtype && dtype !== null ? shortDtype(dtype) : null,
          showsDevice ? device : null
        ]
          .filter(isText)
          .join(' · ')
      )
    : null;
}

function isText(value: string | null): value is string {
  return value !== null;
}

function roleOf(operand: Operand, trans: TranslationBundle): string {
  switch (operand.role) {
    case 'weight':
      return trans.__('weight');
    case 'index':
      return trans.__('index');
    case 'target':
      return trans.__('target');
    case 'shape':
      return trans.__('the shape asked for');
    case 'equation':
      return trans.__('equation');
    default:
      return operand.role;
  }
}
