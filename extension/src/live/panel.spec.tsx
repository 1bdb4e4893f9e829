import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { act } from 'react';

import { curve, FakeInspector, live } from '../testing/inspector';
import { settle } from '../testing/session';
import { LiveModel } from './model';
import { LivePanel } from './panel';

declare global {
  // React asks for it by this name.
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

describe('the curves', () => {
  let inspector: FakeInspector;
  let model: LiveModel;
  let panel: LivePanel;

  const show = async (patch: Parameters<typeof live>[0]) => {
    inspector.canPeek = null;
    inspector.turn('idle');
    inspector.answer(live(patch));
    await act(settle);
    await act(async () => panel.renderPromise);
  };
  const query = (selector: string) =>
    Array.from(panel.node.querySelectorAll<HTMLElement>(selector));

  beforeEach(() => {
    inspector = new FakeInspector();
    model = new LiveModel(inspector);
    panel = new LivePanel(model, nullTranslator);
    Widget.attach(panel, document.body);
  });

  afterEach(() => {
    act(() => panel.dispose());
    model.dispose();
  });

  it('have a name, a last value and a text twin', async () => {
    await show({
      seconds: 12,
      curves: [curve({ scope: 'train', times: [1, 2], values: [2.5, 0.5] })]
    });
    expect(query('li').map(item => item.textContent)).toEqual([
      'loss in train()0.5'
    ]);
    expect(query('svg[role=img]')[0].getAttribute('aria-label')).toBe(
      'loss over 12 s. loss in train(): 0.5 now, 2.5 at first, between 0.5 and 2.5'
    );
  });

  it('offer a logarithmic axis where values spread over decades', async () => {
    await show({ curves: [curve({ times: [1, 2], values: [1, 2] })] });
    expect(query('[aria-pressed]')).toEqual([]);
    await show({ curves: [curve({ times: [1, 2], values: [1, 2000] })] });
    const [linear, log] = query('[aria-pressed]');
    expect(linear.getAttribute('aria-pressed')).toBe('true');
    await act(async () => log.click());
    expect(log.getAttribute('aria-pressed')).toBe('true');
  });

  it('are loud about a loss that is no number any more', async () => {
    await show({ curves: [curve({ times: [1, 2], values: [1, 'NaN'] })] });
    expect(query('[data-alarming=true]')[0].textContent).toBe('NaN');
  });

  it('say what is not read, and how it can be', async () => {
    await show({ unread: [{ name: 'loss', device: 'cuda:0' }] });
    expect(query('.jp-Torchenstein-note')[0].textContent).toContain(
      'loss_value = loss.item()'
    );
  });

  it('have gradients behind a button', async () => {
    await show({});
    const [button] = query('.jp-Torchenstein-disclosure');
    expect(button.getAttribute('aria-expanded')).toBe('false');
    await act(async () => button.click());
    expect(model.withGradients).toBe(true);
    expect(button.getAttribute('aria-expanded')).toBe('true');
  });
});
