import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IModule } from './course';
import { LessonRow, type IOpener } from './lesson';

/** A module with lessons to open; what is planned of it is one quiet line. */
export function OpenModule(props: {
  module: IModule;
  opener: IOpener;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { module, opener, trans } = props;
  return (
    <section className="jp-Torchenstein-startModule">
      <h2>
        <span className="jp-Torchenstein-startNumber">{module.number}</span>{' '}
        {module.title}
      </h2>
      {module.summary && <p>{module.summary}</p>}
      <ul>
        {module.open.map(lesson => (
          <LessonRow
            key={lesson.slug}
            lesson={lesson}
            opener={opener}
            trans={trans}
          />
        ))}
      </ul>
      {module.planned.length > 0 && (
        <details>
          <summary>
            {trans._n(
              '%1 more lesson planned',
              '%1 more lessons planned',
              module.planned.length
            )}
          </summary>
          <Titles module={module} />
        </details>
      )}
    </section>
  );
}

/** A module of which nothing is there yet: a line that unfolds. */
export function PlannedModule(props: {
  module: IModule;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { module, trans } = props;
  return (
    <li>
      <details>
        <summary>
          <span className="jp-Torchenstein-startNumber">{module.number}</span>{' '}
          {module.title}
          <span className="jp-Torchenstein-startMinutes">
            {trans._n('%1 lesson', '%1 lessons', module.planned.length)}
          </span>
        </summary>
        {module.summary && <p>{module.summary}</p>}
        <Titles module={module} />
      </details>
    </li>
  );
}

function Titles(props: { module: IModule }): React.JSX.Element {
  return (
    <ul className="jp-Torchenstein-startTitles">
      {props.module.planned.map(lesson => (
        <li key={lesson.slug}>{lesson.title}</li>
      ))}
    </ul>
  );
}
