import type { Clash, Operand } from '../protocol';
import { sizesOf } from '../tensors/sizes';

/** One dimension of one operand, as a box. */
export interface ICell {
  readonly text: string;
  readonly hue: number;
  /** Whether the dimension is stretched to fit. */
  readonly isGhost: boolean;
  readonly clashes: boolean;
}

/** The operands that have a shape, one row of boxes each; null where a row has no box. */
export interface ILadder {
  readonly rows: readonly {
    readonly name: string;
    readonly cells: readonly (ICell | null)[];
  }[];
  /** How many columns there are. */
  readonly rank: number;
}

/**
 * Lays out operands for a drawing.
 *
 * Aligned to the right it is the ladder of broadcasting: a size that is missing or 1 is stretched to the largest of its
 * column, and says so.
 */
export function ladderOf(
  operands: readonly Operand[],
  clash: Clash,
  alignRight: boolean
): ILadder {
  const shaped = operands.filter(operand => operand.shape !== null);
  const rank = Math.max(1, ...shaped.map(({ shape }) => shape?.length ?? 0));
  const axisAt = (operand: Operand, column: number) =>
    alignRight ? column - rank + (operand.shape?.length ?? 0) : column;
  const largest = Array.from({ length: rank }, (_, column) =>
    Math.max(...shaped.map(each => each.shape?.[axisAt(each, column)] ?? 1))
  );
  const rows = shaped.map(operand => {
    const sizes = sizesOf(operand.shape, operand.names);
    const cells = largest.map((target, column): ICell | null => {
      const axis = axisAt(operand, column);
      const size = sizes[axis];
      const clashes = clash.dimensions.some(
        each => operands[each.operand] === operand && each.axis === axis
      );
      if (!alignRight || clashes) {
        return size ? { ...size, isGhost: false, clashes } : null;
      }
      const isGhost = !size || (operand.shape?.[axis] === 1 && target > 1);
      const text = size?.text ?? '∅';
      return {
        text: isGhost ? `${text} → ${target}` : text,
        hue: size?.hue ?? -1,
        isGhost,
        clashes
      };
    });
    return { name: operand.text, cells };
  });
  return { rows, rank };
}
