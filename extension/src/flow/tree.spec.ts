import { GraphBuilder, transformer } from '../testing/flow';
import { FlowTree } from './tree';

const names = (items: readonly { module: any; node: any }[]) =>
  items.map(item => item.module?.name ?? item.node?.name);

describe('FlowTree', () => {
  it('holds what is in a module, in the order in which it ran', () => {
    const tree = new FlowTree(transformer(2));
    expect(names(tree.root.children)).toEqual(['tokens', 'gpt', 'logits']);
    const gpt = tree.root.children[1];
    expect(names(gpt.children)).toEqual(['embedding', 'h.0', 'h.1']);
    expect(names(gpt.children[1].children)).toEqual(['ln', 'mlp', 'add']);
  });

  it('leaves out a module in which nothing ran', () => {
    const b = new GraphBuilder();
    b.module('unused');
    b.node('add');
    expect(names(new FlowTree(b.graph).root.children)).toEqual(['add']);
  });

  it('opens whole levels as long as there are few boxes', () => {
    const tree = new FlowTree(transformer(12));
    expect(tree.opened(40).size).toBe(1);
    expect(tree.opened(1000).size).toBe(1 + 12 * 3);
    expect(tree.opened(3).size).toBe(0);
  });

  it('finds the innermost box that is seen', () => {
    const tree = new FlowTree(transformer(1));
    const gelu = tree.nodes.find(item => item.node?.name === 'gelu')!;
    expect(tree.visible(gelu, new Set()).module?.name).toBe('gpt');
    expect(tree.visible(gelu, new Set(['m0', 'm1'])).module?.name).toBe('mlp');
    expect(tree.visible(gelu, new Set(['m0', 'm1', 'm3']))).toBe(gelu);
    // An open module in a closed one is not seen.
    expect(tree.visible(gelu, new Set(['m3'])).module?.name).toBe('gpt');
  });

  it('follows the gradients from each backward pass, as far as they go', () => {
    const b = new GraphBuilder();
    const w = b.node('W', [], { kind: 'parameter' });
    const data = b.node('x', [], { kind: 'input' });
    const product = b.node('matmul');
    b.edge(w, product, { grad: true });
    b.edge(data, product);
    const back = b.node('backward', [], { kind: 'backward' });
    b.edge(product, back, { grad: true });
    const other = b.node('other');
    b.edge(w, other, { grad: true });
    const tree = new FlowTree(b.graph);
    expect(tree.hasBackward).toBe(true);
    expect(Array.from(tree.gradients).sort()).toEqual([0, 2]);
    expect(tree.isShown(tree.nodes[back], false)).toBe(false);
    expect(tree.isShown(tree.nodes[back], true)).toBe(true);
  });
});
