import { summary } from '../testing/inspector';
import { equationFor, explorersOf, partnerOf } from './fitting';

describe('explorersOf', () => {
  it('has an attention map for real weights of two axes or more', () => {
    expect(explorersOf(summary({ shape: [2, 3] }))).toContain('attention');
    expect(explorersOf(summary({ shape: [3] }))).not.toContain('attention');
    expect(explorersOf(summary({ dtype: 'int64' }))).not.toContain('attention');
  });

  it('has an autograd graph where a gradient is wanted', () => {
    expect(explorersOf(summary())).not.toContain('autograd');
    expect(explorersOf(summary({ requires_grad: true }))).toContain('autograd');
  });

  it('has no strides for a tensor without them, and nothing for one without a shape', () => {
    expect(explorersOf(summary({ stride: null }))).not.toContain('strides');
    expect(explorersOf(summary({ shape: null }))).toEqual([]);
    expect(explorersOf(summary({ shape: [2, null] }))).toEqual([]);
  });
});

describe('partnerOf', () => {
  const x = summary({ name: 'x', shape: [2, 3] });

  it('prefers a tensor that fits', () => {
    const others = [
      x,
      summary({ name: 'a', shape: [5, 5] }),
      summary({ name: 'b', shape: [3] })
    ];
    expect(partnerOf('broadcast', x, others)).toBe('b');
    expect(partnerOf('matmul', x, others)).toBe('b');
  });

  it('takes a weight for a convolution', () => {
    const image = summary({ name: 'image', shape: [1, 3, 9, 9] });
    const weight = summary({ name: 'weight', shape: [8, 3, 3, 3] });
    expect(partnerOf('conv', image, [x, weight])).toBe('weight');
  });

  it('takes any other tensor, and at last the same', () => {
    const other = summary({ name: 'a', shape: [5, 5] });
    expect(partnerOf('matmul', x, [x, other])).toBe('a');
    expect(partnerOf('matmul', x, [x])).toBe('x');
  });
});

describe('equationFor', () => {
  const q = summary({ name: 'q', shape: [2, 5, 8] });

  it.each([
    [[2, 7, 8], '...id,...jd->...ij'],
    [[2, 8, 7], '...ij,...jk->...ik'],
    [[9], '...i,...j->...ij']
  ])('of (2, 5, 8) and (%s) is %s', (shape, equation) => {
    expect(equationFor(q, summary({ shape }))).toBe(equation);
  });
});
