import type { IBox, IDrawing } from './layout';
import type { FlowTree, IItem } from './tree';

/** Where the keys lead: along the edges, and sideways within a row. */
export class Walk {
  constructor(
    tree: FlowTree,
    expanded: ReadonlySet<string>,
    private readonly _drawing: IDrawing
  ) {
    const drawn = new Set(_drawing.boxes.map(box => box.item));
    for (const { source, target } of tree.graph.edges) {
      const from = tree.visible(tree.nodes[source], expanded);
      const to = tree.visible(tree.nodes[target], expanded);
      if (from === to || !drawn.has(from) || !drawn.has(to)) {
        continue;
      }
      add(this._down, from, to);
      add(this._up, to, from);
      // What goes into an open module goes into its parts.
      for (let up = to.parent; up && !isInside(from, up); up = up.parent) {
        add(this._up, up, from);
      }
    }
  }

  /** The item that a key leads to from `item`; null where it leads nowhere. */
  next(item: IItem | null, key: string): IItem | null {
    const boxes = this._drawing.boxes;
    if (boxes.length === 0) {
      return null;
    }
    const last = boxes[boxes.length - 1].item;
    if (!item || key === 'Home') {
      return boxes[0].item;
    }
    switch (key) {
      case 'End':
        return last;
      case 'ArrowDown':
        return this._inside(item) ?? this._along(item, this._down);
      case 'ArrowUp':
        return this._along(item, this._up);
      case 'ArrowLeft':
        return this._beside(item, -1);
      case 'ArrowRight':
        return this._beside(item, 1);
      case 'Escape':
        return item.parent?.parent ? item.parent : null;
      default:
        return null;
    }
  }

  /** The nearest of those at the other ends. */
  private _along(
    item: IItem,
    ends: ReadonlyMap<IItem, Set<IItem>>
  ): IItem | null {
    const here = this._box(item);
    const there = Array.from(ends.get(item) ?? [])
      .flatMap(each => this._box(each) ?? [])
      .sort((one, other) => distance(here, one) - distance(here, other));
    return there[0]?.item ?? null;
  }

  private _inside(item: IItem): IItem | null {
    return (
      this._drawing.boxes.find(box => box.item.parent === item)?.item ?? null
    );
  }

  private _beside(item: IItem, step: number): IItem | null {
    const here = this._box(item);
    const row = this._drawing.boxes
      .filter(box => box.item.parent === item.parent && box.y === here?.y)
      .sort((one, other) => one.x - other.x);
    const place = row.findIndex(box => box.item === item) + step;
    return row[place]?.item ?? null;
  }

  private _box(item: IItem): IBox | undefined {
    return this._boxes.get(item);
  }

  private get _boxes(): Map<IItem, IBox> {
    this._known ??= new Map(this._drawing.boxes.map(box => [box.item, box]));
    return this._known;
  }

  private _known: Map<IItem, IBox> | null = null;
  private _down = new Map<IItem, Set<IItem>>();
  private _up = new Map<IItem, Set<IItem>>();
}

function isInside(item: IItem, module: IItem): boolean {
  let up = item.parent;
  while (up && up !== module) {
    up = up.parent;
  }
  return up !== null;
}

function add(ends: Map<IItem, Set<IItem>>, from: IItem, to: IItem): void {
  const known = ends.get(from);
  if (known) {
    known.add(to);
  } else {
    ends.set(from, new Set([to]));
  }
}

function distance(one: IBox | undefined, other: IBox): number {
  return one
    ? Math.hypot(
        one.x + one.width / 2 - other.x - other.width / 2,
        one.y - other.y
      )
    : 0;
}
