import { asObject, asText, asTexts } from './metadata';

/** What the Professor may comment on; the keys of a voice pack's `lines`. */
export type Occasion =
  | 'welcome'
  | 'passed'
  | 'partial'
  | 'failed'
  | 'unfinished'
  | 'locked_attempt'
  | 'locked_failed';

/** A line, and who says it. */
export interface ISaying {
  readonly name: string;
  readonly line: string;
}

/**
 * Picks a line for the occasion from the voice pack in the notebook's metadata.
 *
 * The same seed picks the same line, so that nothing flickers when the panel is drawn again.
 */
export function pickSaying(
  pack: unknown,
  occasion: Occasion,
  seed: string
): ISaying | null {
  const voice = asObject(pack);
  const lines = asTexts(asObject(voice.lines)[occasion]);
  if (voice.id === 'plain' || lines.length === 0) {
    return null;
  }
  return {
    name: asText(voice.short_name) ?? asText(voice.name) ?? '',
    line: lines[hash(`${occasion} ${seed}`) % lines.length]
  };
}

/** FNV-1a with a last stir, so that seeds that differ in one digit spread. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}
