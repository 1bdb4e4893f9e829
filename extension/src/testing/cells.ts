import type { PartialJSONValue } from '@lumino/coreutils';

import { KEY, type ICell } from '../hints/metadata';

/** A cell without a notebook around it, for what only reads and writes cells. */
export class FakeCell implements ICell {
  constructor(
    readonly type: 'code' | 'markdown',
    public source: string,
    public metadata: Record<string, unknown> = {}
  ) {}

  /** How often the metadata was written. */
  writes = 0;

  readonly sharedModel = { getSource: (): string => this.source };

  getMetadata(key: string): unknown {
    return this.metadata[key];
  }

  setMetadata(key: string, value: PartialJSONValue): void {
    this.metadata[key] = value;
    this.writes++;
  }

  get progress(): unknown {
    return (this.metadata[KEY] as { progress?: unknown }).progress;
  }
}

/** What nbgrader leaves in an answer cell that nobody has touched. */
export const STUB =
  'def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()';

export function markdown(source: string): FakeCell {
  return new FakeCell('markdown', source);
}

export function code(source = ''): FakeCell {
  return new FakeCell('code', source);
}

/** The answer cell of an exercise; `extra` joins its own metadata. */
export function answer(
  id: string,
  extra: Record<string, unknown> = {},
  source = STUB
): FakeCell {
  return new FakeCell('code', source, {
    nbgrader: { grade_id: id, solution: true },
    [KEY]: {
      exercise: { title: `Exercise ${id}`, difficulty: 2, minutes: 5 },
      hints: ['a nudge', 'a strategy', 'an outline'],
      ...extra
    }
  });
}

export function test(id: string, points = 3): FakeCell {
  return new FakeCell('code', `test = exercise("${id}")`, {
    nbgrader: { grade_id: `test_${id}`, grade: true, points }
  });
}
