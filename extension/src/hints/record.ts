import { findExercises } from './exercise';
import { updateProgress, type ICell } from './metadata';
import { readVerdict, type IOutput } from './report';
import { isUntouched } from './unlock';

/**
 * Writes down what a run of the cell at `index` says about its exercise.
 *
 * An answer that was run without its placeholder is an attempt, and so is a check that came to a verdict.
 */
export function recordRun<T extends ICell>(
  cells: readonly T[],
  index: number,
  outputs: (cell: T) => readonly IOutput[]
): void {
  const exercise = findExercises(cells).find(
    each => each.answer === index || each.test === index
  );
  if (!exercise) {
    return;
  }
  const answer = cells[exercise.answer];
  if (exercise.answer === index) {
    if (!isUntouched(answer.sharedModel.getSource())) {
      updateProgress(answer, { attempted: true });
    }
    return;
  }
  const status = readVerdict(outputs(cells[index]))?.status;
  switch (status) {
    case 'passed':
      updateProgress(answer, { attempted: true, passed: true });
      break;
    case 'partial':
    case 'failed':
      updateProgress(answer, { attempted: true, failed: true, passed: false });
      break;
    default:
      break;
  }
}
