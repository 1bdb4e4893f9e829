import type { Notebook } from '@jupyterlab/notebook';

import { goToCell } from '../gotocell';
import type { ISpot } from './where';

/** Goes to the cell of a spot and selects what stands there. */
export async function goToSpot(notebook: Notebook, spot: ISpot): Promise<void> {
  const index = notebook.widgets.findIndex(cell => cell.model === spot.cell);
  if (index < 0) {
    return;
  }
  await goToCell(notebook, index);
  const cell = notebook.widgets[index];
  await cell.ready;
  notebook.mode = 'edit';
  const start = { line: spot.line, column: spot.column };
  const end = { line: spot.endLine, column: spot.endColumn };
  cell.editor?.focus();
  cell.editor?.setSelection({ start, end });
  cell.editor?.revealPosition(start);
}
