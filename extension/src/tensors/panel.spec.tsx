import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { FakeInspector, snapshot } from '../testing/inspector';
import { settle } from '../testing/session';
import type { ILive } from '../tokens';
import { TensorsModel } from './model';
import { TensorsPanel } from './panel';

describe('the tensors of a kernel that runs a cell', () => {
  it.each([
    [
      false,
      'This kernel has no subshells: the list updates when the cell ends.'
    ],
    [null, 'The list updates when the cell ends.'],
    [true, undefined]
  ])('with subshells: %p', async (isPossible, sentence) => {
    const inspector = new FakeInspector();
    const live: ILive = {
      isPossible,
      changed: new Signal<ILive, void>({} as ILive),
      watch: () => undefined,
      look: () => undefined
    };
    const model = new TensorsModel(inspector, undefined, live);
    const panel = new TensorsPanel(model, null, nullTranslator);
    Widget.attach(panel, document.body);
    inspector.answer(snapshot('x'));
    await settle();
    inspector.turn('busy');
    await panel.renderPromise;
    await settle();
    const told = panel.node.querySelector('.jp-Torchenstein-empty');
    expect(told?.textContent).toBe(sentence);
    panel.dispose();
  });
});
