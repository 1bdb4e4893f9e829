import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IPreferences, Voice } from '../tokens';

/** Preferences kept in the setting registry; the defaults where there is none. */
export class Preferences implements IPreferences {
  constructor(settings: Promise<ISettingRegistry.ISettings> | null) {
    this.ready = settings ? this._follow(settings) : Promise.resolve();
  }

  readonly ready: Promise<void>;

  get voice(): Voice {
    return this._read('voice', 'professor');
  }

  get autoRefresh(): boolean {
    return this._read('autoRefresh', true);
  }

  get shapesInEditor(): boolean {
    return this._read('shapesInEditor', true);
  }

  get openStartPage(): boolean {
    return this._read('openStartPage', true);
  }

  get changed(): ISignal<IPreferences, void> {
    return this._changed;
  }

  setVoice(voice: Voice): Promise<void> {
    return this._write('voice', voice);
  }

  setShapesInEditor(value: boolean): Promise<void> {
    return this._write('shapesInEditor', value);
  }

  private _read<T extends string | boolean>(key: string, fallback: T): T {
    const value = this._settings
      ? this._settings.get(key).composite
      : this._unstored[key];
    return typeof value === typeof fallback ? (value as T) : fallback;
  }

  private async _write(key: string, value: string | boolean): Promise<void> {
    if (this._settings) {
      await this._settings.set(key, value);
      return;
    }
    this._unstored[key] = value;
    this._changed.emit();
  }

  private async _follow(
    loading: Promise<ISettingRegistry.ISettings>
  ): Promise<void> {
    this._settings = await loading;
    this._settings.changed.connect(() => this._changed.emit());
    this._changed.emit();
  }

  private _settings: ISettingRegistry.ISettings | null = null;
  /** What was chosen where nothing can be stored. */
  private _unstored: Record<string, string | boolean> = {};
  private _changed = new Signal<IPreferences, void>(this);
}
