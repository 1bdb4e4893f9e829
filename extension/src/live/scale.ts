import type { LiveCurve } from '../protocol';

/** From a value to the part of the height at which it is drawn, 0 at the bottom. */
export interface IScale {
  readonly least: number;
  readonly most: number;
  readonly isLog: boolean;
  at(value: number): number;
}

/** A logarithmic axis is offered from here on: largest over smallest value. */
const DECADES = 100;

/** The finite values of some curves. */
function finite(curves: readonly LiveCurve[]): number[] {
  return curves.flatMap(curve =>
    curve.values.map(Number).filter(value => Number.isFinite(value))
  );
}

/** Whether the values are positive and spread over decades. */
export function spreadsOverDecades(curves: readonly LiveCurve[]): boolean {
  const values = finite(curves);
  const least = Math.min(...values);
  return (
    values.length > 0 && least > 0 && Math.max(...values) / least >= DECADES
  );
}

/** An axis that holds all values of the curves; null where there is none. */
export function scaleOf(
  curves: readonly LiveCurve[],
  wantsLog: boolean
): IScale | null {
  const values = finite(curves);
  if (values.length === 0) {
    return null;
  }
  const least = Math.min(...values);
  const most = Math.max(...values);
  const isLog = wantsLog && least > 0;
  const along = (value: number) => (isLog ? Math.log10(value) : value);
  const length = along(most) - along(least);
  return {
    least,
    most,
    isLog,
    // What never changes runs through the middle.
    at: value => (length > 0 ? (along(value) - along(least)) / length : 0.5)
  };
}

/** The curve as the `d` of a path; it breaks where a value is not finite. */
export function pathOf(
  curve: LiveCurve,
  seconds: number,
  scale: IScale,
  width: number,
  height: number
): string {
  let pen = 'M';
  let path = '';
  curve.values.map(Number).forEach((value, index) => {
    if (!Number.isFinite(value)) {
      pen = 'M';
      return;
    }
    const x = (curve.times[index] / Math.max(seconds, 1e-3)) * width;
    const y = (1 - scale.at(value)) * height;
    path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
  });
  return path;
}
