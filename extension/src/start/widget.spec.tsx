import { nullTranslator } from '@jupyterlab/translation';
import { framePromise } from '@jupyterlab/testing';
import { Widget } from '@lumino/widgets';

import { progressReply } from '../testing/course';
import { StartModel } from './model';
import { StartWidget } from './widget';

describe('StartWidget', () => {
  let request: jest.Mock<Promise<unknown>>;
  let open: jest.Mock;
  let widget: StartWidget;

  /** Attaches the widget, and waits until it shows what the server said. */
  const show = async () => {
    const model = new StartModel({ request, live: () => new Map() });
    const opener = { open, urlOf: (path: string) => `/lab/tree/${path}` };
    widget = new StartWidget(model, opener, nullTranslator);
    Widget.attach(widget, document.body);
    await model.refresh();
    await framePromise();
    await framePromise();
  };
  const texts = (selector: string) =>
    [...widget.node.querySelectorAll(selector)].map(node => node.textContent);
  const click = (selector: string, init: MouseEventInit = {}) => {
    const event = new MouseEvent('click', {
      bubbles: true,
      cancelable: true,
      ...init
    });
    widget.node.querySelector(selector)?.dispatchEvent(event);
    return event;
  };

  beforeEach(() => {
    request = jest.fn(() => Promise.resolve(progressReply()));
    open = jest.fn();
  });

  afterEach(() => {
    widget.dispose();
  });

  it('links the lessons that are there, and names the others', async () => {
    await show();
    const links = [...widget.node.querySelectorAll('a')];
    expect(links.map(link => link.getAttribute('href'))).toEqual([
      '/lab/tree/01_tensors/01_first.ipynb',
      '/lab/tree/01_tensors/02_second.ipynb'
    ]);
    expect(texts('.jp-Torchenstein-startTitles li')).toEqual([
      'Third',
      'Linear'
    ]);
  });

  it('tells the progress in words', async () => {
    const reply = progressReply();
    reply.lessons[1].passed = 3;
    reply.lessons[1].attempted = 4;
    request.mockResolvedValue(reply);
    await show();
    expect(texts('.jp-Torchenstein-startLesson [data-done]')).toEqual([
      '✓ all 5 exercises'
    ]);
    expect(texts('.jp-Torchenstein-startCount')).toEqual([
      '8 of 10 exercises',
      '✓ all 5 exercises',
      '3 of 5 exercises'
    ]);
  });

  it('opens a lesson in the lab', async () => {
    await show();
    const event = click('a');
    expect(event.defaultPrevented).toBe(true);
    expect(open).toHaveBeenCalledWith('01_tensors/01_first.ipynb');
  });

  it('leaves a click with a modifier to the browser', async () => {
    await show();
    // jsdom cannot follow links: the test stops the event after us.
    document.body.addEventListener('click', stop => stop.preventDefault(), {
      once: true
    });
    click('a', { ctrlKey: true });
    expect(open).not.toHaveBeenCalled();
  });

  it('has one button, and it goes on where the learner is', async () => {
    await show();
    expect(texts('button')).toEqual(['Continue: Second']);
    click('button');
    expect(open).toHaveBeenCalledWith('01_tensors/02_second.ipynb');
  });

  it('says begin to whoever has not begun', async () => {
    const reply = progressReply();
    reply.lessons[0].passed = reply.lessons[0].attempted = 0;
    request.mockResolvedValue(reply);
    await show();
    expect(texts('button')).toEqual(['Begin: First']);
  });

  it('has no button when everything is done', async () => {
    const reply = progressReply();
    reply.lessons.pop();
    request.mockResolvedValue(reply);
    await show();
    expect(texts('button')).toEqual([]);
    expect(widget.node.textContent).toContain('Every lesson that is open');
  });

  it('says what is wrong where there is nothing to show', async () => {
    request.mockResolvedValue({ course: null, lessons: [] });
    await show();
    expect(texts('[role=status]')[0]).toContain('no course in this folder');
    widget.dispose();
    request.mockRejectedValue(new Error('404 Not Found'));
    await show();
    expect(texts('[role=alert]')[0]).toContain('404 Not Found');
  });

  it('reads the course anew whenever it is shown, and not while hidden', async () => {
    await show();
    const before = request.mock.calls.length;
    widget.hide();
    widget.refresh();
    expect(request).toHaveBeenCalledTimes(before);
    widget.show();
    expect(request).toHaveBeenCalledTimes(before + 1);
  });
});
