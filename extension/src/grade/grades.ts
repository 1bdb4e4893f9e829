import { asNumber, asObject, asText, asTexts } from '../hints/metadata';
import {
  asStatus,
  parseReport,
  type IVerdict,
  type Status
} from '../hints/report';

/** Where a run stands. */
export type Phase =
  'saving' | 'starting' | 'checking' | 'done' | 'stopped' | 'failed';

/** What a test came to. */
export interface IResult {
  readonly status: Status;
  readonly verdict: IVerdict | null;
  /** Null where only open examples were checked: they say nothing of the points. */
  readonly score: number | null;
  /** Why the notebook's own process ended during this test, else empty. */
  readonly ended: string;
}

/** One exercise of the run; without a result it has not been checked yet. */
export interface IGradedExercise {
  /** nbgrader's name of the test cell. */
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly points: number;
  /** The answer cell, as far as the saved notebook tells. */
  readonly cellId: string | null;
  readonly result: IResult | null;
}

/** One run of the grader, as far as it has come. */
export interface IGrades {
  readonly phase: Phase;
  /** Whether the instructor's tests were there. */
  readonly hidden: boolean;
  readonly exercises: readonly IGradedExercise[];
  readonly points: number | null;
  readonly maxPoints: number | null;
  /** What else a learner should know. */
  readonly problems: readonly string[];
  /** Why there are no grades. */
  readonly reason: string | null;
}

export const BEGUN: IGrades = {
  phase: 'saving',
  hidden: true,
  exercises: [],
  points: null,
  maxPoints: null,
  problems: [],
  reason: null
};

/** The grades after one more event of `torchgrade run`; events of another kind change nothing. */
export function advance(grades: IGrades, event: unknown): IGrades {
  const told = asObject(event);
  switch (told.event) {
    case 'start':
      return {
        ...grades,
        hidden: told.hidden === true,
        exercises: readExercises(told.exercises)
      };
    case 'cell':
      return { ...grades, phase: 'checking' };
    case 'test':
      return {
        ...grades,
        phase: 'checking',
        exercises: grades.exercises.map(each =>
          each.id === told.grade_id
            ? { ...each, result: readResult(told) }
            : each
        )
      };
    case 'end':
      return {
        ...grades,
        phase: 'done',
        points: asNumber(told.points),
        maxPoints: asNumber(told.max_points),
        problems: asTexts(told.problems)
      };
    case 'failed':
      return {
        ...grades,
        phase: 'failed',
        reason: asText(told.message) ?? String(told.event)
      };
    default:
      return grades;
  }
}

/** Whether the run goes on. */
export function isRunning(grades: IGrades | null): boolean {
  return (
    grades !== null && ['saving', 'starting', 'checking'].includes(grades.phase)
  );
}

/** The exercise that is being checked. */
export function current(grades: IGrades): IGradedExercise | null {
  return grades.phase === 'checking'
    ? (grades.exercises.find(each => each.result === null) ?? null)
    : null;
}

export function countChecked(grades: IGrades): number {
  return grades.exercises.filter(each => each.result !== null).length;
}

export function countPassed(grades: IGrades): number {
  return grades.exercises.filter(each => each.result?.status === 'passed')
    .length;
}

/** Whether the run came to its end and nothing is left to do. */
export function isFullSuccess(grades: IGrades): boolean {
  return (
    grades.phase === 'done' &&
    grades.exercises.length > 0 &&
    countPassed(grades) === grades.exercises.length
  );
}

function readExercises(value: unknown): IGradedExercise[] {
  return (Array.isArray(value) ? value : []).map(asObject).map(each => ({
    id: asText(each.grade_id) ?? '',
    name: asText(each.exercise) ?? '',
    title: asText(each.title) ?? asText(each.exercise) ?? '',
    points: asNumber(each.points) ?? 0,
    cellId: asText(each.cell_id),
    result: null
  }));
}

function readResult(told: Record<string, unknown>): IResult {
  return {
    status: asStatus(told.status) ?? 'failed',
    verdict: parseReport(told.report),
    score: asNumber(told.score),
    ended: asText(told.ended) ?? ''
  };
}
