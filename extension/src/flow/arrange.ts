import { group, lanesOf, layersOf, type ISpan } from './layers';
import type { IBox, ILine, IPart, IPlaced } from './layout';
import { LABEL_HEIGHT } from './measure';
import { ENTRY, type ILevel, type ISegment } from './segments';
import type { FlowTree } from './tree';

const ROW_GAP = 24;
const COLUMN_GAP = 22;
const LANE = 14;
const PADDING = 14;
export const HEADER = 30;
/** A row that would be wider is broken. */
const WIDEST = 1400;
/** Across so many rows a line may pass straight between boxes; a longer one takes a lane. */
const STRAIGHT = 12;

interface ISpot {
  x: number;
  readonly width: number;
  readonly height: number;
  readonly row: number;
}

/** Places the children of one level and draws the lines between them. */
export function arrange(
  level: ILevel,
  parts: ReadonlyMap<string, IPart>,
  tree: FlowTree
): IPlaced {
  const isRoot = level.item.parent === null;
  const rows = layersOf(level).flatMap(row => broken(row, parts));
  const spots = columns(rows, level, parts);
  const routes = routed(level, spots, rows);
  const left = lanesOf(routes.filter(route => route.side < 0));
  const right = lanesOf(routes.filter(route => route.side > 0));
  const lanes = (side: Map<string, number>) =>
    side.size > 0 ? (Math.max(...side.values()) + 1) * LANE + 8 : 0;

  let least = Infinity;
  let most = -Infinity;
  for (const spot of spots.values()) {
    least = Math.min(least, spot.x - spot.width / 2);
    most = Math.max(most, spot.x + spot.width / 2);
  }
  const offset = PADDING + lanes(left) - least;
  const width = most - least + lanes(left) + lanes(right) + 2 * PADDING;
  const isEntered = level.segments.some(({ from }) => from === ENTRY);
  const entry = isEntered ? LABEL_HEIGHT + ROW_GAP : 4;
  let y = isRoot ? PADDING : HEADER + entry;
  const tops: number[] = [];
  const ends: number[] = [];
  for (const row of rows) {
    tops.push(y);
    y += Math.max(...row.map(id => spots.get(id)?.height ?? 0));
    ends.push(y);
    y += ROW_GAP;
  }
  const height = isRoot ? y - ROW_GAP + PADDING : y;

  const boxes: IBox[] = [];
  const lines: ILine[] = [];
  for (const row of rows) {
    for (const id of row) {
      const part = parts.get(id);
      const spot = spots.get(id);
      if (part && spot) {
        const x = spot.x + offset - spot.width / 2;
        const top = tops[spot.row];
        put(part, x, top, spot, boxes, lines);
      }
    }
  }

  const center = width / 2;
  const start = (id: string): [number, number] => {
    const spot = spots.get(id);
    const part = parts.get(id);
    return spot && part
      ? [spot.x + offset, tops[spot.row] + spot.height]
      : [center, HEADER + LABEL_HEIGHT];
  };
  const end = (id: string): [number, number] => {
    const spot = spots.get(id);
    return spot ? [spot.x + offset, tops[spot.row]] : [center, height];
  };
  const byKey = new Map(routes.map(route => [route.key, route]));
  for (const segment of level.segments) {
    const route = byKey.get(laneKey(segment));
    const [x1, y1] = start(segment.from);
    const [x2, y2] = end(segment.to);
    let path = straight(x1, y1, x2, y2);
    if (route) {
      const side = route.side < 0 ? left : right;
      const lane = ((side.get(route.key) ?? 0) + 0.5) * LANE + 6;
      const x = route.side < 0 ? least + offset - lane : most + offset + lane;
      path = beside(x1, y1, x2, y2, x);
    }
    lines.push({
      key: `${level.item.id} ${segment.from} ${segment.to}`,
      path,
      isLoop: segment.isLoop,
      hasGradient: segment.edges.some(edge => tree.gradients.has(edge)),
      hasFailed: segment.edges.some(
        edge => tree.graph.nodes[tree.graph.edges[edge].target].failed
      )
    });
  }
  return { width, height, boxes, lines };
}

/** A row that is too wide becomes several. */
function broken(
  row: readonly string[],
  parts: ReadonlyMap<string, IPart>
): string[][] {
  const found: string[][] = [[]];
  let width = 0;
  for (const id of row) {
    const own = widthOf(parts.get(id)) + COLUMN_GAP;
    if (width + own > WIDEST && width > 0) {
      found.push([]);
      width = 0;
    }
    found[found.length - 1].push(id);
    width += own;
  }
  return found;
}

function widthOf(part: IPart | undefined): number {
  if (!part) {
    return 0;
  }
  const { size, inside } = part;
  return inside ? Math.max(size.opened, inside.width) : size.width;
}

/** Across: each child below the middle of what it takes from, as far as its neighbours let it. */
function columns(
  rows: readonly string[][],
  level: ILevel,
  parts: ReadonlyMap<string, IPart>
): Map<string, ISpot> {
  const forward = level.segments.filter(segment => !segment.isLoop);
  const into = group(forward, 'to');
  const out = group(forward, 'from');
  const spots = new Map<string, ISpot>();
  const middle = (id: string, side: 'from' | 'to') => {
    const ends = (side === 'from' ? into : out).get(id) ?? [];
    const known = ends.flatMap(segment => spots.get(segment[side]) ?? []);
    return known.length > 0
      ? known.reduce((sum, spot) => sum + spot.x, 0) / known.length
      : null;
  };
  rows.forEach((row, index) => {
    row.forEach(id => {
      const part = parts.get(id);
      const labels = part?.size.labels.length ?? 0;
      const height =
        (part?.inside?.height ?? part?.size.height ?? 0) +
        labels * LABEL_HEIGHT;
      spots.set(id, { x: 0, width: widthOf(part), height, row: index });
    });
    settle(row, spots, id => middle(id, 'from'));
  });
  // Once more upwards: what takes nothing goes to those that take it.
  for (const row of [...rows].reverse()) {
    const sources = row.filter(id => !into.has(id));
    if (sources.length > 0) {
      const isSource = new Set(sources);
      settle(row, spots, id =>
        isSource.has(id) ? middle(id, 'to') : (spots.get(id)?.x ?? 0)
      );
    }
  }
  return spots;
}

