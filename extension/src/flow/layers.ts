import { ENTRY, EXIT, type ILevel, type ISegment } from './segments';

/** In which row each child of a level stands: below everything that it takes from. */
export function layersOf(level: ILevel): string[][] {
  const forward = level.segments.filter(segment => !segment.isLoop);
  const into = group(forward, 'to');
  const out = group(forward, 'from');
  const rank = new Map<string, number>();
  // The order in which they first ran is one in which everything comes after what it takes.
  for (const { id } of level.children) {
    let lowest = 0;
    for (const { from } of into.get(id) ?? []) {
      lowest = Math.max(lowest, (rank.get(from) ?? -1) + 1);
    }
    rank.set(id, lowest);
  }
  // What takes nothing stands close to the first that takes it, not at the top of everything.
  for (const { id } of level.children) {
    if (!into.has(id)) {
      const takers = (out.get(id) ?? []).filter(({ to }) => to !== EXIT);
      const ranks = takers.map(({ to }) => rank.get(to) ?? 0);
      rank.set(id, ranks.length > 0 ? Math.max(0, Math.min(...ranks) - 1) : 0);
    }
  }
  const layers: string[][] = [];
  for (const { id } of level.children) {
    const row = rank.get(id) ?? 0;
    (layers[row] ??= []).push(id);
  }
  return Array.from(layers, row => row ?? []).filter(row => row.length > 0);
}

/** The segments by one of their ends; the border aside where it is the start. */
export function group(
  segments: readonly ISegment[],
  end: 'from' | 'to'
): Map<string, ISegment[]> {
  const found = new Map<string, ISegment[]>();
  for (const segment of segments) {
    if (end === 'to' && segment.from === ENTRY) {
      continue;
    }
    const known = found.get(segment[end]);
    if (known) {
      known.push(segment);
    } else {
      found.set(segment[end], [segment]);
    }
  }
  return found;
}

/** A stretch of rows that a line passes beside, from row `top` to row `bottom`. */
export interface ISpan {
  readonly key: string;
  readonly top: number;
  readonly bottom: number;
}

/** Beyond this many side by side, lines share the outermost lane. */
const MOST_LANES = 10;

/** The lane of each span, from 0 outwards: short ones inside, none of two that overlap the same. */
export function lanesOf(spans: readonly ISpan[]): Map<string, number> {
  const taken: ISpan[][] = [];
  const lanes = new Map<string, number>();
  const sorted = [...spans].sort(
    (one, other) =>
      one.bottom - one.top - (other.bottom - other.top) || one.top - other.top
  );
  for (const span of sorted) {
    let lane = taken.findIndex(
      others =>
        !others.some(
          other => other.top < span.bottom && span.top < other.bottom
        )
    );
    if (lane < 0) {
      lane = Math.min(taken.length, MOST_LANES - 1);
    }
    (taken[lane] ??= []).push(span);
    lanes.set(span.key, lane);
  }
  return lanes;
}
