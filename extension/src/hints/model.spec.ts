import type { ICodeCellModel } from '@jupyterlab/cells';
import { NotebookActions } from '@jupyterlab/notebook';
import type { Signal } from '@lumino/signaling';

import { answer, code, markdown, test as check } from '../testing/cells';
import {
  FakeNotebook,
  FakePanel,
  FakePreferences,
  FakeTracker
} from '../testing/notebook';
import { FakeExplained } from '../testing/explained';
import { explanation } from '../testing/lines';
import { reportOutput } from '../testing/reports';
import { HintsModel, type HintsState } from './model';

const VOICE = {
  id: 'torchenstein',
  short_name: 'Professor',
  lines: {
    welcome: ['welcome'],
    passed: ['passed'],
    failed: ['failed'],
    locked_attempt: ['try first'],
    locked_failed: ['check first']
  }
};

const WRITTEN = 'def f(x):\n    return x';
const ANSWER = 2;
const TEST = 3;

const lesson = (extra = {}, source = WRITTEN) =>
  new FakeNotebook(
    [
      code('import torch'),
      markdown('### Exercise'),
      answer('softmax', extra, source),
      check('softmax'),
      markdown('The end.')
    ],
    { torchenstein: { slug: '01_tensors/06_broadcasting', voice: VOICE } }
  );

type Exercise = Extract<HintsState, { kind: 'exercise' }>;

