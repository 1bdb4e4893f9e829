import {
  answer,
  code,
  FakeCell,
  markdown,
  test as check
} from '../testing/cells';
import { exerciseAfter, exerciseAt, findExercises } from './exercise';
import { KEY } from './metadata';

const lesson = () => [
  markdown('# A lesson'), // 0
  code('import torch'), // 1
  markdown('### Exercise 1\n\nDo this.'), // 2
  markdown('And mind that.'), // 3
  answer('first'), // 4
  code('# the learner tries something'), // 5
  check('first', 2), // 6
  code('# and something else'), // 7
  markdown('The course goes on.'), // 8
  code('demonstration()'), // 9
  answer('second'), // 10
  check('second') // 11
];

describe('findExercises', () => {
  it('finds the exercises in the order of the notebook, each with its test', () => {
    const found = findExercises(lesson());
    expect(found.map(({ id, answer, test }) => [id, answer, test])).toEqual([
      ['first', 4, 6],
      ['second', 10, 11]
    ]);
  });

  it('finds nothing where there is nothing', () => {
    expect(findExercises([])).toEqual([]);
    expect(findExercises([markdown('text'), code('1 + 1')])).toEqual([]);
  });

  it('takes the points from the test where the answer does not say', () => {
    expect(findExercises(lesson()).map(each => each.points)).toEqual([2, 3]);
    const told = answer('x', { exercise: { title: 'X', points: 7 } });
    expect(findExercises([told, check('x')])[0].points).toBe(7);
  });

  it('reaches from the heading of the statement to the scratch cells below the test', () => {
    const [first, second] = findExercises(lesson());
    expect([first.first, first.last]).toEqual([2, 7]);
    expect([second.first, second.last]).toEqual([10, 11]);
  });

  it('takes one markdown cell as the statement where there is no heading', () => {
    const cells = [markdown('A'), markdown('B'), answer('x'), check('x')];
    expect(findExercises(cells)[0].first).toBe(1);
  });

  it('ignores answer cells that the course does not know', () => {
    const foreign = new FakeCell('code', '', { nbgrader: { grade_id: 'x' } });
    const unnamed = new FakeCell('code', '', {
      [KEY]: { exercise: { title: 'X' } }
    });
    expect(findExercises([foreign, unnamed])).toEqual([]);
  });

  it('lives without a test cell', () => {
    const [only] = findExercises([answer('x')]);
    expect(only.test).toBeNull();
    expect(only.points).toBeNull();
  });

  it('prefers the test that follows the answer to a copy of it elsewhere', () => {
    const cells = [check('x'), answer('x'), check('x'), answer('y')];
    expect(findExercises(cells)[0].test).toBe(2);
  });

  it('reads metadata that somebody has broken', () => {
    const broken = answer('x', {
      exercise: { title: 5, difficulty: 'hard', minutes: null },
      hints: ['good', 7, null]
    });
    const [found] = findExercises([broken]);
    expect(found.title).toBe('x');
    expect(found.difficulty).toBeNull();
    expect(found.minutes).toBeNull();
    expect(found.hints).toEqual(['good']);
    expect(findExercises([answer('x', { hints: 'text' })])[0].hints).toEqual(
      []
    );
  });
});

describe('exerciseAt', () => {
  it.each([
    [0, null],
    [1, null],
    [2, 'first'],
    [4, 'first'],
    [7, 'first'],
    [8, null],
    [9, null],
    [10, 'second'],
    [11, 'second'],
    [-1, null],
    [99, null]
  ])('cell %i belongs to %s', (index, id) => {
    const found = exerciseAt(findExercises(lesson()), index);
    expect(found?.id ?? null).toBe(id);
  });

  it('gives a test cell to its own exercise wherever it stands', () => {
    const cells = [answer('x'), code(), answer('y'), check('y'), check('x')];
    expect(exerciseAt(findExercises(cells), 4)?.id).toBe('x');
  });
});

describe('exerciseAfter', () => {
  it('is the next exercise below, and null after the last', () => {
    const exercises = findExercises(lesson());
    expect(exerciseAfter(exercises, 0)?.id).toBe('first');
    expect(exerciseAfter(exercises, 8)?.id).toBe('second');
    expect(exerciseAfter(exercises, 11)).toBeNull();
  });
});
