import { asNumber, asObject, asText, asTexts } from './metadata';

export const REPORT_MIME_TYPE = 'application/vnd.torchgrade.report+json';

export type Status = 'passed' | 'partial' | 'failed' | 'unfinished';

const STATUSES: readonly string[] = [
  'passed',
  'partial',
  'failed',
  'unfinished'
];

/** The last word of a test cell on its exercise, as far as the panel shows it. */
export interface IVerdict {
  readonly exercise: string;
  readonly status: Status;
  readonly points: number | null;
  readonly maxPoints: number | null;
  readonly summary: string;
  /** The named mistake that was recognised. */
  readonly mistake: string | null;
  /** Title and message of the first check that failed. */
  readonly failure: { title: string; message: string[] } | null;
}

/** An output as nbformat and JupyterLab's output model both have it. */
export interface IOutput {
  readonly data?: Record<string, unknown>;
}

/** Reads the last report among the outputs of a test cell; null where there is none. */
export function readVerdict(outputs: readonly IOutput[]): IVerdict | null {
  for (let index = outputs.length - 1; index >= 0; index--) {
    const verdict = parseReport(outputs[index].data?.[REPORT_MIME_TYPE]);
    if (verdict) {
      return verdict;
    }
  }
  return null;
}

/** How a report tells that the answer raised an error. */
const RAISED = /^it raised /;

/** The error that the answer raised in the first check that failed, in the report's words. */
export function raisedIn(verdict: IVerdict | null): string | null {
  const told = verdict?.failure?.message[0];
  return told !== undefined && RAISED.test(told) ? told : null;
}

/** Narrows to a status that the panels know. */
export function asStatus(value: unknown): Status | null {
  return typeof value === 'string' && STATUSES.includes(value)
    ? (value as Status)
    : null;
}

/** Reads a report as torchgrade writes it; null where it is none. */
export function parseReport(data: unknown): IVerdict | null {
  const report = asObject(data);
  const status = asStatus(report.status);
  if (!status) {
    return null;
  }
  const checks = Array.isArray(report.checks) ? report.checks : [];
  const failing = checks.map(asObject).find(check => check.status === 'failed');
  return {
    exercise: asText(report.exercise) ?? '',
    status,
    points: asNumber(report.points),
    maxPoints: asNumber(report.max_points),
    summary: asText(report.summary) ?? '',
    mistake: asText(report.mistake) ?? asText(failing?.mistake),
    failure: failing
      ? {
          title: asText(failing.title) ?? '',
          message: asTexts(failing.message)
        }
      : null
  };
}
