import type { Failure } from '../protocol';
import { detail, FakeInspector, snapshot } from '../testing/inspector';
import { settle } from '../testing/session';
import { TensorsModel } from './model';

const ABORTED = { kind: 'no reply', reason: 'aborted' } as const;
const MISSING = { kind: 'no reply', reason: 'missing' } as const;
const GONE = { kind: 'no reply', reason: 'gone' } as const;

const failure = (reason: Failure['reason']): Failure => ({
  kind: 'failure',
  version: 1,
  reason,
  message: 'A sentence for the reader.'
});

describe('TensorsModel', () => {
  let inspector: FakeInspector;
  let model: TensorsModel;

  /** Answers the oldest question, and lets the model take it in. */
  const answer = async (reply: Parameters<FakeInspector['answer']>[0]) => {
    inspector.answer(reply);
    await settle();
  };
  const show = async (...names: string[]) => {
    model.isVisible = true;
    await answer(snapshot(...names));
    inspector.questions.length = 0;
  };

  beforeEach(() => {
    jest.useFakeTimers();
    inspector = new FakeInspector();
    model = new TensorsModel(inspector);
  });

  afterEach(() => {
    model.dispose();
    jest.useRealTimers();
  });

  it('asks as soon as somebody looks', async () => {
    expect(model.snapshot).toBeNull();
    model.isVisible = true;
    expect(inspector.questions).toEqual([{ kind: 'snapshot' }]);
    await answer(snapshot('x'));
    expect(model.snapshot).toEqual(snapshot('x'));
  });

  it('does not ask while nobody looks', async () => {
    inspector.run();
    inspector.turn('idle');
    expect(inspector.questions).toEqual([]);
    await show('x');
    model.isVisible = false;
    inspector.run();
    expect(inspector.questions).toEqual([]);
  });

  it('asks after every run', async () => {
    await show('x');
    inspector.run();
    expect(inspector.questions).toHaveLength(1);
    await answer(snapshot('x', 'y'));
    expect(model.snapshot).toEqual(snapshot('x', 'y'));
  });

  it('asks once more for any number of runs while a question is out', async () => {
    await show('x');
    for (let run = 0; run < 5; run++) {
      inspector.run();
    }
    expect(inspector.questions).toHaveLength(1);
    await answer(snapshot('old'));
    expect(inspector.questions).toHaveLength(2);
    await answer(snapshot('new'));
    expect(inspector.questions).toHaveLength(2);
    expect(model.snapshot).toEqual(snapshot('new'));
  });

  it('asks only on request when the user wants that', async () => {
    model.autoRefresh = false;
    model.isVisible = true;
    inspector.run();
    expect(inspector.questions).toEqual([]);
    const refreshed = model.refresh();
    expect(inspector.questions).toHaveLength(1);
    await answer(snapshot('x'));
    await refreshed;
    expect(model.snapshot).toEqual(snapshot('x'));
  });

  it.each(['none', 'starting', 'restarting', 'dead', 'foreign'] as const)(
    'does not ask a kernel that is %s, and shows nothing of the one before',
    async state => {
      await show('x');
      inspector.turn(state);
      expect(model.snapshot).toBeNull();
      expect(model.open).toBeNull();
      inspector.run();
      expect(inspector.questions).toEqual([]);
    }
  );

  it('asks anew after a restart', async () => {
    await show('x');
    inspector.turn('restarting');
    inspector.turn('starting');
    inspector.turn('idle');
    expect(inspector.questions).toEqual([{ kind: 'snapshot' }]);
    await answer(snapshot());
    expect(model.snapshot).toEqual(snapshot());
  });

  it('recovers when the restart came between question and answer', async () => {
    await show('x');
    inspector.run();
    inspector.turn('restarting');
    await answer(GONE);
    expect(model.snapshot).toBeNull();
    inspector.turn('idle');
    await answer(snapshot('y'));
    expect(model.snapshot).toEqual(snapshot('y'));
  });

  it('asks the next kernel, though the one before has not answered', async () => {
    await show('x');
    inspector.run();
    inspector.turn('starting');
    inspector.turn('idle');
    await answer(GONE);
    await answer(snapshot('y'));
    expect(model.snapshot).toEqual(snapshot('y'));
  });

  it('asks again when a failing cell made the kernel drop the question', async () => {
    await show('x');
    inspector.run();
    await answer(ABORTED);
    expect(model.snapshot).toEqual(snapshot('x'));
    expect(inspector.waiting).toBe(0);
    jest.runOnlyPendingTimers();
    expect(inspector.waiting).toBe(1);
    await answer(snapshot('y'));
    expect(model.snapshot).toEqual(snapshot('y'));
    expect(jest.getTimerCount()).toBe(0);
  });

  it('tells of a kernel without the inspector, until it has one', async () => {
    model.isVisible = true;
    await answer(MISSING);
    expect(model.isMissing).toBe(true);
    expect(model.snapshot).toBeNull();
    inspector.run();
    await answer(snapshot('x'));
    expect(model.isMissing).toBe(false);
  });

  it('keeps a failure, to show what it says', async () => {
    model.isVisible = true;
    await answer(failure('no namespace'));
    expect(model.snapshot).toEqual(failure('no namespace'));
  });

  it('is stale from the question to the answer', async () => {
    await show('x');
    expect(model.isStale).toBe(false);
    inspector.run();
    expect(model.isStale).toBe(true);
    await answer(snapshot('x'));
    expect(model.isStale).toBe(false);
  });

  describe('an open tensor', () => {
    const open = async (name = 'x') => {
      const opened = model.toggle(name);
      await answer(detail(name));
      await opened;
      inspector.questions.length = 0;
    };

    it('is read when its row is opened, and not before', async () => {
      await show('x');
      expect(inspector.questions).toEqual([]);
      const opened = model.toggle('x');
      expect(model.open).toEqual({ name: 'x', detail: null });
      expect(inspector.questions).toEqual([{ kind: 'detail', name: 'x' }]);
      await answer(detail('x'));
      await opened;
      expect(model.open).toEqual({ name: 'x', detail: detail('x') });
    });

    it('closes at the second click, and is not read any more', async () => {
      await show('x');
      await open();
      await model.toggle('x');
      expect(model.open).toBeNull();
      inspector.run();
      await answer(snapshot('x'));
      expect(inspector.questions).toEqual([{ kind: 'snapshot' }]);
    });

    it('is read again after every run', async () => {
      await show('x');
      await open();
      inspector.run();
      await answer(snapshot('x'));
      expect(inspector.questions).toEqual([
        { kind: 'snapshot' },
        { kind: 'detail', name: 'x' }
      ]);
    });

    it('says so when it is gone', async () => {
      await show('x');
      await open();
      inspector.run();
      await answer(snapshot());
      await answer(failure('gone'));
      expect(model.open).toEqual({ name: 'x', detail: failure('gone') });
    });

    it('does not take an answer that comes after another was opened', async () => {
      await show('x', 'y');
      const first = model.toggle('x');
      const second = model.toggle('y');
      await answer(detail('x'));
      expect(model.open).toEqual({ name: 'y', detail: null });
      await answer(detail('y'));
      await Promise.all([first, second]);
      expect(model.open?.detail).toEqual(detail('y'));
    });

    it('shows the slice that was asked for', async () => {
      await show('x');
      await open();
      const sliced = model.slice([3]);
      expect(inspector.questions).toEqual([
        { kind: 'detail', name: 'x', index: [3] }
      ]);
      await answer(detail('x'));
      await sliced;
    });

    it('goes back to the first slice when the shape has changed', async () => {
      await show('x');
      await open();
      void model.slice([3]);
      await answer(failure('bad request'));
      expect(inspector.questions).toEqual([
        { kind: 'detail', name: 'x', index: [3] },
        { kind: 'detail', name: 'x' }
      ]);
      await answer(detail('x'));
      expect(model.open?.detail).toEqual(detail('x'));
    });

    it('is asked for again when the kernel dropped the question', async () => {
      await show('x');
      void model.toggle('x');
      await answer(ABORTED);
      jest.runOnlyPendingTimers();
      await answer(snapshot('x'));
      await answer(detail('x'));
      expect(model.open?.detail).toEqual(detail('x'));
    });
  });

  it('tells of every change', async () => {
    const changed = jest.fn();
    model.changed.connect(changed);
    model.isVisible = true;
    await answer(snapshot('x'));
    const before = changed.mock.calls.length;
    expect(before).toBeGreaterThan(0);
    inspector.turn('busy');
    expect(changed.mock.calls.length).toBeGreaterThan(before);
  });

  it('is silent after dispose, also where a question is out', async () => {
    const changed = jest.fn();
    model.isVisible = true;
    inspector.answer(ABORTED);
    await settle();
    model.changed.connect(changed);
    model.dispose();
    jest.runOnlyPendingTimers();
    await settle();
    expect(inspector.waiting).toBe(0);
    expect(inspector.isDisposed).toBe(true);
    expect(changed).not.toHaveBeenCalled();
  });
});
