import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Operands } from '../explain/operands';
import type { Explanation } from '../protocol';

/** The operation at which the last run stopped: a plain sentence, then what really went in. */
export function Operation(props: {
  explanation: Explanation;
  showMore: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { explanation, showMore, trans } = props;
  const { clash, expression, operands, summary } = explanation;
  return (
    <section
      className="jp-Torchenstein-verdict"
      data-status="failed"
      aria-label={trans.__('Where the last run stopped')}
    >
      <p className="jp-Torchenstein-verdictHead">
        <span className="jp-Torchenstein-sign" aria-hidden={true}>
          ✗
        </span>
        <strong>{trans.__('The run stopped in this exercise')}</strong>
      </p>
      <p className="jp-Torchenstein-plain">{summary}</p>
      <pre className="jp-Torchenstein-expression">
        <mark>{expression}</mark>
      </pre>
      <Operands operands={operands} clash={clash} trans={trans} />
      {operands.length > 0 && (
        <p className="jp-Torchenstein-step">
          {trans.__(
            'These are the tensors that really went in. Is each of them what you had in mind? If one is not, the line that made it is the one to change. If they all are, this operation wants them in another form.'
          )}
        </p>
      )}
      <button
        className="jp-Torchenstein-button jp-mod-quiet jp-mod-small"
        onClick={showMore}
      >
        {trans.__('Show what would fit')}
      </button>
    </section>
  );
}
