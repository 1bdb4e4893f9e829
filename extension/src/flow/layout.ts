import type { TranslationBundle } from '@jupyterlab/translation';

import { arrange } from './arrange';
import { labelsOf, sizeOf, type ILabel } from './measure';
import { levelsOf, type ILevel } from './segments';
import type { FlowTree, IItem } from './tree';

/** A box of the drawing, in px from its corner. */
export interface IBox {
  readonly item: IItem;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Of the box alone, without what is written below. */
  readonly height: number;
  readonly isOpen: boolean;
  readonly labels: readonly ILabel[];
  /** What enters an open module, written at its entry. */
  readonly entering: readonly ILabel[];
}

/** A line of the drawing. */
export interface ILine {
  readonly key: string;
  readonly path: string;
  readonly isLoop: boolean;
  /** Whether a gradient comes back this way. */
  readonly hasGradient: boolean;
  /** Whether one of the tensors goes into the operation that failed. */
  readonly hasFailed: boolean;
}

export interface IDrawing {
  readonly width: number;
  readonly height: number;
  /** Parents before their children: what is drawn later lies on top. */
  readonly boxes: readonly IBox[];
  readonly lines: readonly ILine[];
}

/** A level with everything inside it, placed from its own corner. */
export interface IPlaced {
  readonly width: number;
  readonly height: number;
  readonly boxes: IBox[];
  readonly lines: ILine[];
}

/** Places what can be seen of the tree: rows from top to bottom, each module around its parts. */
export function layout(
  tree: FlowTree,
  expanded: ReadonlySet<string>,
  backward: boolean,
  trans: TranslationBundle
): IDrawing {
  const levels = levelsOf(tree, expanded, backward);
  const place = (level: ILevel): IPlaced => {
    const labels = labelsOf(level, tree.graph);
    const parts = new Map<string, IPart>();
    for (const item of level.children) {
      const own = labels.get(item.id) ?? [];
      const inner = levels.get(item.id);
      const size = sizeOf(item, own, trans);
      if (!inner) {
        parts.set(item.id, { item, size, inside: null, entering: [] });
        continue;
      }
      const inside = place(inner);
      const entering = labelsOf(inner, tree.graph).get('entry') ?? [];
      parts.set(item.id, { item, size, inside, entering });
    }
    return arrange(level, parts, tree);
  };
  const root = levels.get(tree.root.id);
  return root ? place(root) : { width: 0, height: 0, boxes: [], lines: [] };
}

/** A child of a level on its way into the drawing. */
export interface IPart {
  readonly item: IItem;
  readonly size: ReturnType<typeof sizeOf>;
  /** What an open module shows. */
  readonly inside: IPlaced | null;
  readonly entering: readonly ILabel[];
}
