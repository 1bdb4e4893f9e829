import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { FlowModel } from './model';
import type { FlowTree } from './tree';

/** Search, depth, zoom, and the two other views: the gradients' way, and the text. */
export function FlowToolbar(props: {
  model: FlowModel;
  tree: FlowTree;
  isText: boolean;
  setText: (value: boolean) => void;
  onZoom: (factor: number | null) => void;
  openTab: (() => void) | null;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { model, tree, isText, setText, onZoom, openTab, trans } = props;
  const { matches, selected, query } = model;
  const here = selected ? matches.indexOf(selected) + 1 : 0;
  const deepest = Math.max(0, ...tree.modules.map(item => item.depth));
  const depth = Math.max(
    0,
    ...Array.from(model.expanded, id => tree.find(id)?.depth ?? 0)
  );
  return (
    <div
      className="jp-Torchenstein-flowToolbar"
      role="toolbar"
      aria-label={trans.__('Shape flow')}
    >
      <span className="jp-Torchenstein-flowSearch">
        <input
          type="search"
          value={query}
          placeholder={trans.__('Find …')}
          aria-label={trans.__('Find an operation, a module or a shape')}
          onChange={event => model.search(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter') {
              model.jump(event.shiftKey ? -1 : 1);
            }
          }}
        />
        <span className="jp-Torchenstein-note" role="status">
          {query.trim() === ''
            ? ''
            : matches.length === 0
              ? trans.__('none')
              : here > 0
                ? trans.__('%1 of %2', here, matches.length)
                : String(matches.length)}
        </span>
      </span>
      {deepest > 0 && (
        <span className="jp-Torchenstein-flowGroup">
          <Tool
            name={trans.__('Close one level of modules')}
            text="⊟"
            isOff={depth === 0}
            press={() => model.openTo(depth - 1)}
          />
          <Tool
            name={trans.__('Open one level of modules')}
            text="⊞"
            isOff={depth >= deepest}
            press={() => model.openTo(depth + 1)}
          />
        </span>
      )}
      {!isText && (
        <span className="jp-Torchenstein-flowGroup">
          <Tool
            name={trans.__('Zoom out')}
            text="−"
            press={() => onZoom(0.8)}
          />
          <Tool
            name={trans.__('Fit the width')}
            text="↔"
            press={() => onZoom(null)}
          />
          <Tool
            name={trans.__('Zoom in')}
            text="+"
            press={() => onZoom(1.25)}
          />
        </span>
      )}
      <span className="jp-Torchenstein-flowGroup">
        <Tool
          name={
            tree.hasBackward
              ? trans.__('Show the way of the gradients')
              : trans.__('This run never called backward')
          }
          text="∇"
          isOff={!tree.hasBackward}
          isPressed={model.backward}
          press={() => {
            model.backward = !model.backward;
          }}
        />
        <Tool
          name={trans.__('Show as text')}
          text="≡"
          isPressed={isText}
          press={() => setText(!isText)}
        />
        {openTab && (
          <Tool name={trans.__('Open in a tab')} text="⤢" press={openTab} />
        )}
      </span>
    </div>
  );
}

function Tool(props: {
  name: string;
  text: string;
  press: () => void;
  isOff?: boolean;
  isPressed?: boolean;
}): React.JSX.Element {
  return (
    <button
      className="jp-Torchenstein-flowTool"
      title={props.name}
      aria-label={props.name}
      aria-pressed={props.isPressed}
      disabled={props.isOff}
      onClick={props.press}
    >
      {props.text}
    </button>
  );
}
