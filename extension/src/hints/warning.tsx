import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IWarning } from '../tokens';
import type { IVerdict } from './report';

/** A line that ran and looks wrong: what happened in a plain sentence, and what to ask about it. */
export function Warning(props: {
  warning: IWarning;
  verdict: IVerdict | null;
  showMore: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { verdict, showMore, trans } = props;
  const { title, sentence, expression } = props.warning.caution;
  const isWrong = verdict?.status === 'failed' || verdict?.status === 'partial';
  return (
    <section
      className="jp-Torchenstein-verdict"
      data-status="partial"
      aria-label={trans.__('Worth a look')}
    >
      <p className="jp-Torchenstein-verdictHead">
        <span className="jp-Torchenstein-sign" aria-hidden={true}>
          ◦
        </span>
        <strong>{title}</strong>
      </p>
      <p className="jp-Torchenstein-plain">{sentence}</p>
      <pre className="jp-Torchenstein-expression">
        <mark>{expression}</mark>
      </pre>
      <p className="jp-Torchenstein-step">
        {isWrong
          ? trans.__(
              'The check has not passed yet, and this may be why. The line ran without an error, so nothing else will point to it. Did you mean it to do this? If you did, look elsewhere; if not, change it, run the cell and then the check again.'
            )
          : trans.__(
              'The line ran without an error, so nothing else will point to it. Did you mean it to do this? If you did, go on to the check; if not, change the line and run the cell again.'
            )}
      </p>
      <button
        className="jp-Torchenstein-button jp-mod-quiet jp-mod-small"
        onClick={showMore}
      >
        {trans.__('Show what could stand there')}
      </button>
    </section>
  );
}
