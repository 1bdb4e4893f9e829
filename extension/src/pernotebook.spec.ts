import type { NotebookPanel } from '@jupyterlab/notebook';
import { DisposableDelegate } from '@lumino/disposable';

import { perNotebook } from './pernotebook';
import { FakeNotebook, FakePanel } from './testing/notebook';
import { FakeSession } from './testing/session';

describe('perNotebook', () => {
  it('makes one model for a notebook, which goes with it', () => {
    const panels = ['one', 'two'].map(id =>
      Object.assign(new FakePanel(new FakeNotebook([]), id), {
        sessionContext: new FakeSession()
      })
    );
    const of = perNotebook(() => new DisposableDelegate(() => undefined));
    const [one, two] = panels.map(panel => panel as unknown as NotebookPanel);
    expect(of(one)).toBe(of(one));
    expect(of(two)).not.toBe(of(one));
    panels[0].close();
    expect([of(one).isDisposed, of(two).isDisposed]).toEqual([true, false]);
  });
});
