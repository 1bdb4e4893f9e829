import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Explanation } from '../protocol';
import { Drawing } from './drawing';
import { Fixes } from './fixes';
import type { ExplainModel } from './model';
import { Operands } from './operands';
import { textAt, type ISpot } from './where';

/** The section of the sidebar that says why the last run failed. */
export class ExplainPanel extends ReactWidget {
  constructor(goTo: (spot: ISpot) => void, translator: ITranslator) {
    super();
    this._goTo = goTo;
    this._trans = translator.load('torchenstein');
    this.addClass('jp-Torchenstein-explain');
    this.title.label = this._trans.__('What went wrong');
  }

  /** Turns to the explanation of a notebook. */
  turn(model: ExplainModel): void {
    this._model = model;
    this.update();
  }

  protected render(): React.JSX.Element | null {
    const explanation = this._model?.explanation;
    return explanation ? (
      <Explained
        explanation={explanation}
        spot={this._model?.spot() ?? null}
        goTo={this._goTo}
        trans={this._trans}
      />
    ) : null;
  }

  private _model: ExplainModel | null = null;
  private _goTo: (spot: ISpot) => void;
  private _trans: TranslationBundle;
}

/** The plain sentence first, then where, what met what, and what would fit. */
export function Explained(props: {
  explanation: Explanation;
  spot: ISpot | null;
  goTo: (spot: ISpot) => void;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { explanation, spot, goTo, trans } = props;
  const { clash, operands, fixes } = explanation;
  return (
    <>
      <div className="jp-Torchenstein-failing">
        <p className="jp-Torchenstein-plain" role="status">
          {explanation.summary}
        </p>
        <Expression explanation={explanation} spot={spot} />
        <div className="jp-Torchenstein-place">
          <p className="jp-Torchenstein-facts">{placeOf(explanation, trans)}</p>
          {spot && (
            <button
              className="jp-Torchenstein-button jp-mod-quiet jp-mod-small"
              onClick={() => goTo(spot)}
            >
              {trans.__('Go to the line')}
            </button>
          )}
        </div>
      </div>
      <Operands operands={operands} clash={clash} trans={trans} />
      <Drawing explanation={explanation} trans={trans} />
      {clash && clash.sentence !== explanation.summary && (
        <p className="jp-Torchenstein-rule">{clash.sentence}</p>
      )}
      <Fixes
        title={trans._n(
          'This would fit',
          'Each of these would fit',
          fixes.length
        )}
        fixes={fixes}
        trans={trans}
      />
    </>
  );
}

/** The line as it is written, the failing part of it marked. */
function Expression(props: {
  explanation: Explanation;
  spot: ISpot | null;
}): React.JSX.Element {
  const { explanation, spot } = props;
  const lines = spot?.cell.sharedModel.getSource().split('\n') ?? [];
  const part = spot ? textAt(lines, spot) : '';
  if (!spot || part === '') {
    return (
      <pre className="jp-Torchenstein-expression">
        <mark>{explanation.expression}</mark>
      </pre>
    );
  }
  return (
    <pre className="jp-Torchenstein-expression">
      {lines[spot.line].slice(0, spot.column).trimStart()}
      <mark>{part}</mark>
      {lines[spot.endLine].slice(spot.endColumn)}
    </pre>
  );
}

function placeOf(explanation: Explanation, trans: TranslationBundle): string {
  const { place, layer } = explanation;
  const parts = [
    place.cell === null
      ? trans.__('%1, line %2', place.filename, place.line)
      : trans.__('cell %1, line %2', place.cell, place.line)
  ];
  if (place.line === place.end_line) {
    parts.push(
      trans.__('columns %1 to %2', place.column + 1, place.end_column)
    );
  }
  if (explanation.function) {
    parts.push(trans.__('in %1', explanation.function));
  }
  if (layer) {
    parts.push(trans.__('layer %1 (%2)', layer.path, layer.type));
  }
  return parts.join(' · ');
}
