import type { TensorSummary } from '../protocol';
import type { ExplorerName } from '../tokens';

/** The explorers that draw a tensor by itself, and those that take another one with it. */
export const PAIRS: ReadonlySet<ExplorerName> = new Set<ExplorerName>([
  'broadcast',
  'matmul',
  'einsum',
  'conv'
]);

/** The explorers that can draw this tensor, by what is known without reading it. */
export function explorersOf(tensor: TensorSummary): ExplorerName[] {
  const { shape, stride, dtype, requires_grad } = tensor;
  if (!shape || shape.includes(null)) {
    return [];
  }
  const isReal = /^(b?float)/.test(dtype ?? '');
  const found: [ExplorerName, boolean][] = [
    ['strides', stride !== null && !stride.includes(null)],
    ['broadcast', true],
    ['matmul', shape.length > 0],
    ['einsum', shape.length > 0],
    ['conv', isReal && shape.length >= 2 && shape.length <= 5],
    ['attention', isReal && shape.length >= 2],
    ['autograd', requires_grad === true]
  ];
  return found.filter(([, fits]) => fits).map(([name]) => name);
}

/** The tensor to begin with as the other operand: one that fits, else the nearest; at last itself. */
export function partnerOf(
  explorer: ExplorerName,
  tensor: TensorSummary,
  others: readonly TensorSummary[]
): string {
  const known = others.filter(
    other => other.name !== tensor.name && other.shape !== null
  );
  const fits = known.find(other => isFit(explorer, tensor, other));
  return (fits ?? known[0] ?? tensor).name;
}

/** An equation to begin with: the product that the two shapes allow. */
export function equationFor(
  left: TensorSummary,
  right: TensorSummary | null
): string {
  const a = left.shape ?? [];
  const b = right?.shape ?? [];
  if (a.length < 2 || b.length < 2) {
    return b.length === 0 ? '...i->...' : '...i,...j->...ij';
  }
  if (fromRight(a, 1) === fromRight(b, 2)) {
    return '...ij,...jk->...ik';
  }
  return fromRight(a, 1) === fromRight(b, 1)
    ? '...id,...jd->...ij'
    : '...i,...j->...ij';
}

/** The size of an axis counted from the right, from 1. */
function fromRight(
  shape: readonly (number | null)[],
  place: number
): number | null | undefined {
  return shape[shape.length - place];
}

function isFit(
  explorer: ExplorerName,
  tensor: TensorSummary,
  other: TensorSummary
): boolean {
  const a = tensor.shape ?? [];
  const b = other.shape ?? [];
  switch (explorer) {
    case 'matmul':
    case 'einsum':
      return (
        b.length > 0 && fromRight(a, 1) === fromRight(b, b.length === 1 ? 1 : 2)
      );
    case 'conv': {
      const spatial = b.length - 2;
      return (
        spatial >= 1 &&
        a.length >= spatial + 1 &&
        fromRight(a, spatial + 1) === b[1]
      );
    }
    default: {
      const shared = Math.min(a.length, b.length);
      return Array.from({ length: shared }, (_, i) => [
        fromRight(a, i + 1),
        fromRight(b, i + 1)
      ]).every(([x, y]) => x === y || x === 1 || y === 1);
    }
  }
}
