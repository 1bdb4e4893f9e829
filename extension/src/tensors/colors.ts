/** How many hues there are; the style sheet gives each for both themes (palette.css). */
export const HUES = 10;

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
