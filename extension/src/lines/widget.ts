import { WidgetType } from '@codemirror/view';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IChip, IFace } from './chips';

/** A chip in the editor: not part of its text, and not in the tab order. */
export class ChipWidget extends WidgetType {
  constructor(
    readonly chip: IChip,
    readonly isStale: boolean,
    trans: TranslationBundle
  ) {
    super();
    this._trans = trans;
  }

  eq(other: ChipWidget): boolean {
    return (
      this.isStale === other.isStale &&
      (this.chip === other.chip ||
        JSON.stringify({ ...this.chip, line: 0 }) ===
          JSON.stringify({ ...other.chip, line: 0 }))
    );
  }

  toDOM(): HTMLElement {
    const { chip, isStale } = this;
    const stale = this._trans.__('from the last run; the line has changed');
    const node = span('jp-Torchenstein-chip');
    node.dataset.kind = chip.kind;
    node.dataset.stale = String(isStale);
    node.title = isStale ? `${chip.title}\n(${stale})` : chip.title;
    node.append(
      span(
        'jp-Torchenstein-hidden',
        isStale ? ` ${chip.label} (${stale})` : ` ${chip.label}`
      )
    );
    const seen = span('jp-Torchenstein-chipFace');
    seen.setAttribute('aria-hidden', 'true');
    seen.append(...chip.faces.map(drawFace));
    if (chip.text) {
      seen.append(span('jp-Torchenstein-chipText', chip.text));
    }
    node.append(seen);
    return node;
  }

  /** A click on a chip puts the cursor at the end of its line. */
  ignoreEvent(): boolean {
    return false;
  }

  private _trans: TranslationBundle;
}

function drawFace(face: IFace): HTMLElement {
  const node = span('jp-Torchenstein-chipTensor');
  if (face.name !== null) {
    node.append(span('jp-Torchenstein-chipName', face.name));
  }
  for (const size of face.sizes) {
    const part = span('jp-Torchenstein-size', size.text);
    part.dataset.hue = String(size.hue);
    node.append(part);
  }
  for (const note of face.notes) {
    node.append(span('jp-Torchenstein-chipNote', note));
  }
  return node;
}

function span(className: string, text = ''): HTMLElement {
  const node = document.createElement('span');
  node.className = className;
  node.textContent = text;
  return node;
}
