import { answer, FakeCell } from '../testing/cells';
import {
  asNumber,
  asObject,
  asText,
  gradeId,
  KEY,
  NO_PROGRESS,
  readProgress,
  updateProgress
} from './metadata';

describe('narrowing', () => {
  it('takes plain objects only', () => {
    expect(asObject({ a: 1 })).toEqual({ a: 1 });
    for (const value of [null, undefined, 3, 'text', [1]]) {
      expect(asObject(value)).toEqual({});
    }
  });

  it('takes text that says something, and finite numbers', () => {
    expect([asText('a'), asText('  '), asText(1)]).toEqual(['a', null, null]);
    expect([asNumber(0), asNumber(NaN), asNumber('1')]).toEqual([
      0,
      null,
      null
    ]);
  });

  it('reads the grade id, null for a cell that nbgrader does not know', () => {
    expect(gradeId(answer('softmax'))).toBe('softmax');
    expect(gradeId(new FakeCell('code', ''))).toBeNull();
    expect(gradeId(new FakeCell('code', '', { nbgrader: [] }))).toBeNull();
  });
});

describe('readProgress', () => {
  it('is none in a fresh copy', () => {
    expect(readProgress(answer('x'))).toEqual(NO_PROGRESS);
  });

  it.each([
    [2, 2],
    [-1, 0],
    [99, 3],
    [1.7, 1],
    ['2', 0],
    [null, 0]
  ])('reads an opened tier of %p as %i', (opened, expected) => {
    const cell = answer('x', { progress: { opened } });
    expect(readProgress(cell).opened).toBe(expected);
  });

  it('takes nothing but true for true', () => {
    const cell = answer('x', {
      progress: { attempted: 'yes', failed: 1, passed: true }
    });
    expect(readProgress(cell)).toEqual({ ...NO_PROGRESS, passed: true });
  });
});

describe('updateProgress', () => {
  it('keeps everything else in the metadata', () => {
    const cell = answer('x');
    updateProgress(cell, { attempted: true });
    expect(cell.progress).toEqual({ ...NO_PROGRESS, attempted: true });
    expect(asObject(cell.metadata[KEY]).hints).toHaveLength(3);
    updateProgress(cell, { opened: 1 });
    expect(cell.progress).toEqual({
      ...NO_PROGRESS,
      attempted: true,
      opened: 1
    });
  });

  it('writes only what changes, so that looking does not modify a notebook', () => {
    const cell = answer('x');
    updateProgress(cell, { attempted: false });
    expect(cell.writes).toBe(0);
    updateProgress(cell, { attempted: true });
    updateProgress(cell, { attempted: true });
    expect(cell.writes).toBe(1);
  });
});
