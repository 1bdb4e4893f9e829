import { PageConfig } from '@jupyterlab/coreutils';
import { StateDB } from '@jupyterlab/statedb';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { progressReply } from '../testing/course';
import { FakePreferences } from '../testing/notebook';
import { CommandIDs, NO_ARGUMENTS } from '../tokens';
import { openTheFirstTime } from './firsttime';

describe('openTheFirstTime', () => {
  let open: jest.Mock;
  let request: jest.Mock<Promise<unknown>>;
  let preferences: FakePreferences;
  let states: StateDB;
  let widgets: Widget[];

  const start = () => {
    const commands = new CommandRegistry();
    commands.addCommand(CommandIDs.openStart, {
      execute: open,
      describedBy: NO_ARGUMENTS
    });
    return openTheFirstTime({
      app: { restored: Promise.resolve(), commands } as never,
      shell: { widgets: () => widgets[Symbol.iterator]() },
      states,
      preferences,
      request
    });
  };
  const widget = (id: string) => {
    const made = new Widget();
    made.id = id;
    return made;
  };

  beforeEach(() => {
    open = jest.fn();
    request = jest.fn(() => Promise.resolve(progressReply()));
    preferences = new FakePreferences();
    states = new StateDB();
    widgets = [];
  });

  afterEach(() => {
    widgets.forEach(each => each.dispose());
  });

  it('opens the page the first time, and never again', async () => {
    await start();
    expect(open).toHaveBeenCalledTimes(1);
    await start();
    expect(open).toHaveBeenCalledTimes(1);
    expect(request).toHaveBeenCalledTimes(1);
  });

  it('opens it beside the launcher', async () => {
    widgets = [widget('launcher-0')];
    await start();
    expect(open).toHaveBeenCalledTimes(1);
  });

  it('stays away where something is open, and comes when nothing is', async () => {
    widgets = [widget('notebook')];
    await start();
    expect(open).not.toHaveBeenCalled();
    expect(request).not.toHaveBeenCalled();
    widgets.pop()?.dispose();
    await start();
    expect(open).toHaveBeenCalledTimes(1);
  });

  it('stays away where the address names a file', async () => {
    const option = jest.spyOn(PageConfig, 'getOption');
    option.mockReturnValue('01_tensors/06_broadcasting.ipynb');
    await start();
    expect(open).not.toHaveBeenCalled();
    option.mockRestore();
  });

  it('stays away when something was opened while it asked', async () => {
    request.mockImplementationOnce(async () => {
      widgets.push(widget('notebook'));
      return progressReply();
    });
    await start();
    expect(open).not.toHaveBeenCalled();
  });

  it('stays away where there is no course', async () => {
    request.mockResolvedValueOnce({ course: null, lessons: [] });
    await start();
    expect(open).not.toHaveBeenCalled();
  });

  it('stays away when the user said so', async () => {
    preferences.openStartPage = false;
    await start();
    expect(request).not.toHaveBeenCalled();
    expect(open).not.toHaveBeenCalled();
  });

  it('only warns when the server has no route for it', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    request.mockRejectedValueOnce(new Error('404'));
    await start();
    expect(open).not.toHaveBeenCalled();
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});
