import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Clash, Explanation } from '../protocol';
import { describeShape } from '../tensors/format';
import { ladderOf } from './ladder';
import { Product } from './product';
import { Rows } from './rows';

type Rule = Clash['rule'];

/** Under these rules dimensions are compared from the right. */
const RIGHT_ALIGNED: readonly Rule[] = [
  'broadcast',
  'expand',
  'in place',
  'batch'
];

/** Under these rules a row of the left side meets a column of the right side. */
const PRODUCT: readonly Rule[] = ['inner'];

/** The clash where it happens; nothing where there is none to draw. */
export function Drawing(props: {
  explanation: Explanation;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { explanation, trans } = props;
  const { clash, operands } = explanation;
  if (!clash || clash.dimensions.length === 0) {
    return null;
  }
  const label = [
    ...operands.map(
      operand =>
        `${operand.text}: ${describeShape(operand.shape, operand.names)}`
    ),
    clash.sentence
  ].join('; ');
  const pair = pairOf(explanation);
  return (
    <figure className="jp-Torchenstein-clash">
      {pair ? (
        <Product pair={pair} label={label} trans={trans} />
      ) : (
        <Rows
          ladder={ladderOf(operands, clash, RIGHT_ALIGNED.includes(clash.rule))}
          label={label}
        />
      )}
    </figure>
  );
}

/** The two sides of a product whose inner sizes clash; null for everything else. */
function pairOf(explanation: Explanation): Product.IPair | null {
  const { clash, operands } = explanation;
  if (
    !clash ||
    !PRODUCT.includes(clash.rule) ||
    clash.dimensions.length !== 2
  ) {
    return null;
  }
  const [one, other] = clash.dimensions;
  const [left, right] = [operands[one.operand], operands[other.operand]];
  return left?.shape && right?.shape && left !== right
    ? { left, leftAxis: one.axis, right, rightAxis: other.axis }
    : null;
}
