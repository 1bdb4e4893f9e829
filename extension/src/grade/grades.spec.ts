import { endEvent, startEvent, testEvent } from '../testing/grader';
import {
  advance,
  BEGUN,
  current,
  isFullSuccess,
  isRunning,
  type IGrades
} from './grades';

const after = (...events: unknown[]): IGrades => events.reduce(advance, BEGUN);
const CELL = { event: 'cell', id: 'cell-0', index: 1, of: 4 };

describe('advance', () => {
  it('knows the exercises from the start', () => {
    const grades = after(startEvent());
    expect(grades.exercises.map(each => [each.title, each.cellId])).toEqual([
      ['The softmax', 'cell-1'],
      ['Twice as much', null]
    ]);
    expect(isRunning(grades)).toBe(true);
    expect(current(grades)).toBeNull();
  });

  it('checks the first exercise without a result', () => {
    expect(current(after(startEvent(), CELL))?.name).toBe('softmax');
    const later = after(startEvent(), CELL, testEvent('softmax', 'passed', 3));
    expect(current(later)?.name).toBe('double');
  });

  it('keeps what each test came to', () => {
    const grades = after(startEvent(), testEvent('softmax', 'failed', 1));
    expect(grades.exercises[0].result).toMatchObject({
      status: 'failed',
      score: 1,
      verdict: { mistake: 'the softmax runs over the batch' }
    });
    expect(grades.exercises[1].result).toBeNull();
  });

  it('is done at the end', () => {
    const grades = after(
      startEvent(),
      testEvent('softmax', 'passed', 3),
      testEvent('double', 'passed', 2),
      endEvent(5)
    );
    expect(grades).toMatchObject({ phase: 'done', points: 5, maxPoints: 5 });
    expect(isRunning(grades)).toBe(false);
    expect(isFullSuccess(grades)).toBe(true);
  });

  it('is no full success while an exercise has no result', () => {
    const grades = after(
      startEvent(),
      testEvent('softmax', 'passed', 3),
      endEvent(3)
    );
    expect(isFullSuccess(grades)).toBe(false);
  });

  it('tells why there are no grades', () => {
    expect(after({ event: 'failed', message: 'no notebook' })).toMatchObject({
      phase: 'failed',
      reason: 'no notebook'
    });
  });

  it.each([
    null,
    'text',
    [],
    {},
    { event: 'later' },
    { event: 'test', grade_id: 'test_unknown' }
  ])('is not put out by %j', event => {
    expect(after(startEvent(), event).exercises).toEqual(
      after(startEvent()).exercises
    );
  });

  it('takes a status that it does not know for a failure', () => {
    const grades = after(startEvent(), testEvent('softmax', 'great', 3));
    expect(grades.exercises[0].result?.status).toBe('failed');
  });
});
