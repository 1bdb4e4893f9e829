import type {
  Flow,
  FlowEdge,
  FlowGraph,
  FlowModule,
  FlowNode
} from '../protocol';

/** Builds the graph of a run step by step, as the kernel would tell it. */
export class GraphBuilder {
  readonly graph: FlowGraph = {
    cell_id: 'cell',
    execution_count: 7,
    error: null,
    operations: 0,
    omitted: 0,
    modules: [],
    nodes: [],
    edges: [],
    places: [
      {
        filename: '<ipython-input-7>',
        cell: 7,
        line: 2,
        column: 4,
        end_line: 2,
        end_column: 12,
        text: 'model(x)'
      }
    ]
  };

  module(name: string, patch: Partial<FlowModule> = {}): number {
    this.graph.modules.push({
      parent: null,
      name,
      type: 'Module',
      place: 0,
      calls: 1,
      parameters: 0,
      trainable: 0,
      ...patch
    });
    return this.graph.modules.length - 1;
  }

  /** Adds a node that takes what these other nodes made. */
  node(
    name: string,
    sources: readonly number[] = [],
    patch: Partial<FlowNode> = {}
  ): number {
    const number = this.graph.nodes.length;
    this.graph.nodes.push({
      module: null,
      kind: 'operation',
      name,
      place: 0,
      count: 1,
      made: [{ shape: [4, 8], dims: null, dtype: 'float32', device: 'cpu' }],
      varies: false,
      weights: [],
      names: [],
      grad_fn: null,
      failed: false,
      error: null,
      ...patch
    });
    this.graph.operations++;
    sources.forEach(source => this.edge(source, number));
    return number;
  }

  edge(source: number, target: number, patch: Partial<FlowEdge> = {}): void {
    this.graph.edges.push({
      source,
      target,
      shape: [4, 8],
      dims: null,
      dtype: 'float32',
      grad: false,
      ...patch
    });
  }
}

/** A transformer of so many blocks, each with a residual around a part of it. */
export function transformer(blocks: number): FlowGraph {
  const b = new GraphBuilder();
  const model = b.module('gpt', { type: 'GPT', parameters: 124_000_000 });
  const input = b.node('tokens', [], { kind: 'input' });
  let x = b.node('embedding', [input], { module: model });
  for (let number = 0; number < blocks; number++) {
    const block = b.module(`h.${number}`, { parent: model, type: 'Block' });
    const norm = b.module('ln', { parent: block, type: 'LayerNorm' });
    const mlp = b.module('mlp', { parent: block, type: 'MLP' });
    const normed = b.node('layer_norm', [x], { module: norm });
    const wide = b.node('linear', [normed], { module: mlp });
    const bent = b.node('gelu', [wide], { module: mlp });
    const back = b.node('linear', [bent], { module: mlp });
    x = b.node('add', [x, back], { module: block });
  }
  b.node('logits', [x], { kind: 'output', names: ['logits'] });
  return b.graph;
}

export function flow(graph: FlowGraph | null, patch: Partial<Flow> = {}): Flow {
  return {
    kind: 'flow',
    version: 1,
    state: 'done',
    revision: 2,
    cell_id: 'cell',
    problem: null,
    graph,
    ...patch
  };
}
