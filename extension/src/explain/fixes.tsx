import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

/** A sentence, and what could stand there instead; no code where words must do. */
interface IFix {
  readonly sentence: string;
  readonly code: string | null;
}

/** What could stand there instead, to be copied: we never write into a learner's cell. */
export function Fixes(props: {
  title: string;
  fixes: readonly IFix[];
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { title, fixes, trans } = props;
  const [copied, setCopied] = React.useState<IFix | null>(null);
  if (fixes.length === 0) {
    return null;
  }
  return (
    <section className="jp-Torchenstein-fixes">
      <h3 className="jp-Torchenstein-fixesTitle">{title}</h3>
      <ul>
        {fixes.map((fix, index) => (
          <li key={index} className="jp-Torchenstein-fix">
            <p>{fix.sentence}</p>
            {fix.code !== null && (
              <div>
                <pre>{fix.code}</pre>
                <button
                  className="jp-Torchenstein-button jp-mod-quiet jp-mod-small"
                  aria-label={trans.__('Copy %1', fix.code)}
                  onClick={() => {
                    Clipboard.copyToSystem(fix.code ?? '');
                    setCopied(fix);
                  }}
                >
                  {fix === copied ? trans.__('Copied') : trans.__('Copy')}
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      <span className="jp-Torchenstein-hidden" role="status">
        {copied ? trans.__('Copied') : ''}
      </span>
    </section>
  );
}
