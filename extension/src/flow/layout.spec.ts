import { nullTranslator } from '@jupyterlab/translation';

import { GraphBuilder, transformer } from '../testing/flow';
import { layersOf } from './layers';
import { layout, type IBox } from './layout';
import { ENTRY, EXIT, levelsOf } from './segments';
import { FlowTree } from './tree';

const trans = nullTranslator.load('torchenstein');

const overlaps = (one: IBox, other: IBox) =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

/** How many pairs of boxes lie over one another without one being around the other. */
function clashes(boxes: readonly IBox[]): number {
  let count = 0;
  boxes.forEach((one, index) => {
    for (const other of boxes.slice(index + 1)) {
      if (other.item.parent === one.item.parent && overlaps(one, other)) {
        count++;
      }
    }
  });
  return count;
}

const all = (tree: FlowTree) => new Set(tree.modules.map(item => item.id));

describe('levelsOf', () => {
  it('cuts an edge at the borders of the open modules, and joins what goes the same way', () => {
    const tree = new FlowTree(transformer(1));
    const open = new Set(['m0', 'm1']);
    const levels = levelsOf(tree, open, false);
    const lines = (id: string) =>
      levels.get(id)?.segments.map(({ from, to }) => `${from} ${to}`);
    expect(lines('cell')).toEqual(['n0 m0', 'm0 n7']);
    expect(lines('m0')).toEqual([`${ENTRY} n1`, 'n1 m1', `m1 ${EXIT}`]);
    expect(lines('m1')).toEqual([
      `${ENTRY} m2`,
      'm2 m3',
      `${ENTRY} n6`,
      'm3 n6',
      `n6 ${EXIT}`
    ]);
  });

  it('knows what comes from an earlier round of a loop', () => {
    const b = new GraphBuilder();
    const add = b.node('add');
    const tanh = b.node('tanh', [add]);
    b.edge(tanh, add);
    const level = levelsOf(new FlowTree(b.graph), new Set(), false).get('cell');
    expect(level?.segments.map(segment => segment.isLoop)).toEqual([
      false,
      true
    ]);
    expect(layersOf(level!)).toEqual([['n0'], ['n1']]);
  });

  it('puts what takes nothing close to what takes it', () => {
    const b = new GraphBuilder();
    const late = b.node('W', [], { kind: 'parameter' });
    const x = b.node('x', [], { kind: 'input' });
    const one = b.node('one', [x]);
    const two = b.node('two', [one]);
    b.node('three', [two, late]);
    const level = levelsOf(new FlowTree(b.graph), new Set(), false).get('cell');
    expect(layersOf(level!)).toEqual([['n1'], ['n2'], ['n0', 'n3'], ['n4']]);
  });
});

describe('layout', () => {
  it('lays nothing over anything, open or closed', () => {
    const tree = new FlowTree(transformer(4));
    for (const open of [new Set<string>(), new Set(['m0']), all(tree)]) {
      const { boxes, width, height } = layout(tree, open, false, trans);
      expect(clashes(boxes)).toBe(0);
      for (const box of boxes) {
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(width);
        expect(box.y + box.height).toBeLessThanOrEqual(height);
      }
    }
  });

  it('draws an open module around its parts', () => {
    const tree = new FlowTree(transformer(2));
    const { boxes } = layout(tree, all(tree), false, trans);
    const byItem = new Map(boxes.map(box => [box.item, box]));
    for (const box of boxes) {
      const around = box.item.parent && byItem.get(box.item.parent);
      if (around) {
        expect(box.x).toBeGreaterThan(around.x);
        expect(box.x + box.width).toBeLessThan(around.x + around.width);
        expect(box.y).toBeGreaterThan(around.y);
        expect(box.y + box.height).toBeLessThan(around.y + around.height);
      }
    }
  });

  it('says the shape of a tensor once, however many take it', () => {
    const b = new GraphBuilder();
    const q = b.node('q', [], { kind: 'input' });
    b.node('one', [q]);
    b.node('two', [q]);
    const tree = new FlowTree(b.graph);
    const { boxes } = layout(tree, new Set(), false, trans);
    const [label, ...more] = boxes[0].labels;
    expect(more).toEqual([]);
    expect(label).toMatchObject({ many: 1, tensor: { shape: [4, 8] } });
  });

  it('breaks a row that would be too wide', () => {
    const b = new GraphBuilder();
    for (let number = 0; number < 100; number++) {
      b.node(`operation_${number}`);
    }
    const tree = new FlowTree(b.graph);
    const { boxes, width } = layout(tree, new Set(), false, trans);
    expect(width).toBeLessThan(1600);
    expect(clashes(boxes)).toBe(0);
  });

  it('takes time in proportion to the graph', () => {
    const time = (blocks: number) => {
      const tree = new FlowTree(transformer(blocks));
      const open = all(tree);
      layout(tree, open, false, trans);
      const start = performance.now();
      layout(tree, open, false, trans);
      return performance.now() - start;
    };
    time(100);
    const small = Math.min(time(100), time(100), time(100));
    const large = Math.min(time(400), time(400), time(400));
    expect(large / small).toBeLessThan(10);
    expect(large).toBeLessThan(2000);
  });
});
