import { align } from './align';

function places(before: string[], after: string[]): [number, number][] {
  return Array.from(align(before.join('\n'), after.join('\n')))
    .filter(([, place]) => place.same)
    .map(([line, place]): [number, number] => [line, place.line])
    .sort(([one], [other]) => one - other);
}

describe('align', () => {
  it('leaves every line of an unchanged text in place', () => {
    expect(places(['a', 'b'], ['a', 'b'])).toEqual([
      [0, 0],
      [1, 1]
    ]);
  });

  it('does not see blanks at the end of a line', () => {
    expect(places(['a', 'b'], ['a  ', 'b'])).toHaveLength(2);
  });

  it('moves lines down with what comes in above them', () => {
    expect(places(['a', 'b'], ['new', 'a', 'b'])).toEqual([
      [0, 1],
      [1, 2]
    ]);
  });

  it('tells an edited line from its neighbours', () => {
    const found = align('a\nb\nc', 'a\nB\nc');
    expect(found.get(1)).toEqual({ line: 1, same: false });
    expect(found.get(2)).toEqual({ line: 2, same: true });
  });

  it('finds lines between an edited one and a new one', () => {
    expect(
      places(['a', 'b', 'c', 'd', 'e'], ['a', 'B', 'c', 'new', 'D', 'e'])
    ).toEqual([
      [0, 0],
      [2, 2],
      [4, 5]
    ]);
  });

  it('has nothing to say of a line that has gone', () => {
    expect(align('a\nb\nc', 'a\nc').has(1)).toBe(false);
    expect(places(['a', 'b', 'c'], ['a', 'c'])).toEqual([
      [0, 0],
      [2, 1]
    ]);
  });

  it('matches no empty lines with others', () => {
    expect(places(['x', '', 'y'], ['1', '2', '', '3'])).toEqual([]);
  });
});
