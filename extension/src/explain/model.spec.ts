import type { Notebook } from '@jupyterlab/notebook';

import { code, markdown } from '../testing/cells';
import { FakeInspector } from '../testing/inspector';
import { explanation } from '../testing/lines';
import { FakeNotebook } from '../testing/notebook';
import { settle } from '../testing/session';
import { ExplainModel } from './model';

const NOTHING = {
  kind: 'failure',
  version: 1,
  reason: 'gone',
  message: 'Nothing.'
} as const;

describe('ExplainModel', () => {
  let inspector: FakeInspector;
  let notebook: FakeNotebook;
  let model: ExplainModel;
  let changed: jest.Mock;

  const ran = (index: number, count: number) => {
    (
      notebook.model.cells.get(index) as never as { executionCount: number }
    ).executionCount = count;
  };

  beforeEach(() => {
    inspector = new FakeInspector();
    notebook = new FakeNotebook([
      markdown('# Scores'),
      code('x = 1'),
      code('scores = q @ k')
    ]);
    model = new ExplainModel(notebook as unknown as Notebook, inspector);
    changed = jest.fn();
    model.changed.connect(changed);
  });

  afterEach(() => {
    model.dispose();
  });

  it('asks only after a run that failed, and once', async () => {
    inspector.run();
    expect(inspector.questions).toEqual([]);
    inspector.run(true);
    expect(inspector.questions).toEqual([{ kind: 'explain' }]);
    inspector.answer(explanation());
    await settle();
    expect(model.explanation?.summary).toBe('The inner sizes differ.');
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it('asks after a check that caught what the answer raised', async () => {
    inspector.run(false, 'it raised RuntimeError: shapes');
    expect(inspector.questions).toEqual([
      { kind: 'explain', raised: 'it raised RuntimeError: shapes' }
    ]);
    inspector.answer(explanation());
    await settle();
    expect(model.explanation?.summary).toBe('The inner sizes differ.');
    inspector.run();
    expect(model.explanation).toBeNull();
  });

  it('forgets at the next success', async () => {
    inspector.run(true);
    inspector.answer(explanation());
    await settle();
    inspector.run();
    expect(model.explanation).toBeNull();
    expect(changed).toHaveBeenCalledTimes(2);
  });

  it('has nothing to say where the kernel has not', async () => {
    inspector.run(true);
    inspector.answer(explanation());
    await settle();
    inspector.run(true);
    inspector.answer(NOTHING);
    await settle();
    expect(model.explanation).toBeNull();
  });

  it('drops an answer that comes after the next run', async () => {
    inspector.run(true);
    inspector.run();
    inspector.answer(explanation());
    await settle();
    expect(model.explanation).toBeNull();
    expect(changed).not.toHaveBeenCalled();
  });

  it('does not leave the last explanation in place of the next one for long', async () => {
    inspector.run(true);
    inspector.answer(explanation());
    await settle();
    jest.useFakeTimers();
    inspector.run(true);
    jest.advanceTimersByTime(100);
    expect(model.explanation).not.toBeNull();
    jest.advanceTimersByTime(400);
    expect(model.explanation).toBeNull();
    inspector.answer(explanation({ summary: 'Another one.' }));
    await settle();
    expect(model.explanation?.summary).toBe('Another one.');
    jest.useRealTimers();
  });

  it('asks again a moment later where the kernel dropped the question', async () => {
    jest.useFakeTimers();
    inspector.run(true);
    inspector.answer({ kind: 'no reply', reason: 'aborted' });
    await settle();
    jest.advanceTimersByTime(200);
    expect(inspector.questions).toHaveLength(2);
    jest.useRealTimers();
  });

  it('forgets when the kernel restarts, and what it was asked before', async () => {
    inspector.run(true);
    inspector.answer(explanation());
    await settle();
    inspector.run(true);
    inspector.turn('restarting');
    inspector.answer(explanation());
    await settle();
    expect(model.explanation).toBeNull();
  });

  describe('finds the failing expression', () => {
    beforeEach(async () => {
      inspector.run(true);
      inspector.answer(explanation());
      await settle();
    });

    it('in the cell with the count that the kernel names', () => {
      ran(2, 1);
      expect(model.spot()).toEqual({
        cell: notebook.model.cells.get(2),
        line: 0,
        column: 9,
        endLine: 0,
        endColumn: 14
      });
      expect(model.where()).toMatchObject({
        line: 0,
        summary: 'The inner sizes differ.'
      });
    });

    it('in the cell that reads so, where two have the same count', () => {
      ran(1, 1);
      ran(2, 1);
      expect(model.spot()?.cell).toBe(notebook.model.cells.get(2));
    });

    it('below the empty lines that a cell begins with', () => {
      ran(2, 1);
      notebook.model.cells.get(2).sharedModel.setSource('\n\nscores = q @ k');
      expect(model.spot()?.line).toBe(2);
    });

    it('by characters, where an editor counts units', () => {
      ran(2, 1);
      notebook.model.cells.get(2).sharedModel.setSource('"🔥"    + q @ k');
      expect(model.spot()).toMatchObject({ column: 10, endColumn: 15 });
    });

    it('in no cell, where none has that count', () => {
      expect(model.spot()).toBeNull();
      expect(model.where()).toBeNull();
    });
  });
});
