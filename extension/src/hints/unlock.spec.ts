import { STUB } from '../testing/cells';
import { NO_PROGRESS } from './metadata';
import { isUntouched, nextTier, readRules, type Rule } from './unlock';

const HINTS = ['one', 'two', 'three'];
const USUAL = readRules(undefined);

describe('readRules', () => {
  it('falls back to an attempt for tier 2 and a failed check for tier 3', () => {
    const usual = ['open', 'attempt', 'failed check'];
    for (const unlock of [undefined, null, {}, 'open', { '2': 'soon' }]) {
      expect(readRules(unlock)).toEqual(usual);
    }
  });

  it('follows the course', () => {
    expect(readRules({ '2': 'open', '3': 'never' })).toEqual([
      'open',
      'open',
      'never'
    ]);
  });

  it('never locks the first tier', () => {
    expect(readRules({ '1': 'never' })[0]).toBe('open');
  });
});

describe('nextTier', () => {
  it('offers the first tier at once', () => {
    expect(nextTier(HINTS, NO_PROGRESS, USUAL)).toEqual({
      tier: 1,
      rule: 'open',
      unlocked: true
    });
  });

  it.each([
    [1, {}, false],
    [1, { attempted: true }, true],
    [1, { failed: true }, true],
    [1, { passed: true }, true],
    [2, { attempted: true }, false],
    [2, { attempted: true, failed: true }, true],
    [2, { attempted: true, passed: true }, false],
    [2, { attempted: true, failed: true, passed: true }, true]
  ])('after tier %i with %p: unlocked is %p', (opened, patch, unlocked) => {
    const progress = { ...NO_PROGRESS, opened, ...patch };
    const next = nextTier(HINTS, progress, USUAL);
    expect(next?.tier).toBe(opened + 1);
    expect(next?.unlocked).toBe(unlocked);
  });

  it('is null after the last tier, and where there are fewer hints', () => {
    const all = { ...NO_PROGRESS, opened: 3, failed: true };
    expect(nextTier(HINTS, all, USUAL)).toBeNull();
    expect(nextTier(['one'], { ...all, opened: 1 }, USUAL)).toBeNull();
    expect(nextTier([], NO_PROGRESS, USUAL)).toBeNull();
  });

  it('hides a tier that never opens', () => {
    const rules: Rule[] = ['open', 'never', 'open'];
    const progress = { ...NO_PROGRESS, opened: 1, failed: true };
    expect(nextTier(HINTS, progress, rules)).toBeNull();
  });
});

describe('isUntouched', () => {
  it.each([
    [STUB, true],
    ['# YOUR CODE HERE\r\nraise NotImplementedError()', true],
    ['def f(x):\n    return x', false],
    ['# YOUR CODE HERE\nreturn x', false],
    ['raise NotImplementedError()', false],
    ['', false]
  ])('%p: %p', (source, expected) => {
    expect(isUntouched(source)).toBe(expected);
  });
});
