import { notebook, progressReply } from '../testing/course';
import {
  isBegun,
  isDone,
  nextLesson,
  openLessons,
  readCourse,
  total,
  type ICourse
} from './course';

/** The course with these notebooks in the place of the usual ones. */
const courseWith = (...lessons: Record<string, unknown>[]): ICourse | null =>
  readCourse({ ...progressReply(), lessons });
const next = (...lessons: Record<string, unknown>[]) => {
  const course = courseWith(...lessons);
  return course && nextLesson(course);
};

const FIRST = '01_tensors/01_first';
const SECOND = '01_tensors/02_second';

describe('readCourse', () => {
  it('parts what can be opened from what is planned', () => {
    const course = readCourse(progressReply());
    const parts = course?.modules.map(({ number, open, planned }) => [
      number,
      open.map(each => each.title),
      planned.map(each => each.title)
    ]);
    expect(parts).toEqual([
      ['01', ['First', 'Second'], ['Third']],
      ['02', [], ['Linear']]
    ]);
  });

  it('knows where the notebook is and how far the learner has come', () => {
    const course = readCourse(progressReply());
    expect(course?.modules[0].open[0]).toEqual({
      slug: FIRST,
      title: 'First',
      objective: 'Do First.',
      minutes: 75,
      path: `${FIRST}.ipynb`,
      exercises: 5,
      passed: 5,
      attempted: 5
    });
  });

  it('finds a notebook that was moved, and prefers the one in its place', () => {
    const copy = notebook(FIRST, { path: 'a copy.ipynb' });
    const path = (course: ICourse | null) => course?.modules[0].open[0].path;
    expect(path(courseWith(copy))).toBe('a copy.ipynb');
    expect(path(courseWith(copy, notebook(FIRST)))).toBe(`${FIRST}.ipynb`);
  });

  it.each([
    [null],
    ['text'],
    [{ course: null, lessons: [] }],
    [{ course: [], lessons: [] }],
    [{ course: {} }]
  ])('finds no course in %j', reply => {
    expect(readCourse(reply)).toBeNull();
  });

  it('lives with a course that somebody has broken', () => {
    const course = { title: 7, modules: [null, { lessons: ['x', {}] }] };
    const read = readCourse({ course, lessons: [null, { slug: '' }] });
    expect(read?.title).toBe('Torchenstein');
    expect(read && openLessons(read)).toEqual([]);
    expect(readCourse({ course: { modules: 'x' } })?.modules).toEqual([]);
  });
});

describe('nextLesson', () => {
  it('begins with the first lesson', () => {
    expect(next(notebook(FIRST), notebook(SECOND))).toMatchObject({
      lesson: { slug: FIRST },
      begun: false
    });
  });

  it('goes on with a lesson that was begun, though one before it was not', () => {
    const found = next(notebook(FIRST), notebook(SECOND, { attempted: 1 }));
    expect(found).toMatchObject({ lesson: { slug: SECOND }, begun: true });
  });

  it('goes on to the next lesson after one that is done', () => {
    const done = notebook(FIRST, { passed: 5, attempted: 5 });
    expect(next(done, notebook(SECOND))).toMatchObject({
      lesson: { slug: SECOND },
      begun: true
    });
  });

  it('has none when all is done, and where there is none', () => {
    expect(next(notebook(FIRST, { passed: 5, attempted: 5 }))).toBeNull();
    expect(next()).toBeNull();
  });

  it('does not wait for ever at a lesson without exercises', () => {
    const empty = notebook(FIRST, { exercises: 0 });
    expect(next(empty, notebook(SECOND))?.lesson.slug).toBe(SECOND);
  });
});

describe('counts', () => {
  const count = (exercises: number, passed: number, attempted: number) => ({
    exercises,
    passed,
    attempted
  });

  it('add up', () => {
    expect(total([count(5, 2, 3), count(4, 0, 0)])).toEqual(count(9, 2, 3));
    expect(total([])).toEqual(count(0, 0, 0));
  });

  it('know begun and done', () => {
    expect([isBegun(count(5, 0, 0)), isBegun(count(5, 0, 1))]).toEqual([
      false,
      true
    ]);
    expect([isDone(count(5, 4, 5)), isDone(count(5, 5, 5))]).toEqual([
      false,
      true
    ]);
    expect(isDone(count(0, 0, 0))).toBe(false);
  });
});
