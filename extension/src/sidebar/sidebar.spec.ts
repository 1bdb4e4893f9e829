import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { Sidebar } from './sidebar';

describe('Sidebar', () => {
  let sidebar: Sidebar;

  function section(label: string): Widget {
    const widget = new Widget();
    widget.title.label = label;
    return widget;
  }

  const labels = () => sidebar.widgets.map(widget => widget.title.label);

  beforeEach(() => {
    sidebar = new Sidebar({
      translator: nullTranslator,
      label: 'Sidebar',
      show: jest.fn()
    });
  });

  afterEach(() => {
    sidebar.dispose();
  });

  it('keeps its sections in the order of their ranks', () => {
    sidebar.add(section('hints'), 100);
    sidebar.add(section('tensors'), 200);
    sidebar.add(section('grades'), 150, { folded: true });
    expect(labels()).toEqual(['hints', 'grades', 'tensors']);
  });

  it('takes a section out and puts it back where it was', () => {
    const explanation = section('explanation');
    sidebar.add(section('hints'), 100);
    sidebar.add(explanation, 50, { roomy: true });
    sidebar.add(section('tensors'), 200);
    sidebar.remove(explanation);
    expect(labels()).toEqual(['hints', 'tensors']);
    sidebar.add(explanation, 50);
    expect(labels()).toEqual(['explanation', 'hints', 'tensors']);
  });

  it('has nothing against taking out what is not there', () => {
    sidebar.remove(section('explanation'));
    expect(labels()).toEqual([]);
  });
});
