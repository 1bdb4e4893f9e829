import { Asker } from './asker';
import type { Lines } from './protocol';
import { FakeInspector } from './testing/inspector';
import { linesReply } from './testing/lines';
import { settle } from './testing/session';

const ask = (since: number, watch = true) => ({ kind: 'lines', since, watch });

describe('Asker', () => {
  let inspector: FakeInspector;
  let taken: number[];
  let forget: jest.Mock;
  let asker: Asker<'lines'>;

  const answer = async (revision: number) => {
    inspector.answer(linesReply([], { revision }));
    await settle();
  };

  beforeEach(() => {
    inspector = new FakeInspector();
    inspector.state = 'starting';
    taken = [];
    forget = jest.fn();
    asker = new Asker<'lines'>({
      inspector,
      question: (since, watch) => ({ kind: 'lines', since, watch }),
      take: ({ revision }: Lines) => void taken.push(revision),
      forget
    });
  });

  afterEach(() => asker.dispose());

  it('asks nothing before something is wanted', () => {
    inspector.turn('idle');
    inspector.run();
    expect(inspector.questions).toEqual([]);
  });

  it('lets a fresh kernel begin to watch before the first cell', () => {
    asker.begin();
    expect(inspector.questions).toEqual([]);
    inspector.turn('idle');
    inspector.turn('busy');
    inspector.turn('idle');
    expect(inspector.questions).toEqual([ask(0)]);
  });

  describe('in a kernel that watches', () => {
    beforeEach(async () => {
      inspector.turn('idle');
      asker.begin();
      await answer(4);
    });

    it('asks after a run what is new', async () => {
      inspector.run();
      await answer(5);
      expect(inspector.questions).toEqual([ask(0), ask(4)]);
      expect(taken).toEqual([4, 5]);
    });

    it('has one question out at a time, and drops an answer that a newer run has made old', async () => {
      inspector.run();
      inspector.run();
      inspector.run();
      expect(inspector.waiting).toBe(1);
      await answer(5);
      await answer(7);
      expect(inspector.questions).toEqual([ask(0), ask(4), ask(4)]);
      expect(taken).toEqual([4, 7]);
    });

    it('asks again a moment later where the kernel dropped the question', async () => {
      jest.useFakeTimers();
      inspector.run();
      inspector.answer({ kind: 'no reply', reason: 'aborted' });
      await settle();
      expect(inspector.questions).toHaveLength(2);
      jest.advanceTimersByTime(200);
      expect(inspector.questions).toEqual([ask(0), ask(4), ask(4)]);
      jest.useRealTimers();
    });

    it('asks for everything when it begins once more', async () => {
      inspector.run();
      asker.begin();
      await answer(5);
      await answer(6);
      expect(inspector.questions).toEqual([ask(0), ask(4), ask(0)]);
      expect(taken).toEqual([4, 6]);
    });

    it('ends the watching once, and takes nothing any more', async () => {
      inspector.run();
      asker.end();
      asker.end();
      await answer(5);
      inspector.run();
      expect(inspector.questions).toEqual([ask(0), ask(4), ask(0, false)]);
      expect(taken).toEqual([4]);
      expect(forget).toHaveBeenCalledTimes(1);
    });

    it.each(['restarting', 'dead', 'none', 'foreign'] as const)(
      'forgets when the kernel is %s, and begins again',
      state => {
        inspector.turn(state);
        expect(forget).toHaveBeenCalledTimes(1);
        inspector.turn('idle');
        expect(inspector.questions).toEqual([ask(0), ask(0)]);
      }
    );

    it('lets go of the kernel', async () => {
      inspector.run();
      asker.dispose();
      await answer(5);
      expect(inspector.isDisposed).toBe(true);
      expect(taken).toEqual([4]);
    });
  });
});
