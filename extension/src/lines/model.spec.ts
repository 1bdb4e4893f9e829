import { NotebookActions, type Notebook } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';
import type { Signal } from '@lumino/signaling';

import { code } from '../testing/cells';
import { FakeInspector } from '../testing/inspector';
import { lineShape, linesReply } from '../testing/lines';
import { FakeNotebook } from '../testing/notebook';
import { FakeExplained } from '../testing/explained';
import { settle } from '../testing/session';
import { ChipBoard, type CellModel } from './board';
import type { ISheet } from './chips';
import { LinesModel } from './model';

const trans = nullTranslator.load('torchenstein');

/** Keeps what was put up, without editors. */
class FakeBoard extends ChipBoard {
  readonly sheets = new Map<CellModel, ISheet>();

  put(cell: CellModel, sheet: ISheet | null): void {
    if (sheet) {
      this.sheets.set(cell, sheet);
    } else {
      this.sheets.delete(cell);
    }
  }
}

describe('LinesModel', () => {
  let inspector: FakeInspector;
  let notebook: FakeNotebook;
  let board: FakeBoard;
  let explained: FakeExplained;
  let model: LinesModel;

  const cell = (index = 0) => notebook.model.cells.get(index);
  const shown = (index = 0) =>
    board.sheets.get(cell(index))?.chips.map(chip => chip.title) ?? [];

  /** Runs a cell as far as the page sees it. */
  function run(index = 0): void {
    (NotebookActions.executionScheduled as Signal<unknown, unknown>).emit({
      notebook,
      cell: { model: cell(index) }
    });
    inspector.run();
  }

  beforeEach(async () => {
    inspector = new FakeInspector();
    inspector.state = 'starting';
    notebook = new FakeNotebook([code('q = zeros(2)'), code('k = q')]);
    board = new FakeBoard(trans);
    explained = new FakeExplained();
    model = new LinesModel({
      notebook: notebook as unknown as Notebook,
      inspector,
      board,
      explained,
      trans
    });
    model.isOn = true;
    inspector.turn('idle');
    inspector.answer(linesReply([], { revision: 0, cell: 'none' }));
    await settle();
  });

  afterEach(() => {
    model.dispose();
  });

  it('asks once after a run, and shows what the lines made', async () => {
    run();
    expect(inspector.questions).toHaveLength(2);
    inspector.answer(linesReply([lineShape()], { revision: 4 }));
    await settle();
    expect(shown()).toEqual(['q: B 2 × T 5 × D 8, float32, cpu']);
    expect(board.sheets.get(cell())?.source).toBe('q = zeros(2)');
    run();
    expect(inspector.questions[2]).toEqual({
      kind: 'lines',
      since: 4,
      watch: true
    });
  });

  it('keeps to the text that was run', async () => {
    run();
    cell().sharedModel.setSource('something else');
    inspector.answer(linesReply([lineShape()]));
    await settle();
    expect(board.sheets.get(cell())?.source).toBe('q = zeros(2)');
  });

  it('keeps the chips of a cell that waits for its turn', async () => {
    run();
    inspector.answer(linesReply([lineShape()]));
    await settle();
    cell().sharedModel.setSource('q = other');
    run();
    inspector.answer(linesReply([lineShape()], { count: 1, revision: 2 }));
    await settle();
    expect(board.sheets.get(cell())?.source).toBe('q = zeros(2)');
    inspector.run();
    inspector.answer(linesReply([lineShape()], { count: 2, revision: 3 }));
    await settle();
    expect(board.sheets.get(cell())?.source).toBe('q = other');
  });

  it('takes the chips of a cell away that makes no tensor any more', async () => {
    run();
    inspector.answer(linesReply([lineShape()]));
    await settle();
    run();
    inspector.answer(linesReply([], { count: 2 }));
    await settle();
    expect(board.sheets.size).toBe(0);
  });

  it('says nothing of cells that have not run on this page', async () => {
    inspector.run();
    inspector.answer(linesReply([lineShape()]));
    await settle();
    expect(board.sheets.size).toBe(0);
  });

  it.each(['restarting', 'dead', 'none'] as const)(
    'takes everything down when the kernel is %s, and begins again',
    async state => {
      run();
      inspector.answer(linesReply([lineShape()], { revision: 9 }));
      await settle();
      inspector.turn(state);
      expect(board.sheets.size).toBe(0);
      inspector.turn('idle');
      expect(inspector.questions[2]).toEqual({
        kind: 'lines',
        since: 0,
        watch: true
      });
    }
  );

  it('ends the watching when it is switched off, and asks no more', async () => {
    run();
    inspector.answer(linesReply([lineShape()]));
    await settle();
    model.isOn = false;
    expect(board.sheets.size).toBe(0);
    expect(inspector.questions[2]).toEqual({
      kind: 'lines',
      since: 0,
      watch: false
    });
    run();
    expect(inspector.questions).toHaveLength(3);
  });

  it('marks the line that failed, even before its lines are known', () => {
    (NotebookActions.executionScheduled as Signal<unknown, unknown>).emit({
      notebook,
      cell: { model: cell() }
    });
    explained.fail({ cell: cell(), line: 0, summary: 'It does not fit.' });
    expect(shown()).toEqual(['It does not fit.']);
    explained.fail(null);
    expect(shown()).toEqual([]);
  });

  it('tells what the code calls the dimensions of a tensor', async () => {
    const changed = jest.fn();
    model.changed.connect(changed);
    run();
    inspector.answer(linesReply([lineShape()]));
    await settle();
    expect(changed).toHaveBeenCalledTimes(1);
    expect(model.namesOf('q', [2, 5, 8])).toEqual(['B', 'T', 'D']);
    expect(model.namesOf('q', [2, 5, 9])).toBeNull();
    expect(model.namesOf('other', [2, 5, 8])).toBeNull();
  });

  it('writes nothing into the notebook', async () => {
    const before = JSON.stringify(notebook.model.toJSON());
    run();
    inspector.answer(linesReply([lineShape()]));
    await settle();
    expect(JSON.stringify(notebook.model.toJSON())).toBe(before);
  });

  it('lets go of everything', async () => {
    run();
    model.dispose();
    expect(inspector.isDisposed).toBe(true);
    inspector.answer(linesReply([lineShape()]));
    await settle();
    expect(board.sheets.size).toBe(0);
  });
});
