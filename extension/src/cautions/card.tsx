import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Fixes } from '../explain/fixes';
import { Operands } from '../explain/operands';
import type { Caution } from '../protocol';
import { Pairs } from './pairs';

/** What somebody can do about a warning. */
export interface ICardActions {
  goTo(): void;
  /** null where there is no other one. */
  next: (() => void) | null;
  dismiss(): void;
  /** Switches the kind off. */
  stop(): void;
}

/** One warning: what happened in a sentence, drawn, and what could stand there instead. */
export function Card(props: {
  caution: Caution;
  /** For instance: cell 3, line 2. */
  place: string;
  actions: ICardActions;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { caution, place, actions, trans } = props;
  const { operands, result } = caution;
  const button = 'jp-Torchenstein-button jp-mod-quiet jp-mod-small';
  return (
    <article aria-label={caution.title}>
      <div className="jp-Torchenstein-caution">
        <h3 className="jp-Torchenstein-cautionTitle">{caution.title}</h3>
        <p className="jp-Torchenstein-plain" role="status">
          {caution.sentence}
        </p>
        <pre className="jp-Torchenstein-expression">
          <mark>{caution.expression}</mark>
        </pre>
        <p className="jp-Torchenstein-facts">{place}</p>
      </div>
      <div className="jp-Torchenstein-cautionActions">
        <button className={button} onClick={actions.goTo}>
          {trans.__('Go to the line')}
        </button>
        {actions.next && (
          <button className={button} onClick={actions.next}>
            {trans.__('Next')}
          </button>
        )}
      </div>
      {operands.length > 0 && (
        <Operands operands={operands} clash={null} trans={trans} />
      )}
      {result && operands.length === 2 && (
        <Pairs operands={operands} result={result} trans={trans} />
      )}
      <Fixes
        title={trans.__('If you did not mean it')}
        fixes={caution.remedies}
        trans={trans}
      />
      <div className="jp-Torchenstein-cautionActions jp-mod-last">
        <button className={button} onClick={actions.dismiss}>
          {trans.__('I meant it')}
        </button>
        <button
          className={button}
          title={trans.__('You can switch it on again in the settings')}
          onClick={actions.stop}
        >
          {trans.__('No longer warn of “%1”', caution.title)}
        </button>
      </div>
    </article>
  );
}