describe('HintsModel', () => {
  let explained: FakeExplained;
  let tracker: FakeTracker;
  let panel: FakePanel;
  let preferences: FakePreferences;
  let model: HintsModel;

  const exercise = (): Exercise => {
    expect(model.state.kind).toBe('exercise');
    return model.state as Exercise;
  };

  /** What JupyterLab does when a cell was run. */
  const run = (index: number, status?: string) => {
    const cell = panel.content.model.cells.get(index) as ICodeCellModel;
    cell.outputs.clear();
    if (status !== undefined) {
      cell.outputs.add(reportOutput({ status }) as never);
    }
    const executed = NotebookActions.executed as Signal<unknown, unknown>;
    executed.emit({ notebook: panel.content, cell: { model: cell } });
  };

  const open = (notebook: FakeNotebook, index = ANSWER) => {
    panel = new FakePanel(notebook, 'panel');
    tracker.turn(panel);
    tracker.select(index);
  };

  beforeEach(() => {
    tracker = new FakeTracker();
    preferences = new FakePreferences();
    explained = new FakeExplained();
    model = new HintsModel(tracker.tracker, preferences, {
      of: () => explained
    });
  });

  /** What the kernel tells of a run that stopped in the cell at `index`. */
  const stop = (index: number) => {
    const cell = panel.content.model.cells.get(index);
    explained.fail({ cell, line: 0, summary: 'They differ.' }, explanation());
  };

  afterEach(() => {
    model.dispose();
  });

  it('has nothing to show without a notebook', () => {
    expect(model.state).toEqual({ kind: 'no notebook' });
    expect(model.openNext()).toBe(false);
    expect(model.rendermime).toBeNull();
  });

  it('takes the notebook that is open when it starts', () => {
    open(lesson());
    const late = new HintsModel(tracker.tracker, preferences);
    expect(late.state.kind).toBe('exercise');
    late.dispose();
  });

  it('follows the active cell', () => {
    open(lesson(), 0);
    expect(model.state).toMatchObject({
      kind: 'no exercise',
      any: true,
      next: { id: 'softmax' },
      saying: { line: 'welcome' }
    });
    for (const index of [1, ANSWER, TEST]) {
      tracker.select(index);
      expect(exercise().exercise.id).toBe('softmax');
    }
    tracker.select(4);
    expect(model.state).toMatchObject({ kind: 'no exercise', next: null });
  });

  it('knows a notebook without exercises', () => {
    open(new FakeNotebook([markdown('text')]), 0);
    expect(model.state).toEqual({
      kind: 'no exercise',
      next: null,
      any: false,
      saying: null
    });
  });

  it('opens one hint at a time, and shows only those that were opened', () => {
    open(lesson());
    expect(exercise().hints).toEqual([]);
    expect(model.openNext()).toBe(true);
    expect(exercise().hints).toEqual(['a nudge']);
    expect(exercise().next).toEqual({
      tier: 2,
      rule: 'attempt',
      unlocked: false
    });
    expect(model.openNext()).toBe(false);
    expect(exercise().hints).toEqual(['a nudge']);
  });

  it('unlocks the second hint by an attempt and the third by a failed check', () => {
    open(lesson());
    model.openNext();
    run(ANSWER);
    expect(exercise().next?.unlocked).toBe(true);
    model.openNext();
    expect(exercise().next).toMatchObject({ tier: 3, unlocked: false });
    run(TEST, 'failed');
    expect(exercise().next).toMatchObject({ tier: 3, unlocked: true });
    model.openNext();
    expect(exercise().hints).toHaveLength(3);
    expect(exercise().next).toBeNull();
  });

  it('does not take the placeholder for an attempt', () => {
    open(lesson({}, '# YOUR CODE HERE\nraise NotImplementedError()'));
    model.openNext();
    run(ANSWER);
    run(TEST, 'unfinished');
    expect(exercise().next?.unlocked).toBe(false);
  });

  it('keeps what was opened in the notebook', () => {
    open(lesson());
    model.openNext();
    const saved = panel.content.model.toJSON();
    expect(saved.cells[ANSWER].metadata).toMatchObject({
      torchenstein: { progress: { opened: 1 }, hints: ['a nudge', {}, {}] }
    });
  });

  it('shows the verdict of the last run', () => {
    open(lesson());
    expect(exercise().verdict).toBeNull();
    run(TEST, 'failed');
    expect(exercise().verdict?.status).toBe('failed');
    expect(exercise().passed).toBe(false);
    expect(exercise().saying?.line).toBe('failed');
    run(TEST, 'passed');
    expect(exercise().verdict?.status).toBe('passed');
    expect(exercise().passed).toBe(true);
    expect(exercise().saying?.line).toBe('passed');
  });

  it('records a run of a notebook that is not the current one', () => {
    open(lesson());
    const background = panel;
    open(new FakeNotebook([markdown('another')]), 0);
    const cell = background.content.model.cells.get(TEST) as ICodeCellModel;
    cell.outputs.add(reportOutput({ status: 'passed' }) as never);
    const executed = NotebookActions.executed as Signal<unknown, unknown>;
    executed.emit({ notebook: background.content, cell: { model: cell } });
    tracker.turn(background);
    expect(exercise().passed).toBe(true);
  });

  it('folds the hints away when something has happened since', () => {
    open(lesson({ progress: { opened: 1 } }));
    expect(exercise()).toMatchObject({ unfolded: 1, happened: null });
    run(TEST, 'failed');
    expect(exercise()).toMatchObject({
      unfolded: 0,
      happened: {
        kind: 'mistake',
        mistake: 'the softmax runs over the batch'
      }
    });
    model.openNext();
    expect(exercise()).toMatchObject({ unfolded: 2, hints: [{}, {}] });
    run(TEST, 'passed');
    expect(exercise()).toMatchObject({ unfolded: 2, happened: null });
  });

  it('tells of a run that stopped in the exercise before any older verdict', () => {
    open(lesson({ progress: { opened: 1 } }));
    run(TEST, 'failed');
    model.openNext();
    stop(ANSWER);
    expect(exercise()).toMatchObject({
      unfolded: 0,
      happened: { kind: 'operation', explanation: { expression: 'q @ k' } },
      saying: null
    });
    explained.fail(null);
    expect(exercise()).toMatchObject({ happened: { kind: 'mistake' } });
  });

  it('leaves a run that stopped elsewhere to others', () => {
    open(lesson({ progress: { opened: 1 } }));
    stop(0);
    expect(exercise()).toMatchObject({ unfolded: 1, happened: null });
  });

  it('hears no more of a notebook that it has left', () => {
    open(lesson());
    const before = explained;
    explained = new FakeExplained();
    open(lesson());
    const changed = jest.fn();
    model.stateChanged.connect(changed);
    before.fail(null);
    expect(changed).not.toHaveBeenCalled();
    model.dispose();
    explained.fail(null);
    expect(changed).not.toHaveBeenCalled();
  });

  it('says why a hint is locked', () => {
    open(lesson({ progress: { opened: 1 } }));
    expect(exercise().saying?.line).toBe('try first');
    run(ANSWER);
    model.openNext();
    expect(exercise().saying?.line).toBe('check first');
  });

  it('says nothing in the plain voice', async () => {
    open(lesson(), 0);
    const changed = jest.fn();
    model.stateChanged.connect(changed);
    await preferences.setVoice('plain');
    expect(changed).toHaveBeenCalled();
    expect(model.state).toMatchObject({ kind: 'no exercise', saying: null });
  });

  it('follows the rules of the course', () => {
    open(lesson({ progress: { opened: 1 } }));
    panel.content.model.setMetadata('torchenstein', {
      unlock: { '2': 'open', '3': 'never' }
    });
    expect(exercise().next).toMatchObject({ tier: 2, unlocked: true });
    model.openNext();
    expect(exercise().next).toBeNull();
  });

  it('follows cells that come and go', () => {
    open(lesson());
    panel.content.model.sharedModel.deleteCell(ANSWER);
    expect(model.state.kind).toBe('no exercise');
  });

  it('tells two notebooks with the same exercise apart', () => {
    open(lesson());
    const key = exercise().key;
    panel = new FakePanel(lesson(), 'another panel');
    panel.content.activeCellIndex = ANSWER;
    tracker.turn(panel);
    expect(exercise().key).not.toBe(key);
  });

  it('goes to the exercise at hand, or to the next one', async () => {
    open(lesson(), 0);
    await model.jump();
    expect(panel.content.activeCellIndex).toBe(ANSWER);
    expect(panel.content.scrollToItem).toHaveBeenCalledWith(ANSWER, 'smart');
    tracker.select(4);
    await model.jump();
    expect(panel.content.activeCellIndex).toBe(4);
  });

  it('shows nothing after the notebook was closed', () => {
    open(lesson());
    panel.close();
    expect(model.state).toEqual({ kind: 'no notebook' });
    tracker.turn(null);
    expect(model.state).toEqual({ kind: 'no notebook' });
  });

  it('lets go of the notebook before', () => {
    open(lesson());
    const before = panel.content;
    open(new FakeNotebook([markdown('another')]), 0);
    const changed = jest.fn();
    model.stateChanged.connect(changed);
    before.model.setMetadata('torchenstein', {});
    before.model.sharedModel.deleteCell(0);
    (before.model.cells.get(0) as ICodeCellModel).setMetadata('a', 1);
    expect(changed).not.toHaveBeenCalled();
  });

  it('is silent after dispose', () => {
    open(lesson());
    const changed = jest.fn();
    model.stateChanged.connect(changed);
    model.dispose();
    expect(model.isDisposed).toBe(true);
    tracker.select(0);
    run(TEST, 'passed');
    expect(changed).not.toHaveBeenCalled();
    expect(
      panel.content.model.cells.get(ANSWER).getMetadata('torchenstein')
    ).not.toHaveProperty('progress');
  });
});
