import type { Explanation, LineShape, Lines } from '../protocol';

/** One tensor of a line. */
export function lineShape(patch: Partial<LineShape> = {}): LineShape {
  return {
    line: 0,
    name: 'q',
    role: 'assigned',
    shape: [2, 5, 8],
    dims: ['B', 'T', 'D'],
    dtype: 'float32',
    device: 'cpu',
    seen: 1,
    ...patch
  };
}

/** What the kernel tells of the first cell of a fake notebook. */
export function linesReply(
  lines: readonly LineShape[],
  patch: { count?: number; revision?: number; cell?: string } = {}
): Lines {
  const { count = 1, revision = 1, cell = 'cell-0' } = patch;
  return {
    kind: 'lines',
    version: 1,
    watching: true,
    revision,
    problem: null,
    cells: [
      { cell_id: cell, execution_count: count, revision, lines: [...lines] }
    ]
  };
}

/** Why `scores = q @ k` on the first line of the cell with count 1 failed. */
export function explanation(patch: Partial<Explanation> = {}): Explanation {
  const side = {
    role: 'tensor' as const,
    shape: [2, 5, 8],
    dtype: 'float32',
    device: 'cpu',
    names: ['B', 'T', 'D']
  };
  const place = {
    filename: 'cell.py',
    cell: 1,
    line: 1,
    column: 9,
    end_line: 1,
    end_column: 14
  };
  return {
    kind: 'explanation',
    version: 1,
    error: 'RuntimeError',
    message: 'Expected size for first two dimensions of batch2 tensor',
    family: 'matmul',
    summary: 'The inner sizes differ.',
    expression: 'q @ k',
    place,
    function: null,
    layer: null,
    operands: [
      { ...side, text: 'q' },
      { ...side, text: 'k' }
    ],
    clash: {
      rule: 'inner',
      sentence: 'D=8 must equal T=5.',
      dimensions: [
        { operand: 0, axis: 2 },
        { operand: 1, axis: 1 }
      ]
    },
    fixes: [{ sentence: 'Transpose the right side.', code: 'q @ k.mT', place }],
    drawing: '',
    text: '',
    ...patch
  };
}
