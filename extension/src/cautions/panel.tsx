import type { ICodeCellModel } from '@jupyterlab/cells';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { CautionKind } from '../protocol';
import { Card } from './card';
import type { CautionsModel, IWarning } from './model';

/** The section of the sidebar with one warning at a time. */
export class CautionsPanel extends ReactWidget {
  constructor(options: CautionsPanel.IOptions) {
    super();
    this._options = options;
    this._trans = options.translator.load('torchenstein');
    this.addClass('jp-Torchenstein-cautions');
    this.title.label = this._trans.__('Worth a look');
  }

  /** Turns to the warnings of a notebook. */
  turn(model: CautionsModel): void {
    this._model = model;
    this.update();
  }

  protected render(): React.JSX.Element | null {
    const model = this._model;
    const current = model?.current;
    if (!model || !current) {
      // A badge, no more: the learner's run is unharmed.
      return model?.problem ? (
        <p className="jp-Torchenstein-facts" role="status">
          {model.problem}
        </p>
      ) : null;
    }
    const { caution } = current;
    return (
      <Card
        caution={caution}
        place={this._placeOf(current)}
        actions={{
          goTo: () => this._options.goTo(current),
          next: model.warnings.length > 1 ? () => model.next() : null,
          dismiss: () => model.dismiss(caution),
          stop: () => this._options.stop(caution.kind)
        }}
        trans={this._trans}
      />
    );
  }

  private _placeOf({ cell, caution }: IWarning): string {
    const { executionCount } = cell as ICodeCellModel;
    const line = caution.spot.line + 1;
    return executionCount === null
      ? this._trans.__('line %1', line)
      : this._trans.__('cell %1, line %2', executionCount, line);
  }

  private _model: CautionsModel | null = null;
  private _options: CautionsPanel.IOptions;
  private _trans: TranslationBundle;
}

export namespace CautionsPanel {
  export interface IOptions {
    goTo: (warning: IWarning) => void;
    /** Switches a kind of warnings off. */
    stop: (kind: CautionKind) => void;
    translator: ITranslator;
  }
}
