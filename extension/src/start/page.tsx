import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { professorIcon } from '../icons';
import { nextLesson, openLessons, total, type ICourse } from './course';
import { Count, type IOpener } from './lesson';
import { OpenModule, PlannedModule } from './module';

/** The whole course on one page: where to go on, what is open, what is planned. */
export function CoursePage(props: {
  course: ICourse;
  opener: IOpener;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { course, opener, trans } = props;
  const open = course.modules.filter(each => each.open.length > 0);
  const planned = course.modules.filter(each => each.open.length === 0);
  return (
    <>
      <Head course={course} opener={opener} trans={trans} />
      {open.map(module => (
        <OpenModule
          key={module.slug}
          module={module}
          opener={opener}
          trans={trans}
        />
      ))}
      {planned.length > 0 && (
        <section className="jp-Torchenstein-startPlanned">
          <h2>{trans.__('Planned')}</h2>
          <ul>
            {planned.map(module => (
              <PlannedModule key={module.slug} module={module} trans={trans} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Head(props: {
  course: ICourse;
  opener: IOpener;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { course, opener, trans } = props;
  const lessons = openLessons(course);
  return (
    <header className="jp-Torchenstein-startHead">
      <professorIcon.react
        tag="span"
        className="jp-Torchenstein-startPortrait torchenstein-voice"
        aria-hidden={true}
      />
      <div>
        <h1>{course.title}</h1>
        <p className="jp-Torchenstein-startTotal">
          {trans._n('%1 lesson open', '%1 lessons open', lessons.length)}
          <Count count={total(lessons)} trans={trans} />
        </p>
        <GoOn course={course} opener={opener} trans={trans} />
      </div>
    </header>
  );
}

/** The one button: the lesson that comes next. */
function GoOn(props: {
  course: ICourse;
  opener: IOpener;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { course, opener, trans } = props;
  const next = nextLesson(course);
  if (!next) {
    return openLessons(course).length > 0 ? (
      <p>{trans.__('Every lesson that is open is done.')}</p>
    ) : (
      <p>{trans.__('No lesson is here yet.')}</p>
    );
  }
  const { lesson, begun } = next;
  return (
    <>
      <button
        className="jp-Torchenstein-button jp-Torchenstein-startButton"
        onClick={() => opener.open(lesson.path ?? '')}
      >
        {begun
          ? trans.__('Continue: %1', lesson.title)
          : trans.__('Begin: %1', lesson.title)}
      </button>
      {lesson.objective && <p>{lesson.objective}</p>}
    </>
  );
}
