import type { INotebookTracker } from '@jupyterlab/notebook';

import { findExercises } from '../hints/exercise';
import { readProgress, type ICell } from '../hints/metadata';
import type { ICount } from './course';

/** Counts the exercises in the cells of an open notebook, as the server does in a stored one. */
export function countExercises(cells: readonly ICell[]): ICount {
  const exercises = new Map(
    findExercises(cells)
      .reverse()
      .map(each => [each.id, readProgress(cells[each.answer])])
  );
  const progress = [...exercises.values()];
  return {
    exercises: progress.length,
    passed: progress.filter(each => each.passed).length,
    attempted: progress.filter(
      each => each.attempted || each.failed || each.passed
    ).length
  };
}

/** The counts of the open notebooks by path: they know what is not saved yet. */
export function countOpen(
  tracker: INotebookTracker | null
): Map<string, ICount> {
  const counts = new Map<string, ICount>();
  tracker?.forEach(panel => {
    const cells = panel.content.model?.cells;
    if (cells && panel.context.isReady) {
      counts.set(panel.context.localPath, countExercises([...cells]));
    }
  });
  return counts;
}
