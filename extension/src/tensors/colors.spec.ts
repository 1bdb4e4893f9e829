import { hueOf, hueOfName, HUES } from './colors';

describe('hueOf', () => {
  it('keeps the small powers of two apart, and mutes what says nothing', () => {
    const powers = [2, 4, 8, 16, 32, 64, 128, 256, 512];
    expect(new Set(powers.map(hueOf)).size).toBe(powers.length);
    expect(hueOf(1)).toBe(-1);
    expect(hueOf(null)).toBe(-1);
  });
});

describe('hueOfName', () => {
  it('keeps the usual letters apart', () => {
    const letters = Array.from('BTDHCNKVSL');
    expect(new Set(letters.map(hueOfName)).size).toBe(letters.length);
  });

  it('gives every name a hue of the palette, always the same', () => {
    for (const name of ['batch', 'd_model', 'X', 'größe', '']) {
      expect(hueOfName(name)).toBe(hueOfName(name));
      expect(hueOfName(name)).toBeGreaterThanOrEqual(0);
      expect(hueOfName(name)).toBeLessThan(HUES);
    }
  });
});
