/** How many hues there are; the style sheet gives each for both themes (palette.css). */
export const HUES = 10;

/** The letters that papers use most, so that no two of them have the same hue. */
const LETTERS = 'BTDHCNKVSL';

/**
 * The hue of a dimension of this size, -1 for the muted one of size 1 and of unknown sizes.
 *
 * Equal sizes have equal hues everywhere, on every day. Modulo 11 keeps the ten smallest powers of two apart,
 * since 2 is a primitive root of 11.
 */
export function hueOf(size: number | null): number {
  if (size === null || size === 1) {
    return -1;
  }
  const rest = size % (HUES + 1);
  return rest === 0 ? 0 : rest - 1;
}

/** The hue of a dimension with this name, whatever its size: the same everywhere, on every day. */
export function hueOfName(name: string): number {
  const letter = name.length === 1 ? LETTERS.indexOf(name.toUpperCase()) : -1;
  if (letter >= 0) {
    return letter;
  }
  let sum = 0;
  for (const character of name) {
    sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65521;
  }
  return sum % HUES;
}
