import type { Real } from '../protocol';

/** Two hues that stay apart for colour-blind eyes; strength is opacity, so that both themes work. */
const POSITIVE = '156, 39, 176';
const NEGATIVE = '0, 121, 160';
const FAINTEST = 0.06;

/** The range that the colours of a heatmap stretch over. */
export interface IRange {
  readonly min: number;
  readonly max: number;
}

/**
 * The colour of a cell, null where there is no number.
 *
 * With both signs present, zero is blank and strength is distance from zero. Else strength runs over the range.
 */
export function shadeOf(value: Real, range: IRange): string | null {
  const number = Number(value);
  if (Number.isNaN(number)) {
    return null;
  }
  const { min, max } = range;
  if (min < 0 && max > 0) {
    const strength = Math.min(1, Math.abs(number) / Math.max(-min, max));
    return rgba(number < 0 ? NEGATIVE : POSITIVE, strength);
  }
  const along = max > min ? (number - min) / (max - min) : 0.5;
  const strength = Math.min(
    1,
    Math.max(0, max <= 0 && min < 0 ? 1 - along : along)
  );
  return rgba(
    max <= 0 && min < 0 ? NEGATIVE : POSITIVE,
    FAINTEST + (1 - FAINTEST) * strength
  );
}

function rgba(hue: string, opacity: number): string {
  return `rgba(${hue}, ${Math.round(opacity * 1000) / 1000})`;
}
