import { curve } from '../testing/inspector';
import { pathOf, scaleOf, spreadsOverDecades } from './scale';

describe('scaleOf', () => {
  it('puts the least value at the bottom and the largest at the top', () => {
    const scale = scaleOf(
      [curve({ values: [1, 3] }), curve({ values: [2] })],
      false
    );
    expect([1, 2, 3].map(value => scale?.at(value))).toEqual([0, 0.5, 1]);
  });

  it('is logarithmic where it is wanted and possible', () => {
    const scale = scaleOf([curve({ values: [1, 100] })], true);
    expect(scale?.at(10)).toBeCloseTo(0.5);
    expect(scaleOf([curve({ values: [0, 100] })], true)?.isLog).toBe(false);
  });

  it('puts what never changes in the middle', () => {
    expect(scaleOf([curve({ values: [7, 7] })], false)?.at(7)).toBe(0.5);
  });

  it('leaves out what is not finite', () => {
    const scale = scaleOf(
      [curve({ values: [1, 'NaN', 'Infinity', 3] })],
      false
    );
    expect(scale).toMatchObject({ least: 1, most: 3 });
    expect(scaleOf([curve({ values: ['NaN'] })], false)).toBeNull();
  });
});

describe('spreadsOverDecades', () => {
  it.each([
    [[1, 99], false],
    [[1, 100], true],
    [[0, 100], false],
    [[-1, 100], false],
    [[], false]
  ])('of %p is %p', (values, spreads) => {
    expect(spreadsOverDecades([curve({ values })])).toBe(spreads);
  });
});

describe('pathOf', () => {
  it('breaks where a value is not finite', () => {
    const times = [0, 1, 2, 3];
    const broken = curve({ times, values: [0, 'NaN', 4, 2] });
    const scale = scaleOf([broken], false);
    expect(scale && pathOf(broken, 4, scale, 40, 8)).toBe(
      'M0.0 8.0M20.0 0.0L30.0 4.0'
    );
  });
});
