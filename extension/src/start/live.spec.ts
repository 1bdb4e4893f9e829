import { answer, code, test as check } from '../testing/cells';
import { countExercises, countOpen } from './live';

describe('countExercises', () => {
  it('counts as the server does', () => {
    const cells = [
      answer('untouched'),
      answer('opened', { progress: { opened: 3 } }),
      answer('tried', { progress: { attempted: true } }),
      answer('failed', { progress: { failed: true } }),
      answer('passed', { progress: { passed: true } }),
      check('passed'),
      code('scratch')
    ];
    expect(countExercises(cells)).toEqual({
      exercises: 5,
      passed: 1,
      attempted: 3
    });
  });

  it('takes a pasted copy for the same exercise, and the first one for it', () => {
    const passed = answer('x', { progress: { passed: true } });
    expect(countExercises([passed, answer('x')])).toEqual({
      exercises: 1,
      passed: 1,
      attempted: 1
    });
  });
});

it('counts nothing where no notebook can be open', () => {
  expect(countOpen(null).size).toBe(0);
});
