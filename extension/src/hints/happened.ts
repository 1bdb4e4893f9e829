import type { Explanation } from '../protocol';
import type { IWarning } from '../tokens';
import { raisedIn, type IVerdict } from './report';

/** What a check found wrong first. */
export interface IFailure {
  readonly title: string;
  readonly message: readonly string[];
}

/** What has just happened to an exercise: the one thing to look at now. */
export type Happened =
  /** A run stopped at an operation on tensors. */
  | { readonly kind: 'operation'; readonly explanation: Explanation }
  /** A check knows what went wrong; `mistake` completes "This is what you get when". */
  | {
      readonly kind: 'mistake';
      readonly mistake: string;
      readonly failure: IFailure | null;
    }
  /** A line ran and looks wrong. */
  | { readonly kind: 'warning'; readonly warning: IWarning }
  /** A check only knows where results differ first. */
  | { readonly kind: 'difference'; readonly failure: IFailure };

/**
 * Picks it: a run that stopped is younger than any verdict, unless it is the check that stopped; a
 * name says more than what went into a line or than one that looks wrong, and those more than a
 * number. What passes its check is left in peace.
 *
 * @param explanation of the last run, where it failed in a line of the exercise.
 * @param warning of a line of the exercise.
 */
export function happened(
  explanation: Explanation | null,
  verdict: IVerdict | null,
  warning: IWarning | null = null
): Happened | null {
  if (explanation && !(verdict?.mistake && isTold(explanation, verdict))) {
    return { kind: 'operation', explanation };
  }
  if (verdict?.status === 'passed') {
    return null;
  }
  const isWrong = verdict?.status === 'failed' || verdict?.status === 'partial';
  const { mistake, failure } = isWrong ? verdict : NOTHING_WRONG;
  if (mistake) {
    return { kind: 'mistake', mistake, failure };
  }
  if (warning) {
    return { kind: 'warning', warning };
  }
  return failure && failure.message.length > 0
    ? { kind: 'difference', failure }
    : null;
}

/** Whether the verdict speaks of the error that is explained. */
function isTold(explanation: Explanation, verdict: IVerdict): boolean {
  const [message] = explanation.message.split('\n');
  return !!raisedIn(verdict)?.endsWith(`${explanation.error}: ${message}`);
}

const NOTHING_WRONG = { mistake: null, failure: null };
