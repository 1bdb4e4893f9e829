import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { CATEGORY, CommandIDs, NO_ARGUMENTS, IPreferences } from '../tokens';
import { Preferences } from './model';

const PLUGIN_ID = 'torchenstein:preferences';

/** The attribute of the body that the style sheet hides the Professor by. */
const VOICE_ATTRIBUTE = 'data-torchenstein-voice';

export const preferencesPlugin: JupyterFrontEndPlugin<IPreferences> = {
  id: PLUGIN_ID,
  description: 'The settings that the Torchenstein panels share.',
  autoStart: true,
  provides: IPreferences,
  optional: [ISettingRegistry, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): IPreferences => {
    const trans = (translator ?? nullTranslator).load('torchenstein');
    const preferences = new Preferences(registry?.load(PLUGIN_ID) ?? null);

    const show = () => {
      document.body.setAttribute(VOICE_ATTRIBUTE, preferences.voice);
      app.commands.notifyCommandChanged(CommandIDs.toggleVoice);
    };

    app.commands.addCommand(CommandIDs.toggleVoice, {
      describedBy: NO_ARGUMENTS,
      label: trans.__('Let the Professor speak'),
      caption: trans.__(
        'Switch between the Professor’s voice and the plain voice'
      ),
      isToggled: () => preferences.voice === 'professor',
      execute: () =>
        preferences.setVoice(
          preferences.voice === 'professor' ? 'plain' : 'professor'
        )
    });
    palette?.addItem({ command: CommandIDs.toggleVoice, category: CATEGORY });

    preferences.changed.connect(show);
    preferences.ready.catch(reason => {
      console.warn('Torchenstein uses its default settings:', reason);
    });
    show();
    return preferences;
  }
};
