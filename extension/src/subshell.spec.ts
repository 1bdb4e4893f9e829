import { openSubshell } from './subshell';
import { FakeKernel, settle } from './testing/session';

const SAID = { status: 'ok', answers: [{ kind: 'live' }], spent: 1 };

describe('a subshell', () => {
  let kernel: FakeKernel;

  beforeEach(() => {
    jest.useFakeTimers();
    kernel = new FakeKernel();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const open = async (known: string | null = null) => {
    const opening = openSubshell(kernel.connection, known);
    await settle();
    kernel.peeked[kernel.peeked.length - 1]?.reply(SAID);
    return opening;
  };

  it('is made, and greeted with a message of our own kind', async () => {
    expect(await open()).not.toBeNull();
    expect(kernel.subshells).toHaveLength(1);
    expect(kernel.peeked[0].message.header).toMatchObject({
      msg_type: 'torchenstein_request',
      subshell_id: kernel.subshells[0]
    });
  });

  it('that another page has made is shared', async () => {
    expect(await open('theirs')).not.toBeNull();
    expect(kernel.subshells).toEqual([]);
    expect(kernel.peeked[0].message.header.subshell_id).toBe('theirs');
  });

  it('is not to be had of a kernel without', async () => {
    kernel.supportsSubshells = false;
    expect(await open()).toBeNull();
    expect(kernel.peeked).toEqual([]);
  });

  it('that does not answer is given back', async () => {
    const opening = openSubshell(kernel.connection, null);
    await settle();
    jest.runOnlyPendingTimers();
    expect(await opening).toBeNull();
    expect(kernel.subshells).toEqual([]);
  });

  it('answers, and its futures end with the answer', async () => {
    const subshell = await open();
    const asked = subshell?.ask([{ kind: 'snapshot' }, { kind: 'live' }]);
    const { message, reply, future } = kernel.peeked[1];
    expect(message.content.questions.map(each => each.kind)).toEqual([
      'snapshot',
      'live'
    ]);
    reply({ ...SAID, spent: 7 });
    expect((await asked)?.spent).toBe(7);
    expect(future.isDisposed).toBe(true);
  });

  it.each([
    ['the kernel does not know it any more', { status: 'error' }],
    ['the kernel goes away', null]
  ])('is over when %s', async (_, content) => {
    const subshell = await open();
    const asked = subshell?.ask([{ kind: 'live' }]);
    if (content) {
      kernel.peeked[1].reply(content);
    } else {
      kernel.peeked[1].fail();
    }
    expect(await asked).toBeNull();
    expect(subshell?.isDisposed).toBe(true);
    expect(await subshell?.ask([{ kind: 'live' }])).toBeNull();
    expect(kernel.peeked).toHaveLength(2);
  });

  it.each(['restarting', 'autorestarting', 'dead'] as const)(
    'is over in a kernel that is %s, with what it was asked',
    async status => {
      const subshell = await open();
      const asked = subshell?.ask([{ kind: 'live' }]);
      kernel.turn(status);
      expect(await asked).toBeNull();
      expect(subshell?.isDisposed).toBe(true);
    }
  );

  it('is given back when it is not needed any more', async () => {
    (await open())?.dispose();
    expect(kernel.subshells).toEqual([]);
  });

  it('is left to a kernel that is busy, which would pass for idle', async () => {
    const subshell = await open();
    kernel.turn('busy');
    subshell?.dispose();
    expect(kernel.subshells).toHaveLength(1);
  });
});
