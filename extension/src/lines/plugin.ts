import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { KernelInspector } from '../kernel';
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

    const models = new Map<NotebookPanel, LinesModel>();
    const names = new ShapeNames(panel => models.get(panel) ?? null);
    const begin = (_: unknown, panel: NotebookPanel) => {
      const inspector = new KernelInspector();
      const model = new LinesModel({
        notebook: panel.content,
        inspector,
        board,
        explained: explanations?.of(panel) ?? null,
        trans
      });
      models.set(panel, model);
      model.changed.connect(names.tell, names);
      model.isOn = preferences.shapesInEditor;
      inspector.follow(panel.sessionContext);
      panel.disposed.connect(() => {
        models.delete(panel);
        model.dispose();
      });
    };
    tracker.widgetAdded.connect(begin);
    tracker.forEach(panel => begin(tracker, panel));

    preferences.changed.connect(() => {
      for (const model of models.values()) {
        model.isOn = preferences.shapesInEditor;
      }
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
