import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { TensorSummary } from '../protocol';
import type { IExplorers } from '../tokens';

/** The explorers, where their plugin is there. */
export const ExplorersContext = React.createContext<IExplorers | null>(null);

/** A button for each explorer that can draw the open tensor. */
export function ExploreButtons(props: {
  tensor: TensorSummary;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { tensor, trans } = props;
  const explorers = React.useContext(ExplorersContext);
  const kinds = explorers?.of(tensor) ?? [];
  if (!explorers || kinds.length === 0) {
    return null;
  }
  return (
    <div
      className="jp-Torchenstein-exploreRow"
      role="group"
      aria-label={trans.__('Explore %1', tensor.name)}
    >
      <span className="jp-Torchenstein-note">{trans.__('Explore:')}</span>
      {kinds.map(kind => (
        <button
          key={kind}
          className="jp-Torchenstein-button jp-mod-quiet jp-mod-small"
          onClick={() => explorers.open(kind, tensor)}
        >
          {explorers.label(kind)}
        </button>
      ))}
    </div>
  );
}
