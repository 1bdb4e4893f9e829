import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { isBegun, isDone, type ICount, type ILesson } from './course';

/** Opens a notebook; `urlOf` is where it is found without us, say for a new browser tab. */
export interface IOpener {
  open(path: string): void;
  urlOf(path: string): string;
}

/** A lesson that can be opened: its title is the link, the progress stands at the end of the row. */
export function LessonRow(props: {
  lesson: ILesson;
  opener: IOpener;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { lesson, opener, trans } = props;
  const path = lesson.path ?? '';
  const open = (event: React.MouseEvent): void => {
    // With a modifier the browser opens a tab of its own.
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      opener.open(path);
    }
  };
  return (
    <li className="jp-Torchenstein-startLesson">
      <div className="jp-Torchenstein-startLessonText">
        <a href={opener.urlOf(path)} onClick={open}>
          {lesson.title}
        </a>
        {lesson.objective && <p>{lesson.objective}</p>}
      </div>
      <div className="jp-Torchenstein-startLessonState">
        <Count count={lesson} trans={trans} />
        {lesson.minutes !== null && (
          <span className="jp-Torchenstein-startMinutes">
            {trans.__('%1 min', lesson.minutes)}
          </span>
        )}
      </div>
    </li>
  );
}

/** `3 of 5 exercises`, with a thin bar that says nothing more. */
export function Count(props: {
  count: ICount;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { count, trans } = props;
  if (count.exercises === 0) {
    return null;
  }
  return (
    <span
      className="jp-Torchenstein-startCount"
      data-done={isDone(count) || undefined}
    >
      <span>{describe(count, trans)}</span>
      {isBegun(count) && <Bar share={count.passed / count.exercises} />}
    </span>
  );
}

function describe(count: ICount, trans: TranslationBundle): string {
  const { exercises, passed } = count;
  if (isDone(count)) {
    return trans._n('✓ %1 exercise passed', '✓ all %1 exercises', exercises);
  }
  return isBegun(count)
    ? trans._n('%2 of %1 exercise', '%2 of %1 exercises', exercises, passed)
    : trans._n('%1 exercise', '%1 exercises', exercises);
}

function Bar(props: { share: number }): React.JSX.Element {
  return (
    <span className="jp-Torchenstein-startBar" aria-hidden={true}>
      <span style={{ width: `${100 * props.share}%` }} />
    </span>
  );
}
