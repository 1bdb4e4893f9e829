import { pickSaying } from './voice';

const PACK = {
  id: 'torchenstein',
  name: 'The Long Name',
  short_name: 'Short',
  lines: {
    passed: ['one', 'two', 'three', 'four'],
    failed: [],
    welcome: 'not a list'
  }
};

describe('pickSaying', () => {
  it('says one of the lines, by the short name', () => {
    const saying = pickSaying(PACK, 'passed', 'softmax 1');
    expect(saying?.name).toBe('Short');
    expect(PACK.lines.passed).toContain(saying?.line);
  });

  it('says the same for the same seed', () => {
    const once = pickSaying(PACK, 'passed', 'softmax 7');
    expect(pickSaying(PACK, 'passed', 'softmax 7')).toEqual(once);
  });

  it('gets round to every line', () => {
    const said = Array.from(
      { length: 60 },
      (_, run) => pickSaying(PACK, 'passed', `softmax ${run}`)?.line
    );
    expect(new Set(said).size).toBe(4);
  });

  it.each([
    ['no lines', PACK, 'failed'],
    ['no such occasion', PACK, 'partial'],
    ['lines that are no list', PACK, 'welcome'],
    ['the plain pack', { ...PACK, id: 'plain' }, 'passed'],
    ['no pack', undefined, 'passed']
  ] as const)('is silent with %s', (_, pack, occasion) => {
    expect(pickSaying(pack, occasion, 'seed')).toBeNull();
  });

  it('falls back to the long name', () => {
    const pack = { ...PACK, short_name: undefined };
    expect(pickSaying(pack, 'passed', '')?.name).toBe('The Long Name');
  });
});
