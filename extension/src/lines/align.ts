/** Where a line of the source as it was run stands by now. */
export interface ILinePlace {
  /** From 0, in the text at hand. */
  readonly line: number;
  /** Whether it reads as it was run. */
  readonly same: boolean;
}

/**
 * Finds the lines of `before` in `after`; a line that has gone has no entry.
 *
 * What both begin and end with stays in place. Between them, lines that read the same are matched in order; where
 * nothing but the text of some lines has changed, these are the edited ones.
 */
export function align(before: string, after: string): Map<number, ILinePlace> {
  const was = before.split('\n').map(plain);
  const is = after.split('\n').map(plain);
  const places = new Map<number, ILinePlace>();
  const shorter = Math.min(was.length, is.length);

  let head = 0;
  while (head < shorter && was[head] === is[head]) {
    places.set(head, { line: head, same: true });
    head++;
  }
  let tail = 0;
  while (
    tail < shorter - head &&
    was[was.length - 1 - tail] === is[is.length - 1 - tail]
  ) {
    tail++;
    places.set(was.length - tail, { line: is.length - tail, same: true });
  }

  const isEdited = was.length === is.length;
  let next = head;
  for (let line = head; line < was.length - tail; line++) {
    if (isEdited) {
      places.set(line, { line, same: was[line] === is[line] });
      continue;
    }
    const found = was[line] === '' ? -1 : is.indexOf(was[line], next);
    if (found >= 0 && found < is.length - tail) {
      places.set(line, { line: found, same: true });
      next = found + 1;
    }
  }
  return places;
}

/** A line without the blanks at its end, which mean nothing. */
export function plain(line: string): string {
  return line.trimEnd();
}
