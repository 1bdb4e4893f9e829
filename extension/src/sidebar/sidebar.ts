import type { ITranslator } from '@jupyterlab/translation';
import { SidePanel } from '@jupyterlab/ui-components';
import { AccordionPanel, type Widget } from '@lumino/widgets';

import { torchensteinIcon } from '../icons';
import type { ISectionOptions, ISidebar } from '../tokens';

/** The least part of the sidebar that a section has when it is revealed. */
const SHARE = 0.5;

/** The same for a section that wants more room. */
const LARGE_SHARE = 0.64;

/** An accordion of sections, each brought by a plugin of its own. */
export class Sidebar extends SidePanel implements ISidebar {
  constructor(options: Sidebar.IOptions) {
    super({ translator: options.translator });
    this._show = options.show;
    this.id = 'torchenstein-sidebar';
    this.title.icon = torchensteinIcon;
    this.addClass('jp-Torchenstein-sidebar');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', options.label);
  }

  add(section: Widget, rank: number, options: ISectionOptions = {}): void {
    this._ranks.set(section, rank);
    const index = this.widgets.filter(
      other => (this._ranks.get(other) ?? 0) <= rank
    ).length;
    this.insertWidget(index, section);
    const { content } = this;
    if (!(content instanceof AccordionPanel)) {
      return;
    }
    if (options.folded) {
      content.collapse(index);
    }
    if (options.roomy && this.isVisible) {
      requestAnimationFrame(() => {
        makeRoom(content, this.widgets.indexOf(section), LARGE_SHARE);
      });
    }
  }

  remove(section: Widget): void {
    section.parent = null;
  }

  reveal(section: Widget): void {
    this._show();
    const { content } = this;
    if (content instanceof AccordionPanel) {
      const index = this.widgets.indexOf(section);
      content.expand(index);
      // What has just been shown has no sizes before the next frame.
      requestAnimationFrame(() => {
        makeRoom(content, index);
      });
    }
  }

  private _ranks = new Map<Widget, number>();
  private _show: () => void;
}

/** Gives a section its share of the height: one that began folded has none. */
function makeRoom(panel: AccordionPanel, index: number, share = SHARE): void {
  const sizes = panel.relativeSizes();
  const others = 1 - sizes[index];
  // A section that has been taken out meanwhile has no size.
  if (sizes[index] < share && others > 0) {
    panel.setRelativeSizes(
      sizes.map((size, place) =>
        place === index ? share : (size * (1 - share)) / others
      )
    );
  }
}

export namespace Sidebar {
  export interface IOptions {
    translator: ITranslator;
    /** The name of the region for screen readers. */
    label: string;
    /** Brings the sidebar itself to the front. */
    show: () => void;
  }
}
