import { REPORT_MIME_TYPE } from './hints/report';
import { expressionFor, KernelInspector, readReply } from './kernel';
import type { KernelState } from './kernel';
import { FakeKernel, FakeSession, settle } from './testing/session';

const SNAPSHOT = { kind: 'snapshot', version: 1, tensors: [] };

const okay = (data: unknown) => ({
  status: 'ok',
  user_expressions: {
    torchenstein: { status: 'ok', data: { 'application/json': data } }
  }
});
type Reply = Parameters<typeof readReply>[0];
const read = (content: unknown) => readReply({ content } as Reply);

describe('expressionFor', () => {
  const inspector = "__import__('torchenstein.inspector', fromlist=['reply'])";

  it('writes the truth as Python does', () => {
    expect(expressionFor({ kind: 'lines', since: 3, watch: true })).toBe(
      `${inspector}.reply("lines", since=3, watch=True)`
    );
  });

  it('asks for the list', () => {
    expect(expressionFor({ kind: 'snapshot' })).toBe(
      `${inspector}.reply("snapshot")`
    );
  });

  it('asks for one tensor, at a slice', () => {
    expect(expressionFor({ kind: 'detail', name: 'x', index: [3, 0] })).toBe(
      `${inspector}.reply("detail", name="x", index=[3,0])`
    );
  });

  it('leaves out what is not said', () => {
    expect(
      expressionFor({ kind: 'detail', name: 'x', index: undefined })
    ).not.toContain('index');
  });

  it('asks for an answer in the language of the page', () => {
    document.documentElement.lang = 'pt-BR';
    const expression = expressionFor({ kind: 'explain' });
    document.documentElement.lang = 'en';
    expect(expression).toBe(`${inspector}.reply("explain", language="pt-BR")`);
    expect(expressionFor({ kind: 'explain' })).toBe(
      `${inspector}.reply("explain")`
    );
  });

  it('keeps a name inside its quotes, whatever it holds', () => {
    const name = 'cache["k"]\n\\"); import os #';
    expect(expressionFor({ kind: 'detail', name })).toBe(
      `${inspector}.reply("detail", name="cache[\\"k\\"]\\n\\\\\\"); import os #")`
    );
  });
});

describe('readReply', () => {
  it.each(['snapshot', 'detail', 'failure'])('reads a %s', kind => {
    expect(read(okay({ kind }))).toEqual({ kind });
  });

  it('knows a request that the kernel dropped', () => {
    for (const content of [{ status: 'aborted' }, { status: 'error' }, {}]) {
      expect(read(content)).toEqual({ kind: 'no reply', reason: 'aborted' });
    }
    expect(readReply(undefined)).toEqual({
      kind: 'no reply',
      reason: 'aborted'
    });
  });

  it('knows a kernel without the inspector', () => {
    const failed = {
      status: 'ok',
      user_expressions: {
        torchenstein: { status: 'error', ename: 'ModuleNotFoundError' }
      }
    };
    for (const content of [
      failed,
      okay('text'),
      okay({ kind: 'poem' }),
      { status: 'ok' }
    ]) {
      expect(read(content)).toEqual({ kind: 'no reply', reason: 'missing' });
    }
  });
});

