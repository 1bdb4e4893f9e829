import type { TranslationBundle } from '@jupyterlab/translation';

import type { FlowPlace, FlowTensor } from '../protocol';
import { describeShape, shortDtype } from '../tensors/format';
import type { FlowTree, IItem } from './tree';

/** What a box says: `fc1` of class Linear, or `matmul`. */
export function nameOf(item: IItem, trans: TranslationBundle): string {
  const { module, node } = item;
  if (module) {
    return module.name ?? module.type;
  }
  return node?.name || trans.__('tensor');
}

/** 124439808 becomes `124 M`: three digits, as model cards have it. */
export function shortCount(count: number): string {
  const units = ['', ' K', ' M', ' B', ' T'];
  let unit = 0;
  let size = count;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 ? size : Number(size.toPrecision(3))}${units[unit]}`;
}

/** The class of a module and its parameters. */
export function aboutModule(item: IItem, trans: TranslationBundle): string {
  const count = item.module?.parameters ?? 0;
  return about(
    item,
    count > 0 ? trans.__('%1 parameters', shortCount(count)) : ''
  );
}

/** The same where there is little room: the second line of a box. */
export function shortAbout(item: IItem, trans: TranslationBundle): string {
  const count = item.module?.parameters ?? 0;
  return about(item, count > 0 ? trans.__('%1 params', shortCount(count)) : '');
}

function about({ module }: IItem, parameters: string): string {
  const type = module && module.name !== null ? module.type : '';
  return [type, parameters].filter(part => part !== '').join(' · ');
}

/** How often it ran, where that is more than once. */
export function timesOf(item: IItem): string {
  const count = item.module?.calls ?? item.node?.count ?? 1;
  const { kind } = item.node ?? {};
  return count > 1 && kind !== 'output' ? `×${shortCount(count)}` : '';
}

/** `4 × 16`, with the dtype where it is not the usual one. */
export function describeTensor(
  tensor: Pick<FlowTensor, 'shape' | 'dims' | 'dtype'>
): string {
  const shape = describeShape(tensor.shape, tensor.dims);
  return tensor.dtype === 'float32'
    ? shape
    : `${shape} ${shortDtype(tensor.dtype)}`;
}

/** All that a screen reader says about an item. */
export function describe(
  item: IItem,
  tree: FlowTree,
  trans: TranslationBundle
): string {
  const { module, node } = item;
  const parts = [nameOf(item, trans)];
  if (module) {
    parts.push(aboutModule(item, trans));
  } else if (node) {
    parts.push(kindOf(node.kind, trans));
    if (node.made.length > 0) {
      parts.push(
        trans.__('gives %1', node.made.map(describeTensor).join(', '))
      );
    }
    if (node.failed) {
      parts.push(trans.__('failed: %1', node.error ?? ''));
    }
  }
  const place = placeOf(item, tree);
  if (place) {
    parts.push(describePlace(place, trans));
  }
  return parts.filter(part => part !== '').join(', ');
}

export function kindOf(kind: string, trans: TranslationBundle): string {
  switch (kind) {
    case 'input':
      return trans.__('tensor from before');
    case 'parameter':
      return trans.__('parameter');
    case 'output':
      return trans.__('variable after the run');
    case 'module':
      return trans.__('whole module');
    case 'backward':
      return trans.__('backward pass');
    case 'step':
      return trans.__('optimizer');
    default:
      return trans.__('operation');
  }
}

/** Where an item was called. */
export function placeOf(item: IItem, tree: FlowTree): FlowPlace | null {
  const number = item.module?.place ?? item.node?.place ?? null;
  return number === null ? null : tree.graph.places[number];
}

export function describePlace(
  place: FlowPlace,
  trans: TranslationBundle
): string {
  return place.cell === null
    ? trans.__('%1, line %2', place.filename.split('/').pop(), place.line)
    : trans.__('cell %1, line %2', place.cell, place.line);
}

/** What a search looks through. */
export function searchText(item: IItem, tree: FlowTree): string {
  const { module, node } = item;
  const parts = module
    ? [module.name ?? '', module.type]
    : [
        node?.name ?? '',
        ...(node?.names ?? []),
        ...(node?.made.flatMap(({ shape, dims }) => [
          describeShape(shape),
          describeShape(shape, dims)
        ]) ?? []),
        placeOf(item, tree)?.text ?? ''
      ];
  return parts.join('\n').toLowerCase();
}
