import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { lockIcon } from '../icons';
import type { HintsModel } from './model';
import type { INextTier } from './unlock';

/** The button that opens the next hint, or a sentence on what opens it. */
export function NextHint(props: {
  next: INextTier | null;
  model: HintsModel;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { next, model, trans } = props;
  if (!next) {
    return null;
  }
  if (!next.unlocked) {
    return (
      <p className="jp-Torchenstein-locked">
        <lockIcon.react tag="span" className="jp-Torchenstein-lockSign" />
        <span>{conditionOf(next, trans)}</span>
      </p>
    );
  }
  return (
    <button
      className="jp-Torchenstein-button"
      onClick={() => void model.openNext()}
    >
      {invitationTo(next.tier, trans)}
    </button>
  );
}

function invitationTo(tier: number, trans: TranslationBundle): string {
  switch (tier) {
    case 1:
      return trans.__('Stuck? Show the nudge');
    case 2:
      return trans.__('Still stuck? Show the strategy');
    default:
      return trans.__('Still stuck? Show the outline');
  }
}

function conditionOf(next: INextTier, trans: TranslationBundle): string {
  const afterAttempt = next.rule === 'attempt';
  if (next.tier === 2) {
    return afterAttempt
      ? trans.__('The strategy opens once you have run an answer of your own.')
      : trans.__('The strategy opens when a check of your answer has failed.');
  }
  return afterAttempt
    ? trans.__('The outline opens once you have run an answer of your own.')
    : trans.__('The outline opens when a check of your answer has failed.');
}
