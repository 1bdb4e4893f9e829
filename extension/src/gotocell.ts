import type { Notebook } from '@jupyterlab/notebook';

/** Makes a cell the active one, brings it into view, and gives the notebook the focus. */
export async function goToCell(
  notebook: Notebook,
  index: number
): Promise<void> {
  notebook.activeCellIndex = index;
  notebook.deselectAll();
  notebook.activate();
  await notebook.scrollToItem(index, 'smart');
}
