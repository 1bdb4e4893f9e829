import type { Exploration } from '../protocol';
import { FakeInspector, snapshot, summary } from '../testing/inspector';
import { ExploreModel } from './model';

function exploration(text: string): Exploration {
  return {
    kind: 'exploration',
    version: 1,
    explorer: 'strides',
    names: ['x'],
    title: 'Strides: x',
    html: `<section>${text} ${Math.random()}</section>`,
    text
  };
}

describe('ExploreModel', () => {
  let inspector: FakeInspector;
  let model: ExploreModel;

  beforeEach(() => {
    inspector = new FakeInspector();
    model = new ExploreModel(inspector);
    model.isVisible = true;
  });

  afterEach(() => {
    model.dispose();
  });

  const settle = () => new Promise(resolve => setTimeout(resolve));

  async function open(text: string): Promise<void> {
    void model.open('strides', summary({ name: 'x' }));
    inspector.answer(snapshot('x', 'y'));
    await settle();
    inspector.answer(exploration(text));
    await settle();
  }

  it('asks for the tensors and the drawing when it is opened', async () => {
    await open('one');
    expect(inspector.questions).toEqual([
      { kind: 'snapshot' },
      { kind: 'explore', explorer: 'strides', names: ['x'] }
    ]);
    expect(model.exploration?.text).toBe('one');
  });

  it('finds a second tensor where the explorer takes two', async () => {
    void model.open('matmul', summary({ name: 'x', shape: [2, 3] }));
    inspector.answer({
      ...snapshot(),
      tensors: [
        summary({ name: 'x', shape: [2, 3] }),
        summary({ name: 'y', shape: [2, 3] }),
        summary({ name: 'z', shape: [3, 4] })
      ]
    });
    await settle();
    expect(inspector.questions[1]).toEqual({
      kind: 'explore',
      explorer: 'matmul',
      names: ['x', 'z']
    });
  });

  it('begins einsum with an equation that fits', async () => {
    void model.open('einsum', summary({ name: 'x', shape: [2, 3] }));
    inspector.answer({
      ...snapshot(),
      tensors: [summary({ name: 'z', shape: [3, 4] })]
    });
    await settle();
    expect(inspector.questions[1]).toMatchObject({
      names: ['x', 'z'],
      equation: '...ij,...jk->...ik'
    });
  });

  it('asks again after a run, and keeps a drawing that is the same as it stands', async () => {
    await open('one');
    const before = model.exploration;
    inspector.run();
    inspector.answer(snapshot('x'));
    await settle();
    inspector.answer(exploration('one'));
    await settle();
    expect(model.exploration).toBe(before);
  });

  it('does not ask while nobody looks, and asks when somebody does', async () => {
    await open('one');
    model.isVisible = false;
    inspector.run();
    expect(inspector.questions).toHaveLength(2);
    model.isVisible = true;
    expect(inspector.questions).toHaveLength(3);
  });

  it('keeps the last drawing beside a failure', async () => {
    await open('one');
    void model.change({ names: ['gone'] });
    inspector.answer({
      kind: 'failure',
      version: 1,
      reason: 'gone',
      message: 'gone is gone.'
    });
    await settle();
    expect(model.failure?.message).toBe('gone is gone.');
    expect(model.exploration?.text).toBe('one');
  });

  it('drops an answer to an older wish', async () => {
    await open('one');
    void model.change({ names: ['y'] });
    void model.change({ names: ['x'] });
    inspector.answer(exploration('of y'));
    inspector.answer(exploration('of x'));
    await settle();
    expect(model.exploration?.text).toBe('of x');
  });

  it('asks again where the kernel dropped the question', async () => {
    await open('one');
    void model.change({ names: ['y'] });
    inspector.answer({ kind: 'no reply', reason: 'aborted' });
    await new Promise(resolve => setTimeout(resolve, 150));
    expect(inspector.waiting).toBe(1);
  });

  it.each(['restarting', 'dead', 'none', 'foreign'] as const)(
    'closes when the kernel is %s',
    async state => {
      await open('one');
      inspector.turn(state);
      expect(model.wish).toBeNull();
      expect(model.exploration).toBeNull();
    }
  );
});
