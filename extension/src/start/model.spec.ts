import { PromiseDelegate } from '@lumino/coreutils';

import { progressReply } from '../testing/course';
import type { ICount } from './course';
import { StartModel, type StartState } from './model';

describe('StartModel', () => {
  let request: jest.Mock<Promise<unknown>>;
  let live: Map<string, ICount>;
  let model: StartModel;
  let changed: jest.Mock;

  beforeEach(() => {
    request = jest.fn(() => Promise.resolve(progressReply()));
    live = new Map();
    model = new StartModel({ request, live: () => live });
    changed = jest.fn();
    model.changed.connect(changed);
  });

  afterEach(() => {
    model.dispose();
  });

  const course = () =>
    (model.state as Extract<StartState, { kind: 'course' }>).course;

  it('asks for nothing until it is told to', () => {
    expect(model.state).toEqual({ kind: 'loading' });
    expect(request).not.toHaveBeenCalled();
  });

  it('shows the course', async () => {
    await model.refresh();
    expect(model.state.kind).toBe('course');
    expect(course().title).toBe('A course');
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it('tells a folder without a course from a server that fails', async () => {
    request.mockResolvedValueOnce({ course: null, lessons: [] });
    await model.refresh();
    expect(model.state).toEqual({ kind: 'no course' });
    request.mockRejectedValueOnce(new Error('404 Not Found'));
    await model.refresh();
    expect(model.state).toEqual({ kind: 'failed', reason: '404 Not Found' });
  });

  it('keeps what it has when the server fails later', async () => {
    await model.refresh();
    request.mockRejectedValueOnce(new Error('the network is gone'));
    await model.refresh();
    expect(model.state.kind).toBe('course');
  });

  it('counts open notebooks as they are, saved or not', async () => {
    const path = '01_tensors/02_second.ipynb';
    live.set(path, { exercises: 5, passed: 2, attempted: 3 });
    await model.refresh();
    expect(course().modules[0].open.map(each => each.passed)).toEqual([5, 2]);
  });

  it('asks once for calls at the same time', async () => {
    await Promise.all([model.refresh(), model.refresh()]);
    expect(request).toHaveBeenCalledTimes(1);
    await model.refresh();
    expect(request).toHaveBeenCalledTimes(2);
  });

  it('is silent after dispose', async () => {
    const reply = new PromiseDelegate<unknown>();
    request.mockReturnValueOnce(reply.promise);
    const refreshed = model.refresh();
    model.dispose();
    reply.resolve(progressReply());
    await refreshed;
    expect(changed).not.toHaveBeenCalled();
    expect(model.state).toEqual({ kind: 'loading' });
  });
});
