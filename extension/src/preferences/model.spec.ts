import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';

import { Preferences } from './model';

class FakeSettings {
  constructor(public stored: Record<string, unknown> = {}) {}

  readonly changed = new Signal<this, void>(this);

  get(key: string): { composite: unknown } {
    return { composite: this.stored[key] };
  }

  async set(key: string, value: unknown): Promise<void> {
    this.stored[key] = value;
    this.changed.emit();
  }

  get loading(): Promise<ISettingRegistry.ISettings> {
    return Promise.resolve(this as unknown as ISettingRegistry.ISettings);
  }
}

describe('Preferences', () => {
  it('has the defaults where nothing can be stored', async () => {
    const preferences = new Preferences(null);
    await preferences.ready;
    expect(preferences.voice).toBe('professor');
    expect(preferences.autoRefresh).toBe(true);
    expect(preferences.openStartPage).toBe(true);
  });

  it('still switches the voice there, and tells', async () => {
    const preferences = new Preferences(null);
    const changed = jest.fn();
    preferences.changed.connect(changed);
    await preferences.setVoice('plain');
    expect(preferences.voice).toBe('plain');
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it('still hides and shows the shapes there', async () => {
    const preferences = new Preferences(null);
    expect(preferences.shapesInEditor).toBe(true);
    await preferences.setShapesInEditor(false);
    expect(preferences.shapesInEditor).toBe(false);
  });

  it('reads what is stored, and tells when it has', async () => {
    const settings = new FakeSettings({ voice: 'plain', autoRefresh: false });
    const preferences = new Preferences(settings.loading);
    const changed = jest.fn();
    preferences.changed.connect(changed);
    expect(preferences.voice).toBe('professor');
    await preferences.ready;
    expect(preferences.voice).toBe('plain');
    expect(preferences.autoRefresh).toBe(false);
    expect(preferences.openStartPage).toBe(true);
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it('stores the voice', async () => {
    const settings = new FakeSettings();
    const preferences = new Preferences(settings.loading);
    await preferences.ready;
    await preferences.setVoice('plain');
    expect(settings.stored).toEqual({ voice: 'plain' });
    expect(preferences.voice).toBe('plain');
  });

  it('stores whether the lines show their shapes', async () => {
    const settings = new FakeSettings();
    const preferences = new Preferences(settings.loading);
    await preferences.ready;
    await preferences.setShapesInEditor(false);
    expect(settings.stored).toEqual({ shapesInEditor: false });
    expect(preferences.shapesInEditor).toBe(false);
  });

  it('tells when a setting was changed elsewhere', async () => {
    const settings = new FakeSettings();
    const preferences = new Preferences(settings.loading);
    await preferences.ready;
    const changed = jest.fn();
    preferences.changed.connect(changed);
    await settings.set('autoRefresh', false);
    expect(changed).toHaveBeenCalledTimes(1);
    expect(preferences.autoRefresh).toBe(false);
  });

  it('falls back to the default for a value of the wrong kind', async () => {
    const settings = new FakeSettings({ autoRefresh: 'yes', voice: 3 });
    const preferences = new Preferences(settings.loading);
    await preferences.ready;
    expect(preferences.autoRefresh).toBe(true);
    expect(preferences.voice).toBe('professor');
  });

  it('keeps the defaults when the settings cannot be read', async () => {
    const preferences = new Preferences(Promise.reject(new Error('broken')));
    await expect(preferences.ready).rejects.toThrow('broken');
    expect(preferences.voice).toBe('professor');
  });
});
