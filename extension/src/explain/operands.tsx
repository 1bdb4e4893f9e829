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
  const usual = operands.every(
    ({ role, dtype, device }) =>
      (dtype === 'float32' || role === 'shape') &&
      (device === 'cpu' || role === 'shape')
  );
  const showsFacts = !usual || clash?.rule === 'dtype';
  return (
    <table className="jp-Torchenstein-table jp-Torchenstein-operands">
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
            {showsFacts && (
              <td className="jp-Torchenstein-mono">{factsOf(operand)}</td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function factsOf(operand: Operand): string {
  const dtype = operand.dtype === null ? null : shortDtype(operand.dtype);
  return [dtype, operand.device].filter(fact => fact !== null).join(' · ');
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
