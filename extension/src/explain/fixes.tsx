import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Fix } from '../protocol';

/** What would make it fit, to be copied: we never write into a learner's cell. */
export function Fixes(props: {
  fixes: readonly Fix[];
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { fixes, trans } = props;
  const [copied, setCopied] = React.useState<Fix | null>(null);
  if (fixes.length === 0) {
    return null;
  }
  return (
    <section className="jp-Torchenstein-fixes">
      <h3 className="jp-Torchenstein-fixesTitle">
        {trans._n('This would fit', 'Each of these would fit', fixes.length)}
      </h3>
      <ul>
        {fixes.map((fix, index) => (
          <li key={index} className="jp-Torchenstein-fix">
            <p>{fix.sentence}</p>
            <div>
              <pre>{fix.code}</pre>
              <button
                className="jp-Torchenstein-button jp-mod-quiet jp-mod-small"
                aria-label={trans.__('Copy %1', fix.code)}
                onClick={() => {
                  Clipboard.copyToSystem(fix.code);
                  setCopied(fix);
                }}
              >
                {fix === copied ? trans.__('Copied') : trans.__('Copy')}
              </button>
            </div>
          </li>
        ))}
      </ul>
      <span className="jp-Torchenstein-hidden" role="status">
        {copied ? trans.__('Copied') : ''}
      </span>
    </section>
  );
}
