import { nullTranslator } from '@jupyterlab/translation';

import { lineShape } from '../testing/lines';
import { failureChip, onePerLine, shapeChips } from './chips';

const trans = nullTranslator.load('torchenstein');

describe('shapeChips', () => {
  it('says the name and each size with its dimension', () => {
    const [chip] = shapeChips([lineShape()], trans);
    expect(chip.faces).toEqual([
      {
        name: 'q',
        sizes: [
          { text: 'B 2', hue: 0 },
          { text: 'T 5', hue: 1 },
          { text: 'D 8', hue: 2 }
        ],
        notes: []
      }
    ]);
    expect(chip.label).toBe('q: B 2 × T 5 × D 8');
  });

  it('gives a dimension one hue, whatever its size and its tensor', () => {
    const [one, other] = shapeChips(
      [
        lineShape({ shape: [7], dims: ['T'] }),
        lineShape({ line: 1, shape: [4, 9], dims: [null, 'T'] })
      ],
      trans
    );
    expect(one.faces[0].sizes[0].hue).toBe(other.faces[0].sizes[1].hue);
  });

  it('notes dtype and device only where they are not the usual', () => {
    const notes = (patch: object) =>
      shapeChips([lineShape(patch)], trans)[0].faces[0].notes;
    expect(notes({})).toEqual([]);
    expect(notes({ dtype: 'int64' })).toEqual(['i64']);
    expect(notes({ device: 'cuda:0' })).toEqual(['cuda:0']);
    expect(notes({ seen: 3 })).toEqual(['3 shapes']);
    expect(notes({ dtype: null, device: null })).toEqual([]);
  });

  it('tells the mouse everything', () => {
    const [chip] = shapeChips([lineShape({ seen: 2 })], trans);
    expect(chip.title).toContain('float32, cpu');
    expect(chip.title).toContain('the last of 2 different shapes');
  });

  it('calls a tensor without dimensions a scalar, one without a shape unknown', () => {
    const [scalar] = shapeChips([lineShape({ shape: [], dims: null })], trans);
    expect(scalar.faces[0].sizes).toEqual([{ text: 'scalar', hue: -1 }]);
    const [lazy] = shapeChips([lineShape({ shape: null, dims: null })], trans);
    expect(lazy.faces[0].sizes).toEqual([{ text: '?', hue: -1 }]);
  });

  it('puts the tensors of one line on one chip, and counts those beyond three', () => {
    const chips = shapeChips(
      ['a', 'b', 'c', 'd', 'e'].map(name => lineShape({ line: 3, name })),
      trans
    );
    expect(chips).toHaveLength(1);
    expect(chips[0].faces.map(face => face.name)).toEqual(['a', 'b', 'c']);
    expect(chips[0].text).toBe('+2');
    expect(chips[0].label).toContain('e: B 2');
  });

  it('goes by the lines, not by the order of the answer', () => {
    const chips = shapeChips(
      [lineShape({ line: 4 }), lineShape({ line: 1 })],
      trans
    );
    expect(chips.map(chip => chip.line)).toEqual([1, 4]);
  });
});

describe('onePerLine', () => {
  it('lets the failure stand in the place of the shape', () => {
    const chips = onePerLine([
      ...shapeChips([lineShape(), lineShape({ line: 2 })], trans),
      failureChip(2, 'The inner sizes differ.', trans)
    ]);
    expect(chips.map(chip => [chip.line, chip.kind])).toEqual([
      [0, 'shape'],
      [2, 'failure']
    ]);
    expect(chips[1].label).toBe('fails here: The inner sizes differ.');
  });
});
