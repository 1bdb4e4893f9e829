import type { ICellModel } from '@jupyterlab/cells';
import { NotebookActions, type Notebook } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';

import type { Caution, Cautions } from '../protocol';
import { code } from '../testing/cells';
import { FakeInspector } from '../testing/inspector';
import { FakeNotebook } from '../testing/notebook';
import { settle } from '../testing/session';
import { chipsOf } from './marks';
import { CautionsModel } from './model';
import { spotOf } from './spot';

const SOURCE = 'pred = model(x)\nloss = (pred - y).mean()';

function caution(patch: Partial<Caution> = {}): Caution {
  return {
    kind: 'broadcast',
    title: 'Silent broadcasting',
    about: 'Two tensors were stretched.',
    sentence: 'pred met y.',
    expression: 'pred - y',
    spot: { line: 1, column: 8, end_line: 1, end_column: 16 },
    operands: [],
    result: [6, 6],
    remedies: [],
    text: 'all of it',
    ...patch
  };
}

function answer(cautions: Caution[], revision = 1): Cautions {
  return {
    kind: 'cautions',
    version: 1,
    watching: true,
    revision,
    problem: null,
    cells: [{ cell_id: 'cell-0', execution_count: revision, cautions }]
  };
}

class Setting {
  notebook = new FakeNotebook([code(SOURCE), code('z = 1')]);
  inspector = new FakeInspector();
  model = new CautionsModel(
    this.notebook as unknown as Notebook,
    this.inspector
  );

  get cell(): ICellModel {
    return this.notebook.model.cells.get(0);
  }

  /** Runs the first cell; the kernel answers with these. */
  async run(cautions: Caution[], revision = 1): Promise<void> {
    const { executionScheduled } = NotebookActions as unknown as {
      executionScheduled: { emit(args: unknown): void };
    };
    executionScheduled.emit({
      notebook: this.notebook,
      cell: { model: this.cell }
    });
    this.inspector.run();
    this.inspector.answer(answer(cautions, revision));
    await settle();
  }
}

describe('CautionsModel', () => {
  let setting: Setting;

  beforeEach(async () => {
    setting = new Setting();
    setting.model.want(true, []);
    setting.inspector.answer({ ...answer([]), cells: [] });
    await settle();
  });

  afterEach(() => setting.model.dispose());

  it('asks the kernel to watch as soon as it is wanted', () => {
    expect(setting.inspector.questions).toEqual([
      { kind: 'cautions', since: 0, watch: true, off: [] }
    ]);
  });

  it('tells the warnings of a run, one at a time', async () => {
    const [one, two] = [caution(), caution({ kind: 'logits' })];
    await setting.run([one, two]);
    expect(setting.model.warnings).toHaveLength(2);
    expect(setting.model.current?.caution).toBe(one);
    setting.model.next();
    expect(setting.model.current?.caution).toBe(two);
    setting.model.next();
    expect(setting.model.current?.caution).toBe(one);
  });

  it('takes a warning away when its line is edited, not when another is', async () => {
    await setting.run([caution()]);
    const changed = jest.fn();
    setting.model.edited.connect(changed);
    setting.cell.sharedModel.setSource(`# first\n${SOURCE}`);
    expect(setting.model.current).not.toBeNull();
    expect(spotOf(setting.model.current!)).toMatchObject({
      line: 2,
      column: 8
    });
    setting.cell.sharedModel.setSource('pred = model(x)\nloss = 0');
    expect(setting.model.current).toBeNull();
    expect(changed).toHaveBeenCalled();
  });

  it('forgets one that was meant until the cell runs again', async () => {
    const only = caution();
    await setting.run([only]);
    setting.model.dismiss(only);
    expect(setting.model.current).toBeNull();
    await setting.run([caution()], 2);
    expect(setting.model.current).not.toBeNull();
  });

  it('takes back what was told when a cell runs without', async () => {
    await setting.run([caution()]);
    await setting.run([], 2);
    expect(setting.model.warnings).toEqual([]);
  });

  it('forgets the warnings of a cell that is deleted', async () => {
    await setting.run([caution()]);
    const changed = jest.fn();
    setting.model.changed.connect(changed);
    setting.notebook.model.sharedModel.deleteCell(0);
    expect(setting.model.current).toBeNull();
    expect(setting.model.warned.size).toBe(0);
    expect(changed).toHaveBeenCalled();
  });

  it('tells of a failure of ours until the next answer', async () => {
    setting.inspector.run();
    setting.inspector.answer({ ...answer([]), problem: 'It stopped.' });
    await settle();
    expect(setting.model.problem).toBe('It stopped.');
    await setting.run([], 2);
    expect(setting.model.problem).toBeNull();
  });

  it('asks anew for everything when a kind is switched off', async () => {
    await setting.run([caution()], 7);
    setting.model.want(true, ['logits']);
    expect(setting.inspector.questions.slice(-1)[0]).toEqual({
      kind: 'cautions',
      since: 0,
      watch: true,
      off: ['logits']
    });
  });

  it('ends the watching when warnings are switched off', async () => {
    await setting.run([caution()]);
    setting.model.want(false, []);
    expect(setting.model.warnings).toEqual([]);
    expect(setting.inspector.questions.slice(-1)[0]).toMatchObject({
      watch: false
    });
  });

  it('begins afresh after a restart', async () => {
    await setting.run([caution()], 7);
    setting.inspector.turn('restarting');
    expect(setting.model.warnings).toEqual([]);
    setting.inspector.turn('idle');
    expect(setting.inspector.questions.slice(-1)[0]).toMatchObject({
      since: 0
    });
  });

  it('leaves nothing connected behind', async () => {
    await setting.run([caution()]);
    setting.model.dispose();
    expect(setting.inspector.isDisposed).toBe(true);
    setting.cell.sharedModel.setSource('other');
    expect(setting.model.isDisposed).toBe(true);
  });
});

describe('the marks of a cell', () => {
  const trans = nullTranslator.load('');

  it('are one a line, with the shape that nobody asked for', () => {
    const chips = chipsOf([caution(), caution({ kind: 'logits' })], trans);
    expect(chips).toHaveLength(1);
    expect(chips[0]).toMatchObject({
      line: 1,
      kind: 'warning',
      text: '6 × 6, really?',
      label: 'Worth a look: pred met y.'
    });
  });

  it('name the kind where there is no shape to show', () => {
    const [chip] = chipsOf([caution({ result: null })], trans);
    expect(chip.text).toBe('silent broadcasting');
  });
});
