import type { TranslationBundle } from '@jupyterlab/translation';

import type { LiveCurve, Real } from '../protocol';
import { formatBytes, formatNumber } from '../tensors/format';

/** 75 becomes `1:15`, 7.26 `7.3 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) {
    return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  }
  const whole = Math.round(seconds);
  const parts = [
    Math.floor(whole / 3600),
    Math.floor(whole / 60) % 60,
    whole % 60
  ];
  const shown = parts[0] > 0 ? parts : parts.slice(1);
  return shown
    .map((part, place) => String(part).padStart(place > 0 ? 2 : 1, '0'))
    .join(':');
}

/** A value of a curve, in its unit. */
export function formatValue(curve: LiveCurve, value: Real): string {
  return curve.group === 'memory'
    ? formatBytes(Number(value))
    : formatNumber(value);
}

/** The name as the learner knows it: that of a local name with its function. */
export function nameOf(curve: LiveCurve, trans: TranslationBundle): string {
  return curve.scope === null
    ? curve.name
    : trans.__('%1 in %2', curve.name, `${curve.scope}()`);
}

export function lastOf(curve: LiveCurve): Real {
  return curve.values[curve.values.length - 1];
}

/** What the drawing of one curve shows: `loss: 0.43 now, 2.3 at first, between 0.41 and 2.3`. */
export function describeCurve(
  curve: LiveCurve,
  trans: TranslationBundle
): string {
  const written = (value: Real) => formatValue(curve, value);
  const values = curve.values.map(Number).filter(Number.isFinite);
  const name = nameOf(curve, trans);
  if (values.length < 2) {
    return trans.__('%1: %2', name, written(lastOf(curve)));
  }
  return trans.__(
    '%1: %2 now, %3 at first, between %4 and %5',
    name,
    written(lastOf(curve)),
    written(curve.values[0]),
    written(Math.min(...values)),
    written(Math.max(...values))
  );
}
