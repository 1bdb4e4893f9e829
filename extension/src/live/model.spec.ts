import type { InspectorReply } from '../protocol';
import { curve, FakeInspector, live, snapshot } from '../testing/inspector';
import { settle } from '../testing/session';
import { LiveModel } from './model';

const SPENT = 1;

describe('LiveModel', () => {
  let inspector: FakeInspector;
  let model: LiveModel;
  let watcher: {
    isWatching: boolean;
    readonly question: { readonly kind: 'snapshot' };
    take: jest.Mock;
  };

  beforeEach(() => {
    jest.useFakeTimers();
    inspector = new FakeInspector();
    inspector.canPeek = true;
    model = new LiveModel(inspector);
    watcher = {
      isWatching: true,
      question: { kind: 'snapshot' },
      take: jest.fn()
    };
    model.watch(watcher);
  });

  afterEach(() => {
    model.dispose();
    jest.useRealTimers();
  });

  const say = async (
    answers: readonly InspectorReply[] = [live(), snapshot('x')],
    spent = SPENT
  ) => {
    inspector.say({ answers, spent });
    await settle();
  };

  it('asks again and again while a cell runs', async () => {
    inspector.turn('busy');
    expect(inspector.peeked).toEqual([]);
    for (let time = 1; time <= 5; time++) {
      await jest.advanceTimersByTimeAsync(300);
      expect(inspector.peeked).toHaveLength(time);
      await say();
    }
    expect(watcher.take).toHaveBeenCalledTimes(5);
    expect(watcher.take).toHaveBeenLastCalledWith(snapshot('x'));
    inspector.turn('idle');
    await jest.advanceTimersByTimeAsync(1000);
    expect(inspector.peeked).toHaveLength(5);
  });

  it('does not ask twice before it is answered', async () => {
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(5000);
    expect(inspector.peeked).toHaveLength(1);
  });

  it('asks a kernel less often that has much to answer', async () => {
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(300);
    await say(undefined, 20);
    await jest.advanceTimersByTimeAsync(900);
    expect(inspector.peeked).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(100);
    expect(inspector.peeked).toHaveLength(2);
  });

  it('asks nothing while nobody watches, and begins when somebody does', async () => {
    watcher.isWatching = false;
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(1000);
    expect(inspector.peeked).toEqual([]);
    watcher.isWatching = true;
    model.look();
    await jest.advanceTimersByTimeAsync(300);
    expect(inspector.peeked).toHaveLength(1);
  });

  it('asks nothing for a short cell', async () => {
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(100);
    inspector.turn('idle');
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(100);
    inspector.turn('idle');
    await jest.advanceTimersByTimeAsync(1000);
    expect(inspector.peeked).toEqual([]);
  });

  it('does not ask a kernel that cannot answer', async () => {
    inspector.canPeek = false;
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(1000);
    expect(inspector.peeked).toEqual([]);
    expect(model.isPossible).toBe(false);
  });

  it('prepares an idle kernel once', async () => {
    inspector.canPeek = null;
    inspector.turn('idle');
    inspector.turn('busy');
    inspector.turn('idle');
    expect(inspector.questions).toHaveLength(1);
    inspector.canPeek = true;
    inspector.answer(live({ running: false }));
    await settle();
    expect(model.run?.curves).toHaveLength(1);
    inspector.turn('busy');
    inspector.turn('idle');
    expect(inspector.questions).toHaveLength(1);
  });

  it('asks for what is new, and joins it to what is known', async () => {
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(300);
    await say();
    await jest.advanceTimersByTimeAsync(300);
    expect(inspector.peeked[1][0]).toMatchObject({ run: 1, since: 1 });
    await say([
      live({ sample: 2, curves: [curve({ times: [0.6], values: [1.1] })] }),
      snapshot('x')
    ]);
    expect(model.run?.curves[0]).toMatchObject({
      times: [0.3, 0.6],
      values: [2.3, 1.1]
    });
  });

  it('asks once more when the run has ended', async () => {
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(300);
    await say();
    inspector.turn('idle');
    inspector.run();
    expect(inspector.questions).toEqual([
      { kind: 'live', run: 1, since: 1, gradients: false }
    ]);
    inspector.answer(
      live({ running: false, sample: 2, seconds: 4, curves: [] })
    );
    await settle();
    expect(model.run).toMatchObject({ isRunning: false, seconds: 4 });
    inspector.run();
    expect(inspector.questions).toHaveLength(1);
  });

  it('keeps what it has and says so when an answer failed', async () => {
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(300);
    await say();
    await jest.advanceTimersByTimeAsync(300);
    const message = 'The inspector stopped: ValueError.';
    const failure = { kind: 'failure', version: 1, reason: 'error', message };
    await say([failure as InspectorReply, snapshot('x')]);
    expect(model.problem).toBe(message);
    expect(model.run?.number).toBe(1);
    await jest.advanceTimersByTimeAsync(300);
    await say();
    expect(model.problem).toBeNull();
  });

  it('lets an idle kernel know at once whether gradients are wanted', () => {
    model.isVisible = true;
    inspector.turn('idle');
    model.withGradients = true;
    expect(inspector.questions).toContainEqual(
      expect.objectContaining({ kind: 'live', gradients: true })
    );
  });

  it('has gradients read only while they can be seen', async () => {
    model.withGradients = true;
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(300);
    expect(inspector.peeked[0][0]).toMatchObject({ gradients: false });
    await say();
    model.isVisible = true;
    await jest.advanceTimersByTimeAsync(300);
    expect(inspector.peeked[1][0]).toMatchObject({ gradients: true });
  });

  it('forgets the run with its kernel, and answers that come after', async () => {
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(300);
    await say();
    await jest.advanceTimersByTimeAsync(300);
    inspector.turn('restarting');
    expect(model.run).toBeNull();
    await say();
    expect(model.run).toBeNull();
    expect(watcher.take).toHaveBeenCalledTimes(1);
    inspector.turn('idle');
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(300);
    expect(inspector.peeked).toHaveLength(3);
  });

  it('stops when the subshell is gone', async () => {
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(300);
    inspector.say(null);
    await settle();
    await jest.advanceTimersByTimeAsync(3000);
    expect(inspector.peeked).toHaveLength(1);
  });

  it('is silent after dispose', async () => {
    const changed = jest.fn();
    inspector.turn('busy');
    await jest.advanceTimersByTimeAsync(300);
    model.changed.connect(changed);
    model.dispose();
    await say();
    expect(changed).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
    expect(inspector.isDisposed).toBe(true);
  });
});
