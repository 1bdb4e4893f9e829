import { hueOf, hueOfName } from './colors';

/** Sizes as the protocol has them; null for a tensor that tells none. */
export type Sizes = readonly (number | null)[] | null;

/** One name for each dimension, null where a dimension has none. */
export type Names = readonly (string | null)[] | null;

/** One dimension as it is shown: `T 5` in the hue of T, or `5` in the hue of its size. */
export interface ISize {
  readonly text: string;
  readonly hue: number;
}

/** Every dimension of a shape with its text and its hue. */
export function sizesOf(shape: Sizes, names: Names = null): ISize[] {
  const usable = names?.length === shape?.length ? names : null;
  return (shape ?? []).map((size, axis) => {
    const name = usable?.[axis] ?? null;
    const text = size === null ? '?' : String(size);
    return name === null
      ? { text, hue: hueOf(size) }
      : { text: `${name} ${text}`, hue: hueOfName(name) };
  });
}
