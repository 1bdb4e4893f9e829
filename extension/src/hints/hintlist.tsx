import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import * as React from 'react';

import type { HintsModel } from './model';

/**
 * The hints that were opened, one of them unfolded. A hint that was opened just now gets the focus.
 */
export function HintList(props: {
  hints: readonly string[];
  /** The tier to read now, 0 where something else is. */
  unfolded: number;
  model: HintsModel;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { hints, unfolded, model, trans } = props;
  const newest = React.useRef<HTMLElement>(null);
  const shown = React.useRef(hints.length);
  const isNew = React.useRef(false);
  React.useLayoutEffect(() => {
    isNew.current = hints.length > shown.current;
    if (isNew.current) {
      newest.current?.focus();
    }
    shown.current = hints.length;
  }, [hints.length]);
  // It has its height only when it is rendered.
  const onRendered = React.useCallback(() => {
    if (isNew.current) {
      isNew.current = false;
      newest.current?.scrollIntoView({ block: 'start' });
    }
  }, []);

  return (
    <div className="jp-Torchenstein-hintList" aria-live="polite">
      {hints.map((hint, index) => (
        <section
          // A new one where the fold changes: the reader may have turned it over since.
          key={`${index} ${index + 1 === unfolded}`}
          ref={index === hints.length - 1 ? newest : null}
          className="jp-Torchenstein-hint"
          data-tier={index + 1}
          tabIndex={-1}
          aria-label={nameOf(index + 1, trans)}
        >
          <details open={index + 1 === unfolded}>
            <summary className="jp-Torchenstein-hintName">
              {nameOf(index + 1, trans)}
            </summary>
            {model.rendermime && (
              <Markdown
                source={hint}
                rendermime={model.rendermime}
                onRendered={index + 1 === unfolded ? onRendered : undefined}
              />
            )}
          </details>
        </section>
      ))}
    </div>
  );
}

export function nameOf(tier: number, trans: TranslationBundle): string {
  switch (tier) {
    case 1:
      return trans.__('Nudge');
    case 2:
      return trans.__('Strategy');
    default:
      return trans.__('Outline');
  }
}

/** Markdown through the notebook's own renderer: sanitised, with its mathematics and links. */
function Markdown(props: {
  source: string;
  rendermime: IRenderMimeRegistry;
  onRendered?: () => void;
}): React.JSX.Element {
  const { source, rendermime, onRendered } = props;
  const host = React.useRef<HTMLDivElement>(null);
  // Cleaned up before the host leaves the page: a widget that is off it cannot be detached.
  React.useLayoutEffect(() => {
    if (!host.current) {
      return;
    }
    const renderer = rendermime.createRenderer('text/markdown');
    const model = rendermime.createModel({
      data: { 'text/markdown': source },
      trusted: false
    });
    // Attached before it renders, else mathematics is not typeset.
    Widget.attach(renderer, host.current);
    renderer
      .renderModel(model)
      .catch(reason => {
        renderer.node.textContent = source;
        console.warn('Torchenstein shows a hint as plain text:', reason);
      })
      .then(onRendered, () => undefined);
    return () => renderer.dispose();
  }, [source, rendermime, onRendered]);
  return <div ref={host} className="jp-Torchenstein-markdown" />;
}
