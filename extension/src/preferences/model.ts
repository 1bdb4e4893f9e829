import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal, type ISignal } from '@lumino/signaling';

import type { CautionKind } from '../protocol';
import type { IPreferences, Voice } from '../tokens';

/** One switch for each of several things. */
type Switches = Record<string, boolean>;

type Value = string | boolean | Switches;

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

  get warnings(): boolean {
    return this._read('warnings', true);
  }

  get warningsOff(): readonly CautionKind[] {
    return Object.entries(this._read('warnOf', {}))
      .filter(([, value]) => value === false)
      .map(([kind]) => kind as CautionKind);
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

  setWarnings(value: boolean): Promise<void> {
    return this._write('warnings', value);
  }

  setWarningsOf(kind: CautionKind, value: boolean): Promise<void> {
    const chosen = this._read<Switches>('warnOf', {});
    return this._write('warnOf', { ...chosen, [kind]: value });
  }

  private _read<T extends Value>(key: string, fallback: T): T {
    const value = this._settings
      ? this._settings.get(key).composite
      : this._unstored[key];
    return typeof value === typeof fallback ? (value as T) : fallback;
  }

  private async _write(key: string, value: Value): Promise<void> {
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
  private _unstored: Record<string, Value> = {};
  private _changed = new Signal<IPreferences, void>(this);
}
