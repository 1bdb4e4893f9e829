import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { flow, GraphBuilder, transformer } from '../testing/flow';
import { FakeInspector } from '../testing/inspector';
import { FlowModel } from './model';
import { FlowPanel } from './panel';

describe('FlowPanel', () => {
  let inspector: FakeInspector;
  let model: FlowModel;
  let panel: FlowPanel;
  let goTo: jest.Mock;

  const frames = async () => {
    await framePromise();
    await framePromise();
  };
  const show = async (graph = transformer(2)) => {
    model.trace('cell');
    inspector.answer(flow(graph));
    await frames();
  };
  const box = (id: string) =>
    panel.node.querySelector<SVGGElement>(`[data-item="${id}"]`)!;
  const press = async (key: string) => {
    document.activeElement?.dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true })
    );
    await frames();
  };
  const button = (name: string) =>
    panel.node.querySelector<HTMLButtonElement>(
      `button[aria-label="${name}"]`
    )!;

  beforeEach(() => {
    inspector = new FakeInspector();
    model = new FlowModel(inspector);
    goTo = jest.fn();
    panel = new FlowPanel({
      goTo,
      openTab: null,
      traceCell: jest.fn(),
      translator: nullTranslator
    });
    panel.turn(model);
    Widget.attach(panel, document.body);
  });

  afterEach(() => {
    panel.dispose();
    model.dispose();
  });

  it('offers to trace a cell as long as there is no graph', async () => {
    await frames();
    expect(panel.node.textContent).toContain('Run the active cell');
  });

  it('says of each box what it is', async () => {
    await show();
    expect(box('m0').getAttribute('aria-label')).toBe(
      'gpt, GPT · 124 M parameters, cell 7, line 2'
    );
    expect(box('m0').getAttribute('aria-expanded')).toBe('true');
    expect(box('n0').getAttribute('aria-label')).toContain('gives 4 × 8');
  });

  it('is walked with the keys: along the edges, into modules and out of them', async () => {
    await show();
    model.openTo(1);
    await frames();
    box('n0').focus();
    model.select(model.tree!.find('n1'));
    await frames();
    expect(document.activeElement).toBe(box('n1'));
    await press('ArrowDown');
    expect(document.activeElement).toBe(box('m1'));
    expect(box('n2')).toBeNull();
    await press('Enter');
    expect(box('m1').getAttribute('aria-expanded')).toBe('true');
    await press('ArrowUp');
    await press('ArrowDown');
    expect(model.selected?.parent?.id).toBe('m1');
    await press('Escape');
    expect(document.activeElement).toBe(box('m1'));
  });

  it('opens a module with a click, and goes to the line of an operation with Enter', async () => {
    await show();
    model.openTo(0);
    await frames();
    box('m0').dispatchEvent(new MouseEvent('click', { bubbles: true }));
    await frames();
    expect(box('m0').getAttribute('aria-expanded')).toBe('true');
    box('n1').dispatchEvent(new MouseEvent('click', { bubbles: true }));
    await frames();
    box('n1').focus();
    await press('Enter');
    expect(goTo).toHaveBeenCalledWith(model, model.tree!.find('n1'));
  });

  it('has a text twin with the same parts', async () => {
    await show();
    button('Show as text').click();
    await frames();
    const texts = Array.from(
      panel.node.querySelectorAll('.jp-Torchenstein-flowList li'),
      item => item.querySelector('button')?.textContent
    );
    expect(texts.some(text => text?.startsWith('embedding'))).toBe(true);
    expect(texts.length).toBe(3 + 3 + 2 * 3 + 2 * 4);
  });

  it('marks the failed operation and tells its error', async () => {
    const b = new GraphBuilder();
    const q = b.node('q', [], { kind: 'input' });
    b.node('matmul', [q], { failed: true, error: 'RuntimeError: 8 and 5' });
    await show(b.graph);
    expect(box('n1').dataset.failed).toBe('true');
    expect(
      panel.node.querySelector('.jp-Torchenstein-flowDetail')?.textContent
    ).toContain('RuntimeError: 8 and 5');
    const line = panel.node.querySelector('.jp-Torchenstein-flowLine');
    expect(line?.getAttribute('data-failed')).toBe('true');
  });
});
