import { Widget } from '@lumino/widgets';
import * as React from 'react';

import { Section } from './section';

class Probe extends Section<Model> {
  protected render(): React.JSX.Element {
    return <p />;
  }
}

class Model {
  isVisible = false;
  isDisposed = false;

  dispose(): void {
    this.isDisposed = true;
  }
}

describe('Section', () => {
  it('tells its model whether it can be seen, and takes it along', () => {
    const model = new Model();
    const section = new Probe(model);
    const seen = (act: () => void) => {
      act();
      return model.isVisible;
    };
    expect(seen(() => Widget.attach(section, document.body))).toBe(true);
    expect(seen(() => section.hide())).toBe(false);
    expect(seen(() => section.show())).toBe(true);
    expect(seen(() => Widget.detach(section))).toBe(false);
    section.dispose();
    expect(model.isDisposed).toBe(true);
  });
});
