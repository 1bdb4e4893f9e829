import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { perNotebook } from '../pernotebook';
import {
  CATEGORY,
  CommandIDs,
  IExplanations,
  IPreferences,
  IShapeNames,
  NO_ARGUMENTS
} from '../tokens';
import { ChipBoard } from './board';
import { LinesModel } from './model';
import { ShapeNames } from './shapenames';

export const linesPlugin: JupyterFrontEndPlugin<IShapeNames> = {
  id: 'torchenstein:lines',
  description: 'The shapes that the lines of a cell made, in its editor.',
  autoStart: true,
  provides: IShapeNames,
  requires: [INotebookTracker, IEditorExtensionRegistry, IPreferences],
  optional: [IExplanations, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    registry: IEditorExtensionRegistry,
    preferences: IPreferences,
    explanations: IExplanations | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): IShapeNames => {
    const trans = (translator ?? nullTranslator).load('torchenstein');
    const board = new ChipBoard(trans, () => {
      void app.commands.execute(CommandIDs.showExplanation);
    });
    registry.addExtension(board.factory);

    const of = perNotebook((panel, inspector) => {
      const model = new LinesModel({
        notebook: panel.content,
        inspector,
        board,
        explained: explanations?.of(panel) ?? null,
        trans
      });
      model.changed.connect(names.tell, names);
      model.isOn = preferences.shapesInEditor;
      return model;
    });
    const names = new ShapeNames(of);
    tracker.widgetAdded.connect((_, panel) => void of(panel));
    tracker.forEach(of);

    preferences.changed.connect(() => {
      tracker.forEach(panel => {
        of(panel).isOn = preferences.shapesInEditor;
      });
      app.commands.notifyCommandChanged(CommandIDs.toggleShapes);
    });
    app.commands.addCommand(CommandIDs.toggleShapes, {
      describedBy: NO_ARGUMENTS,
      label: trans.__('Show shapes in the editor'),
      caption: trans.__('After a run, each line says which shapes it made'),
      isToggled: () => preferences.shapesInEditor,
      execute: () => preferences.setShapesInEditor(!preferences.shapesInEditor)
    });
    palette?.addItem({ command: CommandIDs.toggleShapes, category: CATEGORY });
    return names;
  }
};
