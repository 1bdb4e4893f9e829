import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import { FlowDetail } from './detail';
import { FlowDrawing } from './drawing';
import { FlowList } from './list';
import type { FlowModel } from './model';
import { statusOf, summaryOf } from './status';
import { FlowToolbar } from './toolbar';
import type { FlowTree, IItem } from './tree';

const LEAST_ZOOM = 0.15;
const MOST_ZOOM = 3;
const LEAST_FIT = 0.7;

/** The shape flow of the cell that was traced last: in the sidebar, or in a tab of its own. */
export class FlowPanel extends ReactWidget {
  constructor(options: FlowPanel.IOptions) {
    super();
    this._options = options;
    this._trans = options.translator.load('torchenstein');
    this.addClass('jp-Torchenstein-flow');
    this.title.label = this._trans.__('Shape flow');
  }

  dispose(): void {
    Signal.clearData(this);
    super.dispose();
  }

  /** Turns to the traces of a notebook; null for none. */
  turn(model: FlowModel | null): void {
    if (model !== this._model) {
      this._model = model;
      this.update();
    }
  }

  protected render(): React.JSX.Element {
    const model = this._model;
    const { goTo, openTab, traceCell } = this._options;
    if (!model) {
      return (
        <p className="jp-Torchenstein-empty">
          {this._trans.__('Open a notebook to trace one of its cells.')}
        </p>
      );
    }
    return (
      <UseSignal signal={model.changed}>
        {() => (
          <FlowView
            model={model}
            goTo={item => goTo(model, item)}
            openTab={openTab}
            traceCell={traceCell}
            trans={this._trans}
          />
        )}
      </UseSignal>
    );
  }

  private _options: FlowPanel.IOptions;
  private _model: FlowModel | null = null;
  private _trans: TranslationBundle;
}

/** Status, toolbar, graph, detail. */
export function FlowView(props: {
  model: FlowModel;
  goTo: (item: IItem) => void;
  openTab: (() => void) | null;
  traceCell: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { model, traceCell, trans } = props;
  const { tree } = model;
  const status = statusOf(model, trans);
  return (
    <>
      {status !== null && (
        <p className="jp-Torchenstein-flowStatus" role="status">
          {status}{' '}
          {model.isWaiting && (
            <button
              className="jp-Torchenstein-button jp-mod-quiet jp-mod-small"
              onClick={() => model.trace(null)}
            >
              {trans.__('Cancel')}
            </button>
          )}
        </p>
      )}
      {tree ? (
        <Traced {...props} tree={tree} />
      ) : (
        <div className="jp-Torchenstein-empty">
          <p>
            {trans.__(
              'See one run of a cell as a graph: which operation took which shapes from where, module by module.'
            )}
          </p>
          <button
            className="jp-Torchenstein-button"
            disabled={model.isWaiting}
            onClick={traceCell}
          >
            {trans.__('Run the active cell and trace it')}
          </button>
        </div>
      )}
    </>
  );
}

function Traced(props: {
  model: FlowModel;
  tree: FlowTree;
  goTo: (item: IItem) => void;
  openTab: (() => void) | null;
  traceCell: () => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { model, tree, goTo, openTab, traceCell, trans } = props;
  const [isText, setText] = React.useState(false);
  const [zoom, setZoom] = React.useState(1);
  const body = React.useRef<HTMLDivElement>(null);
  const onZoom = React.useCallback((factor: number | null) => {
    setZoom(before => {
      const drawing = body.current?.querySelector('svg');
      const room = drawing?.parentElement?.clientWidth ?? 0;
      const width = Number(drawing?.dataset.width);
      // What cannot be seen has no room to fit into.
      const fit = room > 0 && width > 0 ? Math.min(1, room / width) : 1;
      const wanted = factor === null ? fit : before * factor;
      return Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, wanted));
    });
  }, []);
  // A new graph begins as large as it can be read, and as small as it must to be seen.
  React.useEffect(() => {
    setZoom(1);
    onZoom(null);
    setZoom(fit => Math.max(LEAST_FIT, fit));
  }, [tree, onZoom]);
  return (
    <>
      <p className="jp-Torchenstein-summary">
        {summaryOf(tree, trans)}{' '}
        <button
          className="jp-Torchenstein-button jp-mod-quiet jp-mod-small"
          disabled={model.isWaiting}
          onClick={traceCell}
        >
          {trans.__('Trace the active cell')}
        </button>
      </p>
      <FlowToolbar
        model={model}
        tree={tree}
        isText={isText}
        setText={setText}
        onZoom={onZoom}
        openTab={openTab}
        trans={trans}
      />
      <div className="jp-Torchenstein-flowBody" ref={body}>
        {isText ? (
          <FlowList model={model} tree={tree} trans={trans} />
        ) : (
          <FlowDrawing
            model={model}
            tree={tree}
            zoom={zoom}
            onZoom={onZoom}
            goTo={goTo}
            trans={trans}
          />
        )}
      </div>
      <FlowDetail model={model} tree={tree} goTo={goTo} trans={trans} />
    </>
  );
}

export namespace FlowPanel {
  export interface IOptions {
    /** Goes to the line of an item. */
    goTo: (model: FlowModel, item: IItem) => void;
    /** Shows the same in a tab of its own; null where there are none. */
    openTab: (() => void) | null;
    /** Runs the active cell of the notebook, traced. */
    traceCell: () => void;
    translator: ITranslator;
  }
}
