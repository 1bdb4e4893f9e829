import type { TranslationBundle } from '@jupyterlab/translation';

import { formatCount } from '../tensors/format';
import type { FlowModel } from './model';
import type { FlowTree } from './tree';
import { shortCount } from './words';

/** One line of what is going on; null where there is nothing to say. */
export function statusOf(
  model: FlowModel,
  trans: TranslationBundle
): string | null {
  switch (model.kernel) {
    case 'none':
      return trans.__('There is no kernel to run a cell.');
    case 'dead':
      return trans.__('The kernel has stopped. Restart it to go on.');
    case 'foreign':
      return trans.__('This kernel does not speak Python.');
    default:
      break;
  }
  if (model.isMissing) {
    return trans.__(
      'This kernel cannot import torchenstein. Install it in the kernel’s environment to trace cells.'
    );
  }
  if (model.isWaiting) {
    return model.kernel === 'busy'
      ? trans.__('Tracing …')
      : trans.__('The next run of the cell will be traced.');
  }
  return model.problem;
}

/** `Cell 7 · 31 operations · 124 M parameters` */
export function summaryOf(tree: FlowTree, trans: TranslationBundle): string {
  const { graph } = tree;
  const parameters = tree.root.children.reduce(
    (sum, item) => sum + (item.module?.parameters ?? 0),
    0
  );
  const count = graph.execution_count;
  const parts = [
    count === null ? trans.__('Cell') : trans.__('Cell %1', count),
    trans._n('%1 operation', '%1 operations', graph.operations)
  ];
  if (parameters > 0) {
    parts.push(trans.__('%1 parameters', shortCount(parameters)));
  }
  if (graph.error !== null) {
    parts.push(trans.__('failed'));
  }
  if (graph.omitted > 0) {
    parts.push(trans.__('%1 more left out', formatCount(graph.omitted)));
  }
  return parts.join(' · ');
}
