import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IInspector, KernelState } from '../kernel';
import type { Flow } from '../protocol';
import { Retry } from '../retry';
import { FlowTree, type IItem } from './tree';
import { searchText } from './words';

/** So many boxes are readable at a first glance. */
const FIRST_GLANCE = 40;

/** The traced runs of one notebook: the last one as a graph, and what of it is looked at. */
export class FlowModel implements IDisposable {
  constructor(inspector: IInspector) {
    this._inspector = inspector;
    inspector.executed.connect(this._onExecuted, this);
    inspector.stateChanged.connect(this._onStateChanged, this);
  }

  get kernel(): KernelState {
    return this._inspector.state;
  }

  /** The last traced run; null before the first. */
  get tree(): FlowTree | null {
    return this._tree;
  }

  /** Whether the next run of a cell is to be traced, or is being traced. */
  get isWaiting(): boolean {
    return this._waitsFor !== null;
  }

  /** The cell that is waited for. */
  get waitsFor(): string | null {
    return this._waitsFor;
  }

  /** Why there is no trace, or not all of it: a sentence of the kernel's. */
  get problem(): string | null {
    return this._problem;
  }

  /** Whether the kernel lacks the inspector. */
  get isMissing(): boolean {
    return this._isMissing;
  }

  get expanded(): ReadonlySet<string> {
    return this._expanded;
  }

  get selected(): IItem | null {
    return this._selected;
  }

  get query(): string {
    return this._query;
  }

  /** What the search has found, in the order in which it ran. */
  get matches(): readonly IItem[] {
    return this._matches;
  }

  /** Whether the way of the gradients is shown. */
  get backward(): boolean {
    return this._backward && (this._tree?.hasBackward ?? false);
  }
  set backward(value: boolean) {
    this._backward = value;
    this._emit();
  }

  /** Emitted when a new graph has come. */
  get traced(): ISignal<this, void> {
    return this._traced;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._retry.cancel();
    this._inspector.dispose();
    Signal.clearData(this);
  }

  /** Has the kernel trace the next run of a cell; null: of no cell any more. */
  trace(cell: string | null): void {
    this._waitsFor = cell;
    this._problem = null;
    this._emit();
    void this._ask({ trace: cell ?? '' });
  }

  /** Opens or closes a module. */
  toggle(item: IItem): void {
    if (item.children.length === 0) {
      return;
    }
    const expanded = new Set(this._expanded);
    if (!expanded.delete(item.id)) {
      expanded.add(item.id);
    }
    this._expanded = expanded;
    this._selected = item;
    this._emit();
  }

  /** Opens every module down to this depth, 0 for none; closes the others. */
  openTo(depth: number): void {
    const items = this._tree?.modules ?? [];
    this._expanded = new Set(
      items
        .filter(item => item.depth <= depth && item.children.length > 0)
        .map(item => item.id)
    );
    if (this._selected && this._tree) {
      this._selected = this._tree.visible(this._selected, this._expanded);
    }
    this._emit();
  }

  /** Makes an item the selected one, and opens what hides it. */
  select(item: IItem | null): void {
    this._selected = item;
    const expanded = new Set(this._expanded);
    for (let up = item?.parent; up?.parent; up = up.parent) {
      expanded.add(up.id);
    }
    if (expanded.size > this._expanded.size) {
      this._expanded = expanded;
    }
    this._emit();
  }

  /** Looks for a text in names, classes, shapes and source. */
  search(query: string): void {
    this._query = query;
    const tree = this._tree;
    const text = query.trim().toLowerCase().replace(/\*/g, '×');
    this._matches =
      tree && text !== ''
        ? Array.from(tree.walk()).filter(item =>
            searchText(item, tree).includes(text)
          )
        : [];
    this._emit();
  }

  /** Goes to the next (1) or last (-1) match. */
  jump(step: 1 | -1): void {
    const { _matches: matches } = this;
    if (matches.length > 0) {
      const here = matches.findIndex(item => item === this._selected);
      const there = here < 0 ? (step > 0 ? 0 : -1) : here + step;
      this.select(matches[(there + matches.length) % matches.length]);
    }
  }

  private async _ask(options: { trace?: string }): Promise<void> {
    const answer = await this._inspector.ask({
      kind: 'flow',
      since: this._revision,
      ...options
    });
    if (this._isDisposed) {
      return;
    }
    this._isMissing = false;
    if (answer.kind === 'flow') {
      this._take(answer);
    } else if (answer.kind === 'failure') {
      this._waitsFor = null;
      this._problem = answer.message;
    } else if (answer.kind === 'no reply') {
      if (answer.reason === 'missing') {
        this._waitsFor = null;
        this._isMissing = true;
      } else if (this._waitsFor !== null) {
        this._retry.ifDropped(answer, () => void this._ask({}));
      }
    }
    this._emit();
  }

  private _take(flow: Flow): void {
    if (flow.revision < this._revision) {
      // Another kernel counts from the start.
      this._revision = 0;
      void this._ask({});
      return;
    }
    this._revision = flow.revision;
    this._problem = flow.problem;
    if (flow.state === 'done' || flow.state === 'none') {
      this._waitsFor = null;
    }
    if (flow.graph) {
      const before = this._tree;
      this._tree = new FlowTree(flow.graph);
      if (!before || !haveSameModules(before, this._tree)) {
        this._expanded = this._tree.opened(FIRST_GLANCE);
      }
      this._selected = null;
      this.search(this._query);
      const failed = this._tree.nodes.find(item => item.node?.failed);
      if (failed) {
        this.select(failed);
      }
      this._traced.emit();
    }
  }

  private _onExecuted(): void {
    if (this._waitsFor !== null) {
      void this._ask({});
    }
  }

  private _onStateChanged(): void {
    const { state } = this._inspector;
    if (state !== 'idle' && state !== 'busy') {
      // What was asked of a kernel is gone with it; the graph is still true of its run.
      this._waitsFor = null;
      this._revision = 0;
    }
    this._emit();
  }

  private _emit(): void {
    this._changed.emit();
  }

  private _inspector: IInspector;
  private _tree: FlowTree | null = null;
  private _waitsFor: string | null = null;
  private _problem: string | null = null;
  private _isMissing = false;
  private _expanded: ReadonlySet<string> = new Set();
  private _selected: IItem | null = null;
  private _query = '';
  private _matches: readonly IItem[] = [];
  private _backward = false;
  private _revision = 0;
  private _retry = new Retry();
  private _traced = new Signal<this, void>(this);
  private _changed = new Signal<this, void>(this);
  private _isDisposed = false;
}

/** Whether what is open in one graph may stay open in the other: the same cell, run again. */
function haveSameModules(one: FlowTree, other: FlowTree): boolean {
  const paths = ({ graph }: FlowTree) =>
    JSON.stringify([
      graph.cell_id,
      graph.modules.map(({ parent, name, type }) => [parent, name, type])
    ]);
  return paths(one) === paths(other);
}
