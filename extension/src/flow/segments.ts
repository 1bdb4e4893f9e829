import type { FlowEdge } from '../protocol';
import type { FlowTree, IItem } from './tree';

/** Where what comes from outside enters a module, and where it leaves: drawn on its border. */
export const ENTRY = 'entry';
export const EXIT = 'exit';

/** One line of the drawing: between two children of one module, or a child and the border. */
export interface ISegment {
  readonly from: string;
  readonly to: string;
  /** From an earlier round of a loop. */
  readonly isLoop: boolean;
  /** The edges that it stands for, by their number; several tensors may go the same way. */
  readonly edges: number[];
}

/** What one open module (or the cell) shows: its children and the lines between them. */
export interface ILevel {
  readonly item: IItem;
  readonly children: IItem[];
  readonly segments: ISegment[];
}

/**
 * Cuts every edge at the borders of the open modules that it crosses. What goes the same way is one segment.
 *
 * The work is the number of edges times the depth of the modules.
 */
export function levelsOf(
  tree: FlowTree,
  expanded: ReadonlySet<string>,
  backward: boolean
): Map<string, ILevel> {
  const levels = new Map<string, ILevel>();
  const open = (item: IItem) => {
    const children = item.children.filter(each => tree.isShown(each, backward));
    levels.set(item.id, { item, children, segments: [] });
    for (const child of children) {
      if (child.children.length > 0 && expanded.has(child.id)) {
        open(child);
      }
    }
  };
  open(tree.root);
  const known = new Map<string, ISegment>();
  const add = (
    level: IItem,
    from: string,
    to: string,
    edge: number,
    isLoop = false
  ) => {
    const segments = levels.get(level.id)?.segments;
    if (!segments) {
      return;
    }
    const key = `${level.id} ${from} ${to}`;
    const segment = known.get(key);
    if (segment) {
      segment.edges.push(edge);
    } else {
      const made = { from, to, isLoop, edges: [edge] };
      known.set(key, made);
      segments.push(made);
    }
  };
  tree.graph.edges.forEach((edge: FlowEdge, number) => {
    let from = tree.nodes[edge.source];
    let to = tree.nodes[edge.target];
    if (!tree.isShown(from, backward) || !tree.isShown(to, backward)) {
      return;
    }
    const entries: [IItem, string][] = [];
    while (from.parent && to.parent && from.parent !== to.parent) {
      if (from.depth >= to.depth) {
        add(from.parent, from.id, EXIT, number);
        from = from.parent;
      } else {
        entries.push([to.parent, to.id]);
        to = to.parent;
      }
    }
    if (from.parent && from !== to) {
      add(from.parent, from.id, to.id, number, to.order <= from.order);
    }
    for (const [level, id] of entries) {
      add(level, ENTRY, id, number);
    }
  });
  return levels;
}
