import type { FlowEdge, FlowGraph, FlowModule, FlowNode } from '../protocol';

/** A module or an operation, in the module that holds it. */
export interface IItem {
  readonly id: string;
  readonly parent: IItem | null;
  /** In the order in which they first ran; none for an operation. */
  readonly children: IItem[];
  readonly module: FlowModule | null;
  readonly node: FlowNode | null;
  /** When it first ran: the number of the node, or of the first one inside. */
  readonly order: number;
  readonly depth: number;
}

/** What the drawing leaves out unless asked: it goes the other way. */
const BACKWARD: ReadonlySet<FlowNode['kind']> = new Set(['backward', 'step']);

/** The nested view of a graph. The root stands for the cell. */
export class FlowTree {
  constructor(readonly graph: FlowGraph) {
    const { modules, nodes } = graph;
    const first = modules.map(() => Infinity);
    nodes.forEach((node, order) => {
      let module = node.module;
      while (module !== null && first[module] > order) {
        first[module] = order;
        module = modules[module].parent;
      }
    });
    this.root = item('cell', null, null, null, 0);
    this.modules = [];
    modules.forEach((module, number) => {
      const parent = this._at(module.parent);
      this.modules.push(
        item(`m${number}`, parent, module, null, first[number])
      );
    });
    this.nodes = nodes.map((node, number) =>
      item(`n${number}`, this._at(node.module), null, node, number)
    );
    for (const each of [...this.modules, ...this.nodes]) {
      // A module in which nothing ran is nowhere.
      if (each.order < Infinity) {
        each.parent?.children.push(each);
        this._byId.set(each.id, each);
      }
    }
    for (const each of [this.root, ...this.modules]) {
      each.children.sort((one, other) => one.order - other.order);
    }
    this.gradients = gradientsOf(graph);
  }

  readonly root: IItem;
  readonly modules: IItem[];
  readonly nodes: IItem[];
  /** The edges that a gradient passes on its way back, by their number. */
  readonly gradients: ReadonlySet<number>;

  /** Whether the run called backward. */
  get hasBackward(): boolean {
    return this.graph.nodes.some(node => node.kind === 'backward');
  }

  find(id: string): IItem | null {
    return this._byId.get(id) ?? null;
  }

  /** Whether an item is drawn; what belongs to the way back is drawn on request, or where it failed. */
  isShown(each: IItem, backward: boolean): boolean {
    const { node } = each;
    return backward || !node || node.failed || !BACKWARD.has(node.kind);
  }

  /** The innermost item on the way to an item that can be seen. */
  visible(each: IItem, expanded: ReadonlySet<string>): IItem {
    let found = each;
    for (let up = each.parent; up; up = up.parent) {
      if (up !== this.root && !expanded.has(up.id)) {
        found = up;
      }
    }
    return found;
  }

  /** Every item, parents before children, in the order in which they first ran. */
  *walk(from: IItem = this.root): Generator<IItem> {
    for (const child of from.children) {
      yield child;
      yield* this.walk(child);
    }
  }

  /** The modules to open at first: whole levels, as long as no more than `most` items are seen. */
  opened(most: number): Set<string> {
    const expanded = new Set<string>();
    let level = this.root.children;
    let count = level.length;
    for (;;) {
      const modules = level.filter(each => each.children.length > 0);
      const next = modules.flatMap(each => each.children);
      count += next.length;
      if (next.length === 0 || count > most) {
        return expanded;
      }
      modules.forEach(each => expanded.add(each.id));
      level = next;
    }
  }

  private _at(module: number | null): IItem {
    return module === null ? this.root : this.modules[module];
  }

  private _byId = new Map<string, IItem>();
}

function item(
  id: string,
  parent: IItem | null,
  module: FlowModule | null,
  node: FlowNode | null,
  order: number
): IItem {
  const depth = parent ? parent.depth + 1 : 0;
  return { id, parent, children: [], module, node, order, depth };
}

/** Upstream from each backward pass, along the edges that autograd keeps. */
function gradientsOf(graph: FlowGraph): Set<number> {
  const into: number[][] = graph.nodes.map(() => []);
  graph.edges.forEach((edge: FlowEdge, number) => {
    if (edge.grad) {
      into[edge.target].push(number);
    }
  });
  const found = new Set<number>();
  const seen = new Set<number>();
  const waiting = graph.nodes.flatMap((node, number) =>
    node.kind === 'backward' ? [number] : []
  );
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (!seen.has(node)) {
      seen.add(node);
      for (const number of into[node]) {
        found.add(number);
        waiting.push(graph.edges[number].source);
      }
    }
  }
  return found;
}
