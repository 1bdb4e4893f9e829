import {
  asNumber,
  asObject,
  asText,
  asTexts,
  gradeId,
  KEY,
  type ICell
} from './metadata';

/** One exercise of a notebook: an answer cell, mostly with a test cell after it. */
export interface IExercise {
  readonly id: string;
  readonly title: string;
  readonly points: number | null;
  readonly difficulty: number | null;
  readonly minutes: number | null;
  /** Markdown, one for each tier. */
  readonly hints: readonly string[];
  /** Indices of the cells. */
  readonly answer: number;
  readonly test: number | null;
  /** First and last cell that belong to it: statement, answer, scratch cells, test. */
  readonly first: number;
  readonly last: number;
}

const HEADING = /^#{1,6}\s/m;

/** Finds the exercises of a notebook, in its order. */
export function findExercises(cells: readonly ICell[]): IExercise[] {
  const answers = cells
    .map((cell, index) => index)
    .filter(index => isAnswer(cells[index]));
  return answers.map((answer, position) => {
    const before = position > 0 ? answers[position - 1] : -1;
    const after = answers[position + 1] ?? cells.length;
    return describe(cells, answer, before, after);
  });
}

/** The exercise that the cell at `index` belongs to, or null. */
export function exerciseAt(
  exercises: readonly IExercise[],
  index: number
): IExercise | null {
  return (
    exercises.find(each => each.answer === index || each.test === index) ??
    exercises.find(each => each.first <= index && index <= each.last) ??
    null
  );
}

/** The first exercise after the cell at `index`, or null. */
export function exerciseAfter(
  exercises: readonly IExercise[],
  index: number
): IExercise | null {
  return exercises.find(each => each.answer > index) ?? null;
}

function isAnswer(cell: ICell): boolean {
  return (
    gradeId(cell) !== null &&
    Object.keys(asObject(asObject(cell.getMetadata(KEY)).exercise)).length > 0
  );
}

function describe(
  cells: readonly ICell[],
  answer: number,
  before: number,
  after: number
): IExercise {
  const metadata = asObject(cells[answer].getMetadata(KEY));
  const exercise = asObject(metadata.exercise);
  const id = gradeId(cells[answer]) ?? '';
  const test = findTest(cells, id, answer, after);
  const testPoints =
    test === null
      ? null
      : asNumber(asObject(cells[test].getMetadata('nbgrader')).points);
  return {
    id,
    title: asText(exercise.title) ?? id,
    points: asNumber(exercise.points) ?? testPoints,
    difficulty: asNumber(exercise.difficulty),
    minutes: asNumber(exercise.minutes),
    hints: asTexts(metadata.hints),
    answer,
    test,
    first: findFirst(cells, answer, before),
    last: findLast(cells, Math.max(answer, test ?? answer), after)
  };
}

/** Before the next answer first: a copy of a test cell elsewhere must not win. */
function findTest(
  cells: readonly ICell[],
  id: string,
  answer: number,
  after: number
): number | null {
  const found = cells
    .map((cell, index) => index)
    .filter(index => gradeId(cells[index]) === `test_${id}`);
  return (
    found.find(index => answer < index && index < after) ?? found[0] ?? null
  );
}

/** The statement: the markdown right above the answer, up to its heading. */
function findFirst(
  cells: readonly ICell[],
  answer: number,
  before: number
): number {
  for (let index = answer - 1; index > before; index--) {
    if (cells[index].type !== 'markdown') {
      break;
    }
    if (HEADING.test(cells[index].sharedModel.getSource())) {
      return index;
    }
  }
  const above = answer - 1;
  return above > before && cells[above].type === 'markdown' ? above : answer;
}

/** Scratch cells that the learner put below the test; the course goes on in markdown. */
function findLast(
  cells: readonly ICell[],
  from: number,
  after: number
): number {
  let last = from;
  while (last + 1 < after && isScratch(cells[last + 1])) {
    last++;
  }
  return last;
}

function isScratch(cell: ICell): boolean {
  return cell.type === 'code' && gradeId(cell) === null;
}
