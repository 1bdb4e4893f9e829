import type { TranslationBundle } from '@jupyterlab/translation';

import type { FlowGraph, FlowTensor } from '../protocol';
import { EXIT, type ILevel } from './segments';
import type { IItem } from './tree';
import { describeTensor, nameOf, shortAbout, timesOf } from './words';

/** What is told of a tensor on a line. */
export type ITold = Pick<FlowTensor, 'shape' | 'dims' | 'dtype'>;

/** What is written below a box, on the line that leaves it. */
export interface ILabel {
  /** The variables that hold the tensor. */
  readonly names: string;
  /** How many tensors of this shape there are, where more than one. */
  readonly many: number;
  readonly tensor: ITold;
}

/** A box before it has a place. */
export interface ISize {
  readonly width: number;
  readonly height: number;
  /** The least width that its header needs when it is open. */
  readonly opened: number;
  readonly labels: readonly ILabel[];
}

export const LABEL_HEIGHT = 17;
/** Of the fonts of the drawing at their sizes, in px: generous, since a box must hold its text. */
const NAME = 7.3;
const SMALL = 6.2;
const CODE = 6.7;
const MOST_LABELS = 3;
const LONGEST_NAME = 34;

/** A name as it fits into a box. */
export function fitted(name: string): string {
  return name.length > LONGEST_NAME
    ? `${name.slice(0, LONGEST_NAME - 1)}…`
    : name;
}

/** The size of a closed box with what is written below it. */
export function sizeOf(
  item: IItem,
  labels: readonly ILabel[],
  trans: TranslationBundle
): ISize {
  const name = fitted(nameOf(item, trans)).length * NAME;
  const times = timesOf(item).length * SMALL;
  const about = shortAbout(item, trans).length * SMALL;
  const widest = Math.max(name + (times ? times + 8 : 0), about);
  const text = widest + (item.children.length > 0 ? 44 : 26);
  const label = Math.max(0, ...labels.map(widthOf));
  return {
    width: Math.ceil(Math.max(56, text, label)),
    height: item.module ? 40 : 26,
    opened: Math.ceil(name + about + times + 58),
    labels
  };
}

export function widthOf(label: ILabel): number {
  const many = label.many > 1 ? 5 : 0;
  const names = label.names ? label.names.length + 1 : 0;
  return (describeTensor(label.tensor).length + many + names) * CODE + 12;
}

/** What leaves each child of a level: once for each shape. */
export function labelsOf(
  level: ILevel,
  graph: FlowGraph
): Map<string, ILabel[]> {
  const found = new Map<string, ILabel[]>();
  const sources = new Map<string, Set<number>>();
  for (const { from, edges } of level.segments) {
    const nodes = sources.get(from) ?? new Set<number>();
    sources.set(from, nodes);
    edges.forEach(edge => {
      if (graph.edges[edge].dtype !== null) {
        nodes.add(edge);
      }
    });
  }
  for (const [from, edges] of sources) {
    found.set(from, labels(edges, graph));
  }
  for (const { id, node } of level.children) {
    if (node && !found.get(id)?.length && node.kind !== 'output') {
      found.set(id, merged(node.made.map(tensor => ({ tensor, names: '' }))));
    }
  }
  found.delete(EXIT);
  return found;
}

function labels(edges: ReadonlySet<number>, graph: FlowGraph): ILabel[] {
  const seen = new Map<string, { tensor: ITold; names: string }>();
  for (const number of edges) {
    const { source, shape, dims, dtype } = graph.edges[number];
    const node = graph.nodes[source];
    const isTensor = node.kind === 'input' || node.kind === 'parameter';
    const names = isTensor ? '' : node.names.join(', ');
    // One tensor that several take is one.
    seen.set(`${source} ${String(shape)} ${dtype}`, {
      tensor: { shape, dims, dtype: dtype ?? '' },
      names
    });
  }
  return merged(Array.from(seen.values()));
}

function merged(
  tensors: readonly { tensor: ITold; names: string }[]
): ILabel[] {
  const found = new Map<string, ILabel>();
  for (const { tensor, names } of tensors) {
    const key = `${names} ${describeTensor(tensor)}`;
    const many = (found.get(key)?.many ?? 0) + 1;
    found.set(key, { tensor, names, many });
  }
  return Array.from(found.values()).slice(0, MOST_LABELS);
}
