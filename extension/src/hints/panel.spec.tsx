import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import type { ICodeCellModel } from '@jupyterlab/cells';
import { NotebookActions } from '@jupyterlab/notebook';
import type { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { answer, test as check } from '../testing/cells';
import { FakeExplained } from '../testing/explained';
import { FakeWarned } from '../testing/warned';
import { explanation } from '../testing/lines';
import {
  FakeNotebook,
  FakePanel,
  FakePreferences,
  FakeTracker
} from '../testing/notebook';
import { reportOutput } from '../testing/reports';
import { HintsModel } from './model';
import { HintsPanel } from './panel';

const CAUTION = {
  title: 'a silent broadcast',
  sentence: 'Every row met every column.',
  expression: 'a - b'
};

describe('HintsPanel', () => {
  let explained: FakeExplained;
  let warned: FakeWarned;
  let model: HintsModel;
  let notebook: FakeNotebook;
  let panel: HintsPanel;
  const more = { explain: jest.fn(), warn: jest.fn() };

  const drawn = async () => {
    await framePromise();
    await framePromise();
  };
  const text = (selector = '') =>
    panel.node.querySelector(selector || 'article')?.textContent ?? '';
  const unfolded = () =>
    Array.from(
      panel.node.querySelectorAll<HTMLElement>('.jp-Torchenstein-hint')
    )
      .filter(hint => hint.querySelector('details')?.open)
      .map(hint => hint.dataset.tier);
  const run = async (report: Record<string, unknown>) => {
    const cell = notebook.model.cells.get(1) as ICodeCellModel;
    cell.outputs.clear();
    cell.outputs.add(reportOutput(report) as never);
    const executed = NotebookActions.executed as Signal<unknown, unknown>;
    executed.emit({ notebook, cell: { model: cell } });
    await drawn();
  };
  const press = async () => {
    panel.node
      .querySelector<HTMLButtonElement>('article > .jp-Torchenstein-button')
      ?.click();
    await drawn();
  };

  beforeEach(async () => {
    explained = new FakeExplained();
    warned = new FakeWarned();
    const tracker = new FakeTracker();
    model = new HintsModel(
      tracker.tracker,
      new FakePreferences(),
      {
        of: () => explained
      },
      { of: () => warned, show: more.warn }
    );
    panel = new HintsPanel(model, more, nullTranslator);
    notebook = new FakeNotebook([
      answer('softmax', {}, 'x.softmax(0)'),
      check('softmax')
    ]);
    tracker.turn(new FakePanel(notebook, 'lesson'));
    Widget.attach(panel, document.body);
    Element.prototype.scrollIntoView = jest.fn(); // jsdom lays nothing out
    await drawn();
  });

  afterEach(() => {
    panel.dispose();
    model.dispose();
    more.explain.mockClear();
    more.warn.mockClear();
  });

  it('names a mistake in plain words first, and says what to do', async () => {
    await run({ points: null, max_points: null });
    const said = text('.jp-Torchenstein-verdict');
    expect(said).toContain(
      'This is what you get when the softmax runs over the batch.'
    );
    expect(said).toContain('Look for the line of your answer that does this.');
    expect(said.split(/\s+/).length).toBeLessThan(160);
  });

  it('sends the reader to one example where there is no name', async () => {
    const checks = [
      { title: 'f(2)', status: 'failed', message: ['expected 4, got 5'] }
    ];
    await run({ checks });
    expect(text('.jp-Torchenstein-verdict')).toContain('expected 4, got 5');
    expect(text('.jp-Torchenstein-step')).toContain('by hand');
  });

  it('shows one hint at a time, without counting what is left', async () => {
    await press();
    expect(unfolded()).toEqual(['1']);
    await run({});
    expect(unfolded()).toEqual([]);
    expect(text()).toContain('Still stuck? Show the strategy');
    await press();
    expect(unfolded()).toEqual(['2']);
    await press();
    expect(unfolded()).toEqual(['3']);
    expect(text()).not.toMatch(/\bleft\b|\d+ hint|penalty/);
  });

  it('tells of the operation that failed, with its real shapes, and of nothing else', async () => {
    await run({});
    const cell = notebook.model.cells.get(0);
    explained.fail({ cell, line: 0, summary: 'no' }, explanation());
    await drawn();
    expect(text()).toContain('The inner sizes differ.');
    expect(text('.jp-Torchenstein-operands')).toContain('T 5');
    expect(text()).not.toContain('This is what you get when');
    panel.node
      .querySelector<HTMLButtonElement>('.jp-Torchenstein-verdict button')
      ?.click();
    expect(more.explain).toHaveBeenCalledTimes(1);
  });

  it('tells of a line that ran and looks wrong, until its check passes', async () => {
    await press();
    warned.warn({ cell: notebook.model.cells.get(0), caution: CAUTION });
    await drawn();
    expect(text('.jp-Torchenstein-verdict')).toContain(CAUTION.sentence);
    expect(text('.jp-Torchenstein-step')).toContain('without an error');
    expect(unfolded()).toEqual([]);
    panel.node
      .querySelector<HTMLButtonElement>('.jp-Torchenstein-verdict button')
      ?.click();
    expect(more.warn).toHaveBeenCalledTimes(1);

    const checks = [
      { title: 'f(2)', status: 'failed', message: ['expected 4, got 5'] }
    ];
    await run({ checks });
    expect(text('.jp-Torchenstein-step')).toContain('this may be why');
    expect(text()).not.toContain('expected 4, got 5');
    await run({ status: 'passed', checks: [] });
    expect(text()).not.toContain(CAUTION.sentence);
    expect(text('.jp-Torchenstein-verdict')).toContain('Passed');
  });

  it('leaves a line of another exercise, and one that was changed, alone', async () => {
    warned.warn({
      cell: new FakeNotebook([]).model.cells.get(0),
      caution: CAUTION
    });
    await drawn();
    expect(text()).not.toContain(CAUTION.sentence);
    warned.warn({ cell: notebook.model.cells.get(0), caution: CAUTION });
    await drawn();
    expect(text()).toContain(CAUTION.sentence);
    warned.edit();
    await drawn();
    expect(text()).not.toContain(CAUTION.sentence);
  });
});
