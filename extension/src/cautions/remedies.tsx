import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Remedy } from '../protocol';

/** What could stand there instead, to be copied: we never write into a learner's cell. */
export function Remedies(props: {
  remedies: readonly Remedy[];
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { remedies, trans } = props;
  const [copied, setCopied] = React.useState<Remedy | null>(null);
  if (remedies.length === 0) {
    return null;
  }
  return (
    <section className="jp-Torchenstein-fixes">
      <h3 className="jp-Torchenstein-fixesTitle">
        {trans.__('If you did not mean it')}
      </h3>
      <ul>
        {remedies.map((remedy, index) => (
          <li key={index} className="jp-Torchenstein-fix">
            <p>{remedy.sentence}</p>
            {remedy.code !== null && (
              <div>
                <pre>{remedy.code}</pre>
                <button
                  className="jp-Torchenstein-button jp-mod-quiet jp-mod-small"
                  aria-label={trans.__('Copy %1', remedy.code)}
                  onClick={() => {
                    Clipboard.copyToSystem(remedy.code ?? '');
                    setCopied(remedy);
                  }}
                >
                  {remedy === copied ? trans.__('Copied') : trans.__('Copy')}
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
