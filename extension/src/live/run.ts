import type { Live, LiveCurve, UnreadScalar } from '../protocol';

/** More points than this, and the kernel is asked for its thinned out ones. */
const MOST_POINTS = 320;

/** What is known of one run: its curves from the beginning on. */
export interface IRun {
  readonly number: number;
  readonly count: number | null;
  readonly isRunning: boolean;
  readonly seconds: number;
  /** The last sample; asked with next time, 0 for everything. */
  readonly since: number;
  readonly curves: readonly LiveCurve[];
  readonly unread: readonly UnreadScalar[];
  readonly gradientsLeftOut: number;
}

/** The run after an answer: the same with more points, or the next one. */
export function merge(before: IRun | null, answer: Live): IRun | null {
  const isSame = before?.number === answer.run;
  if (!isSame && !tells(answer)) {
    // A cell without anything to show leaves what the one before has shown.
    return before && { ...before, isRunning: false };
  }
  const old = isSame && before.since > 0 ? before.curves : [];
  const curves = answer.curves.map(curve => extend(old, curve));
  const longest = Math.max(0, ...curves.map(curve => curve.times.length));
  return {
    number: answer.run,
    count: answer.execution_count,
    isRunning: answer.running,
    seconds: answer.seconds,
    since: longest > MOST_POINTS ? 0 : answer.sample,
    curves,
    unread: answer.unread,
    gradientsLeftOut: answer.gradients_left_out
  };
}

/** Whether a run has more to show than the memory that every run needs. */
function tells(answer: Live): boolean {
  return (
    answer.unread.length > 0 ||
    answer.curves.some(curve => curve.group !== 'memory')
  );
}

function extend(old: readonly LiveCurve[], curve: LiveCurve): LiveCurve {
  const before = old.find(each => keyOf(each) === keyOf(curve));
  return before
    ? {
        ...curve,
        times: [...before.times, ...curve.times],
        values: [...before.values, ...curve.values]
      }
    : curve;
}

/** Tells the curves of one run apart. */
export function keyOf(curve: LiveCurve): string {
  return [curve.group, curve.scope ?? '', curve.name].join(' ');
}
