import { flow, GraphBuilder, transformer } from '../testing/flow';
import { FakeInspector } from '../testing/inspector';
import { settle } from '../testing/session';
import { FlowModel } from './model';

describe('FlowModel', () => {
  let inspector: FakeInspector;
  let model: FlowModel;

  const answer = async (reply: Parameters<FakeInspector['answer']>[0]) => {
    inspector.answer(reply);
    await settle();
  };
  const trace = async (graph = transformer(12)) => {
    model.trace('cell');
    await answer(flow(null, { state: 'waiting', revision: 1 }));
    inspector.run();
    await answer(flow(graph));
    inspector.questions.length = 0;
  };

  beforeEach(() => {
    jest.useFakeTimers();
    inspector = new FakeInspector();
    model = new FlowModel(inspector);
  });

  afterEach(() => {
    model.dispose();
    jest.useRealTimers();
  });

  it('asks for a trace, and for the graph after the run', async () => {
    const traced = jest.fn();
    model.traced.connect(traced);
    model.trace('cell');
    expect(inspector.questions).toEqual([
      { kind: 'flow', since: 0, trace: 'cell' }
    ]);
    await answer(flow(null, { state: 'waiting', revision: 1 }));
    expect(model.isWaiting).toBe(true);
    inspector.run();
    expect(inspector.questions[1]).toEqual({ kind: 'flow', since: 1 });
    await answer(flow(transformer(12)));
    expect(model.isWaiting).toBe(false);
    expect(model.tree?.graph.nodes).toHaveLength(63);
    expect(model.expanded).toEqual(new Set(['m0']));
    expect(traced).toHaveBeenCalledTimes(1);
  });

  it('does not ask while nothing is to be traced', async () => {
    inspector.run();
    await trace();
    inspector.run();
    expect(inspector.questions).toEqual([]);
  });

  it('goes on waiting while other cells run', async () => {
    model.trace('cell');
    await answer(flow(null, { state: 'waiting', revision: 1 }));
    inspector.run();
    await answer(flow(null, { state: 'waiting', revision: 1 }));
    expect(model.isWaiting).toBe(true);
    model.trace(null);
    expect(inspector.questions[2]).toEqual({
      kind: 'flow',
      since: 1,
      trace: ''
    });
    expect(model.isWaiting).toBe(false);
  });

  it('asks again when the kernel drops the question after a failing run', async () => {
    model.trace('cell');
    await answer(flow(null, { state: 'waiting', revision: 1 }));
    inspector.run(true);
    await answer({ kind: 'no reply', reason: 'aborted' });
    jest.advanceTimersByTime(200);
    await answer(flow(transformer(1)));
    expect(model.tree).not.toBeNull();
  });

  it('says when the kernel cannot', async () => {
    model.trace('cell');
    await answer({ kind: 'no reply', reason: 'missing' });
    expect([model.isMissing, model.isWaiting]).toEqual([true, false]);
    model.trace('cell');
    await answer(flow(null, { problem: 'torch was not imported yet.' }));
    expect([model.isMissing, model.isWaiting]).toEqual([false, false]);
    expect(model.problem).toBe('torch was not imported yet.');
  });

  it('keeps the graph and stops waiting when the kernel restarts', async () => {
    await trace();
    model.trace('cell');
    inspector.turn('restarting');
    expect(model.isWaiting).toBe(false);
    expect(model.tree).not.toBeNull();
  });

  it('opens a level at a time, and what hides a found part', async () => {
    await trace();
    model.openTo(2);
    expect(model.expanded.size).toBe(13);
    model.openTo(0);
    expect(model.expanded.size).toBe(0);
    model.search('h.3');
    expect(model.matches).toHaveLength(1);
    model.search('GELU');
    expect(model.matches).toHaveLength(12);
    model.jump(1);
    expect(model.selected).toBe(model.matches[0]);
    expect(model.expanded).toEqual(new Set(['m0', 'm1', 'm3']));
    model.jump(-1);
    expect(model.selected).toBe(model.matches[11]);
    model.search('4 x 8'.replace('x', '*'));
    expect(model.matches.length).toBeGreaterThan(12);
  });

  it('leaves open what is open when the same cell is traced again', async () => {
    await trace();
    model.openTo(2);
    model.trace('cell');
    await answer(flow(transformer(12), { revision: 4 }));
    expect(model.expanded.size).toBe(13);
    model.trace('cell');
    await answer(flow(transformer(11), { revision: 6 }));
    expect(model.expanded).toEqual(new Set(['m0']));
  });

  it('selects the operation that failed', async () => {
    const b = new GraphBuilder();
    const module = b.module('head');
    b.node('matmul', [], { module, failed: true, error: 'RuntimeError' });
    await trace(b.graph);
    expect(model.selected?.node?.name).toBe('matmul');
    expect(model.expanded).toEqual(new Set(['m0']));
  });
});
