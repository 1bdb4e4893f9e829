import { framePromise } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { answer, markdown, test as check } from '../testing/cells';
import {
  arrive,
  endEvent,
  FakeGrader,
  startEvent,
  testEvent
} from '../testing/grader';
import {
  FakeNotebook,
  FakePanel,
  FakePreferences,
  FakeTracker
} from '../testing/notebook';
import { GradeModel } from './model';
import { GradePanel } from './panel';

describe('GradePanel', () => {
  let grader: FakeGrader;
  let tracker: FakeTracker;
  let model: GradeModel;
  let panel: GradePanel;

  const drawn = async () => {
    await arrive();
    await framePromise();
    await framePromise();
  };
  const text = (selector: string) =>
    panel.node.querySelector(selector)?.textContent ?? '';
  const button = () =>
    panel.node.querySelector<HTMLButtonElement>('.jp-Torchenstein-button');
  const items = () =>
    [...panel.node.querySelectorAll<HTMLElement>('li')].map(
      item => item.dataset.status
    );
  const click = async (detail = 1) => {
    button()?.dispatchEvent(new MouseEvent('click', { bubbles: true, detail }));
    await drawn();
  };
  const open = async (
    ...cells: ConstructorParameters<typeof FakeNotebook>[0]
  ) => {
    tracker.turn(new FakePanel(new FakeNotebook(cells), 'lesson'));
    await drawn();
  };

  beforeEach(async () => {
    grader = new FakeGrader();
    tracker = new FakeTracker();
    model = new GradeModel({
      tracker: tracker.tracker,
      preferences: new FakePreferences(),
      request: grader.request
    });
    panel = new GradePanel(model, nullTranslator);
    Widget.attach(panel, document.body);
    await open(markdown('text'), answer('softmax'), check('softmax'));
  });

  afterEach(() => {
    panel.dispose();
    model.dispose();
  });

  it('says what a notebook without exercises lacks', async () => {
    await open(markdown('text'));
    expect(button()).toBeNull();
    expect(text('[role=status]')).toContain('no exercises');
  });

  it('says at once that it begins, then what it checks, then the points', async () => {
    expect(button()?.textContent).toBe('Grade my notebook');
    await click();
    expect(text('[role=status]')).toContain('Starting the grader');
    expect(panel.node.querySelector('progress')?.hasAttribute('value')).toBe(
      false
    );
    await grader.tell(startEvent(), { event: 'cell', id: 'cell-0' });
    await drawn();
    expect(text('[role=status]')).toBe('Checking 1 of 2: The softmax');
    expect(items()).toEqual(['checking', 'waiting']);
    await grader.tell(testEvent('softmax', 'passed', 3));
    await drawn();
    expect(items()).toEqual(['passed', 'checking']);
    expect(panel.node.querySelector('progress')?.value).toBe(1);
    await grader.tell(testEvent('double', 'failed', 0.5), endEvent(3.5));
    await drawn();
    expect(text('[role=status] p')).toBe('3.5 of 5 points');
    expect(text('[role=status]')).toContain('1 of 2 exercises pass');
    expect(text('li[data-exercise=double]')).toContain('0.5 of 2 points');
    expect(text('li[data-exercise=double] pre')).toContain('expected 0.5');
    expect(panel.node.querySelector('progress')).toBeNull();
  });

  it('says when only the open examples are there, and tells no points', async () => {
    await click();
    await grader.tell(
      startEvent(false),
      testEvent('softmax', 'passed', null),
      testEvent('double', 'failed', null),
      endEvent(null)
    );
    await drawn();
    expect(text('[role=status]')).toContain('Only the open examples are here');
    expect(text('[role=status] p')).toBe('1 of 2 exercises pass');
    expect(panel.node.textContent).not.toContain('points');
  });

  it('keeps the focus on the button that begins and stops', async () => {
    button()?.focus();
    await click();
    expect(button()?.textContent).toBe('Stop');
    expect(document.activeElement).toBe(button());
    await click();
    expect(text('[role=status]')).toBe('Stopped');
    expect(button()?.textContent).toBe('Grade my notebook again');
    expect(document.activeElement).toBe(button());
  });

  it('takes a double click for one', async () => {
    await click();
    await click(2);
    expect(button()?.textContent).toBe('Stop');
  });

  it('tells why there are no grades', async () => {
    await click();
    await grader.tell({ event: 'failed', message: 'There is no a.ipynb.' });
    await drawn();
    expect(text('[data-phase=failed]')).toBe('There is no a.ipynb.');
  });

  it('tells how a test ended its process', async () => {
    await click();
    const event = { ...testEvent('softmax', 'failed', 0), report: null };
    await grader.tell(startEvent(), { ...event, ended: 'it ran too long' });
    await drawn();
    expect(text('li[data-exercise=softmax]')).toContain('it ran too long');
  });

  it('leads from a verdict to its answer cell', async () => {
    await click();
    await grader.tell(startEvent());
    await drawn();
    const jump = jest.spyOn(model, 'jump').mockResolvedValue();
    panel.node.querySelector<HTMLElement>('li button')?.click();
    expect(jump).toHaveBeenCalledWith(
      expect.objectContaining({ name: 'softmax' })
    );
  });
});