/** Puts a row where its members want to be, in that order, none over another. */
function settle(
  row: readonly string[],
  spots: ReadonlyMap<string, ISpot>,
  wish: (id: string) => number | null
): void {
  const wishes = row.map((id, index) => ({ id, index, at: wish(id) }));
  wishes.forEach((each, index) => {
    // Without a wish of its own, beside the one before it.
    each.at ??= index > 0 ? wishes[index - 1].at : null;
  });
  const sorted = wishes.sort(
    (one, other) => (one.at ?? 0) - (other.at ?? 0) || one.index - other.index
  );
  let edge = -Infinity;
  let shift = 0;
  for (const { id, at } of sorted) {
    const spot = spots.get(id);
    if (spot) {
      spot.x = Math.max(at ?? 0, edge + COLUMN_GAP + spot.width / 2);
      edge = spot.x + spot.width / 2;
      shift += spot.x - (at ?? 0);
    }
  }
  shift /= sorted.length || 1;
  for (const { id } of sorted) {
    const spot = spots.get(id);
    if (spot) {
      spot.x -= shift;
    }
  }
}

interface IRoute extends ISpan {
  readonly side: -1 | 1;
}

/** Which lines pass beside the boxes, and on which side. Lines of one start and side share a lane. */
function routed(
  level: ILevel,
  spots: ReadonlyMap<string, ISpot>,
  rows: readonly string[][]
): IRoute[] {
  const routes = new Map<string, IRoute>();
  for (const segment of level.segments) {
    const from = spots.get(segment.from);
    const to = spots.get(segment.to);
    const top = from?.row ?? -1;
    const bottom = to?.row ?? rows.length;
    const key = laneKey(segment);
    if (segment.isLoop) {
      routes.set(key, { key, side: -1, top: bottom - 1, bottom: top + 1 });
      continue;
    }
    const x1 = from?.x ?? 0;
    const x2 = to?.x ?? 0;
    if (
      bottom - top > 1 &&
      !(bottom - top <= STRAIGHT && isFree(x1, x2, top, bottom, spots, rows))
    ) {
      const known = routes.get(key);
      const side = x1 + x2 < -1 ? -1 : 1;
      routes.set(key, {
        key,
        side: known?.side ?? side,
        top: Math.min(known?.top ?? top, top),
        bottom: Math.max(known?.bottom ?? bottom, bottom)
      });
    }
  }
  return Array.from(routes.values());
}

function laneKey(segment: ISegment): string {
  return segment.isLoop
    ? `loop ${segment.from} ${segment.to}`
    : `${segment.from} ${segment.to}`;
}

/** Whether a line from x1 to x2 meets no box in the rows between. */
function isFree(
  x1: number,
  x2: number,
  top: number,
  bottom: number,
  spots: ReadonlyMap<string, ISpot>,
  rows: readonly string[][]
): boolean {
  const low = Math.min(x1, x2) - 8;
  const high = Math.max(x1, x2) + 8;
  return rows.slice(top + 1, bottom).every(row =>
    row.every(id => {
      const spot = spots.get(id);
      return (
        !spot || spot.x + spot.width / 2 < low || spot.x - spot.width / 2 > high
      );
    })
  );
}

/** The box of a part at its place, with everything inside it. */
function put(
  part: IPart,
  x: number,
  y: number,
  spot: ISpot,
  boxes: IBox[],
  lines: ILine[]
): void {
  const { item, size, inside, entering } = part;
  const height = inside?.height ?? size.height;
  boxes.push({
    item,
    x,
    y,
    width: spot.width,
    height,
    isOpen: inside !== null,
    labels: size.labels,
    entering
  });
  if (inside) {
    const dx = x + (spot.width - inside.width) / 2;
    for (const box of inside.boxes) {
      boxes.push({ ...box, x: box.x + dx, y: box.y + y });
    }
    for (const line of inside.lines) {
      lines.push({ ...line, path: moved(line.path, dx, y) });
    }
  }
}

/** Paths are pairs of numbers after letters, so that one can be moved as text. */
function moved(path: string, dx: number, dy: number): string {
  return path.replace(
    /(-?[\d.]+),(-?[\d.]+)/g,
    (_, x: string, y: string) => `${round(+x + dx)},${round(+y + dy)}`
  );
}

function straight(x1: number, y1: number, x2: number, y2: number): string {
  const bend = Math.min(40, (y2 - y1) / 2);
  return `M${at(x1, y1)}C${at(x1, y1 + bend)} ${at(x2, y2 - bend)} ${at(x2, y2)}`;
}

/** Down (or up) a lane at x. */
function beside(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  x: number
): string {
  const turn = ROW_GAP * 0.9;
  const way = y2 > y1 ? turn : -turn;
  const out = `M${at(x1, y1)}C${at(x1, y1 + turn)} ${at(x, y1 - turn * 0.2)} ${at(x, y1 + way)}`;
  const back = `C${at(x, y2 + turn * 0.2)} ${at(x2, y2 - turn)} ${at(x2, y2)}`;
  return `${out}L${at(x, y2 - way)}${back}`;
}

function at(x: number, y: number): string {
  return `${round(x)},${round(y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
