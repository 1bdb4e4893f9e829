import * as React from 'react';

import type { ISaying } from '../hints/voice';
import { professorIcon } from '../icons';

/** One line of the Professor beside his portrait; nothing where he has nothing to say. */
export function Saying(props: {
  saying: ISaying | null;
}): React.JSX.Element | null {
  const { saying } = props;
  if (!saying) {
    return null;
  }
  return (
    <figure className="jp-Torchenstein-saying torchenstein-voice">
      <professorIcon.react
        tag="span"
        className="jp-Torchenstein-portrait"
        aria-hidden={true}
      />
      <blockquote>
        <span className="jp-Torchenstein-hidden">{saying.name}: </span>
        {saying.line}
      </blockquote>
    </figure>
  );
}
