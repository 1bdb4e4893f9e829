import { asNumber, asObject, asText } from '../hints/metadata';
import { CATEGORY } from '../tokens';

/** How many exercises there are, and how many of them were passed or at least tried. */
export interface ICount {
  readonly exercises: number;
  readonly passed: number;
  readonly attempted: number;
}

/** One lesson of the course; it may not be written yet. */
export interface ILesson extends ICount {
  readonly slug: string;
  readonly title: string;
  readonly objective: string | null;
  readonly minutes: number | null;
  /** Where its notebook is; null where there is none. */
  readonly path: string | null;
}

export interface IModule {
  /** `01`, or nothing. */
  readonly number: string;
  readonly slug: string;
  readonly title: string;
  readonly summary: string | null;
  /** The lessons that can be opened, and those that cannot yet. */
  readonly open: readonly ILesson[];
  readonly planned: readonly ILesson[];
}

export interface ICourse {
  readonly title: string;
  readonly modules: readonly IModule[];
}

/** What can be pressed to go on, and whether the learner has begun at all. */
export interface INext {
  readonly lesson: ILesson;
  readonly begun: boolean;
}

/** Reads the answer of `torchenstein/progress`; null where there is no course. */
export function readCourse(reply: unknown): ICourse | null {
  const course = asObject(reply).course;
  if (Object.keys(asObject(course)).length === 0) {
    return null;
  }
  const found = objects(asObject(reply).lessons);
  return {
    title: asText(asObject(course).title) ?? CATEGORY,
    modules: objects(asObject(course).modules).map(each =>
      readModule(each, found)
    )
  };
}

/** The lesson to go on with: one that was begun, else the first that is not done. */
export function nextLesson(course: ICourse): INext | null {
  const undone = openLessons(course).filter(
    each => each.exercises > 0 && !isDone(each)
  );
  const lesson = undone.find(isBegun) ?? undone[0];
  return lesson ? { lesson, begun: openLessons(course).some(isBegun) } : null;
}

export function isBegun(count: ICount): boolean {
  return count.attempted > 0;
}

export function isDone(count: ICount): boolean {
  return count.exercises > 0 && count.passed === count.exercises;
}

export function openLessons(course: ICourse): ILesson[] {
  return course.modules.flatMap(each => each.open);
}

/** The sum over several lessons. */
export function total(counts: readonly ICount[]): ICount {
  const sum = (key: keyof ICount): number =>
    counts.reduce((before, each) => before + each[key], 0);
  return {
    exercises: sum('exercises'),
    passed: sum('passed'),
    attempted: sum('attempted')
  };
}

type Data = Record<string, unknown>;

function readModule(module: Data, found: readonly Data[]): IModule {
  const slug = asText(module.slug) ?? '';
  const lessons = objects(module.lessons).map(each => readLesson(each, found));
  return {
    number: /^\d+/.exec(slug)?.[0] ?? '',
    slug,
    title: asText(module.title) ?? slug,
    summary: asText(module.summary),
    open: lessons.filter(each => each.path !== null),
    planned: lessons.filter(each => each.path === null)
  };
}

/** A notebook in its own place goes before a copy of it elsewhere. */
function readLesson(lesson: Data, found: readonly Data[]): ILesson {
  const slug = asText(lesson.slug) ?? '';
  const copies = found.filter(each => slug !== '' && each.slug === slug);
  const notebook =
    copies.find(each => each.path === `${slug}.ipynb`) ?? copies[0];
  return {
    slug,
    title: asText(lesson.title) ?? slug,
    objective: asText(lesson.objective),
    minutes: asNumber(lesson.minutes),
    path: asText(notebook?.path),
    exercises: asNumber(notebook?.exercises) ?? 0,
    passed: asNumber(notebook?.passed) ?? 0,
    attempted: asNumber(notebook?.attempted) ?? 0
  };
}

function objects(value: unknown): Data[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}
