import {
  answer,
  markdown,
  test as check,
  type FakeCell
} from '../testing/cells';
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
import { GradeModel, type GradeState } from './model';

const VOICE = {
  voice: { id: 'x', name: 'X', lines: { passed: ['well done'] } }
};

describe('GradeModel', () => {
  let tracker: FakeTracker;
  let preferences: FakePreferences;
  let grader: FakeGrader;
  let model: GradeModel;
  let panel: FakePanel;

  const open = (id = 'lesson', cells: FakeCell[] = lesson()) => {
    const notebook = new FakeNotebook(cells, { torchenstein: VOICE });
    panel = new FakePanel(notebook, id);
    tracker.turn(panel);
  };
  const lesson = () => [
    markdown('# Softmax'),
    answer('softmax'),
    check('softmax'),
    answer('double'),
    check('double')
  ];
  const shown = () => model.state as GradeState & { kind: 'lesson' };
  const begin = async () => {
    void model.grade();
    await arrive();
  };
  const finish = () =>
    grader.tell(
      startEvent(),
      testEvent('softmax', 'passed', 3),
      testEvent('double', 'passed', 2),
      endEvent(5)
    );

  beforeEach(() => {
    tracker = new FakeTracker();
    preferences = new FakePreferences();
    grader = new FakeGrader();
    model = new GradeModel({
      tracker: tracker.tracker,
      preferences,
      request: grader.request
    });
  });

  afterEach(() => {
    model.dispose();
  });

  it('grades nothing without a notebook, and no notebook without exercises', async () => {
    expect(model.state.kind).toBe('no notebook');
    await model.grade();
    open('plain', [markdown('text')]);
    expect(model.state.kind).toBe('no lesson');
    await model.grade();
    expect(grader.paths).toEqual([]);
  });

  it('becomes a lesson when the cells come', () => {
    open('late', [markdown('text')]);
    const changed = jest.fn();
    model.stateChanged.connect(changed);
    panel.content.load(lesson(), {});
    expect(changed).toHaveBeenCalled();
    expect(model.state.kind).toBe('lesson');
  });

  it('saves the notebook first', async () => {
    open();
    let saved: () => void = () => undefined;
    panel.context.save.mockReturnValue(
      new Promise<void>(resolve => (saved = resolve))
    );
    await begin();
    expect(shown().grades?.phase).toBe('saving');
    expect(grader.paths).toEqual([]);
    saved();
    await arrive();
    expect(shown().grades?.phase).toBe('starting');
    expect(grader.paths).toEqual(['lesson.ipynb']);
  });

  it('does not grade what could not be saved', async () => {
    open();
    panel.context.save.mockRejectedValue(new Error('disk full'));
    await begin();
    expect(grader.paths).toEqual([]);
    expect(shown().grades).toMatchObject({ phase: 'failed' });
    expect(shown().grades?.reason).toContain('not graded: disk full');
  });

  it('does not save what is saved', async () => {
    open();
    panel.context.model.dirty = false;
    await begin();
    expect(panel.context.save).not.toHaveBeenCalled();
    expect(grader.paths).toEqual(['lesson.ipynb']);
  });

  it('follows the run, and changes nothing in the notebook', async () => {
    open();
    const before = panel.content.model.toJSON();
    await begin();
    await finish();
    expect(shown().grades).toMatchObject({ phase: 'done', points: 5 });
    expect(panel.content.model.toJSON()).toEqual(before);
  });

  it('runs once at a time', async () => {
    open();
    await begin();
    await begin();
    expect(grader.paths).toHaveLength(1);
    expect(model.isRunning).toBe(true);
    await finish();
    await grader.hangUp();
    await begin();
    expect(grader.paths).toHaveLength(2);
  });

  it('stops: the request is aborted, results stay, late events are not heard', async () => {
    open();
    await begin();
    await grader.tell(startEvent(), testEvent('softmax', 'passed', 3));
    model.stop();
    expect(grader.signal?.aborted).toBe(true);
    expect(shown().grades?.phase).toBe('stopped');
    await grader.tell(endEvent(3));
    expect(shown().grades?.phase).toBe('stopped');
    expect(shown().grades?.exercises[0].result?.score).toBe(3);
  });

  it.each([
    ['an error', new Error('Failed to fetch'), 'Failed to fetch'],
    ['silence', undefined, 'broke off']
  ])('says so when the connection ends with %s', async (_, error, words) => {
    open();
    await begin();
    await grader.tell(startEvent());
    await grader.hangUp(error);
    expect(shown().grades?.phase).toBe('failed');
    expect(shown().grades?.reason).toContain(words);
  });

  it('keeps a run for each notebook, and goes on in the background', async () => {
    open('first');
    const first = panel;
    await begin();
    open('second');
    expect(shown().grades).toBeNull();
    await finish();
    tracker.turn(first);
    expect(shown().grades?.phase).toBe('done');
  });

  it('ends the run of a notebook that is closed', async () => {
    open();
    await begin();
    panel.close();
    expect(grader.signal?.aborted).toBe(true);
    expect(model.state.kind).toBe('no notebook');
  });

  it('knows when the code is no longer what was graded', async () => {
    open();
    await begin();
    await finish();
    const cell = panel.content.model.cells.get(1);
    const source = cell.sharedModel.getSource();
    cell.setMetadata('anything', 1);
    expect(shown().isStale).toBe(false);
    cell.sharedModel.setSource('x = 1');
    expect(shown().isStale).toBe(true);
    cell.sharedModel.setSource(source);
    expect(shown().isStale).toBe(false);
  });

  it('goes to the answer by its id, else by its name', async () => {
    open();
    await begin();
    await finish();
    const [softmax, double] = shown().grades?.exercises ?? [];
    await model.jump(softmax);
    expect(panel.content.activeCellIndex).toBe(1);
    await model.jump(double);
    expect(panel.content.activeCellIndex).toBe(3);
    expect(panel.content.scrollToItem).toHaveBeenLastCalledWith(3, 'smart');
    panel.content.model.sharedModel.deleteCell(3);
    await model.jump(double);
    expect(panel.content.scrollToItem).toHaveBeenCalledTimes(2);
  });

  it('has a word of praise for a full success, and none in the plain voice', async () => {
    open();
    await begin();
    await grader.tell(startEvent());
    expect(shown().saying).toBeNull();
    await finish();
    expect(shown().saying?.line).toBe('well done');
    await preferences.setVoice('plain');
    expect(shown().saying).toBeNull();
  });
});
