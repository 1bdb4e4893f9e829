import type { TranslationBundle } from '@jupyterlab/translation';

import { formatBytes } from './format';
import type { TensorsModel } from './model';

/** The one line that stands in the place of the list; null where there is a list. */
export function statusOf(
  model: TensorsModel,
  trans: TranslationBundle
): string | null {
  switch (model.kernel) {
    case 'none':
      return trans.__('Tensors show up here as soon as a notebook runs.');
    case 'starting':
      return trans.__('The kernel is starting …');
    case 'restarting':
      return trans.__('The kernel is restarting …');
    case 'dead':
      return trans.__('The kernel has stopped. Restart it to go on.');
    case 'foreign':
      return trans.__(
        'This kernel does not speak Python, so it has no tensors.'
      );
    default:
      break;
  }
  if (model.isMissing) {
    return trans.__(
      'This kernel cannot import torchenstein. Install it in the kernel’s environment to see tensors here.'
    );
  }
  if (model.snapshot?.kind === 'failure') {
    return model.snapshot.message;
  }
  if (!model.snapshot) {
    return model.autoRefresh
      ? trans.__('Looking …')
      : trans.__('Press refresh to list the tensors.');
  }
  return null;
}

/** `live · 5 tensors · 1.9 KiB · cpu` */
export function summaryOf(
  model: TensorsModel,
  trans: TranslationBundle
): string {
  const { snapshot } = model;
  if (snapshot?.kind !== 'snapshot') {
    return '';
  }
  const parts = [
    model.kernel === 'busy'
      ? trans.__('running')
      : model.autoRefresh
        ? trans.__('live')
        : trans.__('on request'),
    trans._n('%1 tensor', '%1 tensors', snapshot.found)
  ];
  if (snapshot.found > 0) {
    const bytes = formatBytes(snapshot.storage_bytes);
    parts.push(
      snapshot.complete ? bytes : trans.__('at least %1', bytes),
      ...snapshot.devices.map(each => each.device)
    );
  }
  return parts.join(' · ');
}