describe('KernelInspector', () => {
  let kernel: FakeKernel;
  let session: FakeSession;
  let inspector: KernelInspector;
  let executed: jest.Mock;
  let changes: KernelState[];

  beforeEach(async () => {
    kernel = new FakeKernel();
    session = new FakeSession(kernel);
    inspector = new KernelInspector();
    executed = jest.fn();
    changes = [];
    inspector.executed.connect(executed);
    inspector.stateChanged.connect(() => changes.push(inspector.state));
    inspector.follow(session.context);
    await settle();
  });

  afterEach(() => {
    inspector.dispose();
  });

  describe('state', () => {
    it('is none without a session', () => {
      inspector.follow(null);
      expect(inspector.state).toBe('none');
    });

    it('is starting until the kernel has told its language', () => {
      expect(changes).toEqual(['starting', 'idle']);
    });

    it.each([
      ['idle', 'idle'],
      ['busy', 'busy'],
      ['restarting', 'restarting'],
      ['autorestarting', 'restarting'],
      ['dead', 'dead'],
      ['terminating', 'dead'],
      ['unknown', 'starting']
    ] as const)('a kernel that is %s is %s', (status, state) => {
      session.status(status);
      expect(inspector.state).toBe(state);
    });

    it('tells only of changes', () => {
      changes.length = 0;
      session.status('busy');
      session.status('busy');
      session.status('idle');
      expect(changes).toEqual(['busy', 'idle']);
    });

    it('knows a kernel that does not speak Python', async () => {
      session.change(new FakeKernel('julia'));
      await settle();
      expect(inspector.state).toBe('foreign');
    });

    it('tells a session whose kernel is on its way from one without', () => {
      session.change(null);
      expect(inspector.state).toBe('starting');
      session.hasNoKernel = true;
      session.statusChanged.emit();
      expect(inspector.state).toBe('none');
    });

    it('is none when the session ends', () => {
      session.end();
      expect(inspector.state).toBe('none');
    });
  });

  describe('executed', () => {
    it('follows what a user runs', () => {
      session.run('request-1');
      expect(executed).toHaveBeenCalledTimes(1);
    });

    it('does not follow silent requests, our own above all', () => {
      session.broadcast('silent', 'status', { execution_state: 'busy' });
      session.broadcast('silent', 'status', { execution_state: 'idle' });
      expect(executed).not.toHaveBeenCalled();
    });

    it('waits for the end of the run', () => {
      session.broadcast('cell', 'execute_input');
      session.broadcast('other', 'status', { execution_state: 'idle' });
      session.broadcast('cell', 'stream', { text: 'idle' });
      expect(executed).not.toHaveBeenCalled();
      session.broadcast('cell', 'status', { execution_state: 'idle' });
      session.broadcast('cell', 'status', { execution_state: 'idle' });
      expect(executed).toHaveBeenCalledTimes(1);
    });

    it('tells whether the run failed', () => {
      session.run('cell', true);
      session.run('next');
      expect(executed.mock.calls.map(([, run]) => run)).toEqual([
        { failed: true },
        { failed: false }
      ]);
    });

    it('tells what a check caught', () => {
      const told = 'it raised RuntimeError: shapes';
      const checks = [{ title: '', status: 'failed', message: [told] }];
      session.run('cell', false, {
        [REPORT_MIME_TYPE]: { status: 'failed', checks }
      });
      expect(executed.mock.calls[0][1]).toEqual({
        failed: false,
        raised: told
      });
    });

    it('lives with a message that has no parent', () => {
      session.broadcast(null, 'status', { execution_state: 'starting' });
      expect(executed).not.toHaveBeenCalled();
    });

    it('forgets the runs of a kernel that is gone', () => {
      session.broadcast('cell', 'execute_input');
      session.change(new FakeKernel());
      session.broadcast('cell', 'status', { execution_state: 'idle' });
      expect(executed).not.toHaveBeenCalled();
    });
  });

  describe('ask', () => {
    it('asks in one silent request that leaves no trace', async () => {
      const answer = inspector.ask({ kind: 'snapshot' });
      kernel.requests[0].reply(okay(SNAPSHOT));
      expect(await answer).toEqual(SNAPSHOT);
      expect(kernel.requests).toHaveLength(1);
      expect(kernel.requests[0].content).toMatchObject({
        code: '',
        silent: true,
        store_history: false,
        allow_stdin: false,
        stop_on_error: false
      });
    });

    it('has no answer without a kernel', async () => {
      session.change(null);
      expect(await inspector.ask({ kind: 'snapshot' })).toEqual({
        kind: 'no reply',
        reason: 'gone'
      });
    });

    it('has no answer when the kernel dies under it', async () => {
      const answer = inspector.ask({ kind: 'snapshot' });
      kernel.requests[0].fail();
      expect(await answer).toEqual({ kind: 'no reply', reason: 'gone' });
    });

    it('does not wait for a busy kernel that was left', async () => {
      const answer = inspector.ask({ kind: 'snapshot' });
      session.change(new FakeKernel());
      expect(await answer).toEqual({ kind: 'no reply', reason: 'gone' });
    });

    it('does not pass off the answer of a kernel that was left', async () => {
      const answer = inspector.ask({ kind: 'snapshot' });
      session.change(new FakeKernel());
      kernel.requests[0].reply(okay(SNAPSHOT));
      expect(await answer).toEqual({ kind: 'no reply', reason: 'gone' });
    });
  });

  describe('follow', () => {
    it('lets go of the session before', async () => {
      const other = new FakeSession();
      inspector.follow(other.context);
      await settle();
      changes.length = 0;
      session.run('cell');
      session.status('dead');
      expect(executed).not.toHaveBeenCalled();
      expect(changes).toEqual([]);
      other.run('cell');
      expect(executed).toHaveBeenCalledTimes(1);
    });

    it('keeps a late language of another kernel to itself', async () => {
      const julia = new FakeSession(new FakeKernel('julia'));
      inspector.follow(julia.context);
      inspector.follow(session.context);
      await settle();
      expect(inspector.state).toBe('idle');
    });
  });

  it('is silent after dispose', () => {
    inspector.dispose();
    expect(inspector.isDisposed).toBe(true);
    changes.length = 0;
    session.run('cell');
    session.status('busy');
    expect(executed).not.toHaveBeenCalled();
    expect(changes).toEqual([]);
  });
});
