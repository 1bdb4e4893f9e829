import type { PartialJSONValue } from '@lumino/coreutils';

/** The key under which the course keeps its data in notebook and cell metadata. */
export const KEY = 'torchenstein';

/** What the hint panel needs of a cell; JupyterLab's cell model has it all. */
export interface ICell {
  readonly type: string;
  readonly sharedModel: { getSource(): string };
  getMetadata(key: string): unknown;
  setMetadata(key: string, value: PartialJSONValue): void;
}

/** How far a learner has come with one exercise; kept in the answer cell. */
export interface IProgress {
  /** The highest tier of the hints that was opened: 0 to 3. */
  opened: number;
  attempted: boolean;
  /** Whether a check has ever failed; it stays true after a pass. */
  failed: boolean;
  /** Whether the last check passed. */
  passed: boolean;
}

export const NO_PROGRESS: IProgress = {
  opened: 0,
  attempted: false,
  failed: false,
  passed: false
};

/** Narrows to a plain object: metadata comes from files that anyone may have edited. */
export function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

export function asText(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}

export function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** The strings of a list; everything else in it is left out. */
export function asTexts(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string')
    : [];
}

/** nbgrader's name of the cell, null for a cell that nbgrader does not know. */
export function gradeId(cell: ICell): string | null {
  return asText(asObject(cell.getMetadata('nbgrader')).grade_id);
}

export function readProgress(cell: ICell): IProgress {
  const stored = asObject(asObject(cell.getMetadata(KEY)).progress);
  return {
    opened: Math.min(3, Math.max(0, Math.trunc(asNumber(stored.opened) ?? 0))),
    attempted: stored.attempted === true,
    failed: stored.failed === true,
    passed: stored.passed === true
  };
}

/** Writes the progress, and only if it changes: a write marks the notebook as modified. */
export function updateProgress(cell: ICell, patch: Partial<IProgress>): void {
  const before = readProgress(cell);
  const after = { ...before, ...patch };
  const keys = Object.keys(NO_PROGRESS) as (keyof IProgress)[];
  if (keys.every(key => before[key] === after[key])) {
    return;
  }
  const metadata = asObject(cell.getMetadata(KEY));
  cell.setMetadata(KEY, { ...metadata, progress: after } as PartialJSONValue);
}
