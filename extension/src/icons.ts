import { LabIcon } from '@jupyterlab/ui-components';

import lockSvg from '../style/icons/lock.svg';
import professorSvg from '../style/icons/professor.svg';
import torchensteinSvg from '../style/icons/torchenstein.svg';

/** The one-colour mark for tabs, menus and the launcher: hair, goggles, moustache. */
export const torchensteinIcon = new LabIcon({
  name: 'torchenstein:mark',
  svgstr: torchensteinSvg
});

/** The portrait that stands beside the Professor's lines. */
export const professorIcon = new LabIcon({
  name: 'torchenstein:professor',
  svgstr: professorSvg
});

export const lockIcon = new LabIcon({
  name: 'torchenstein:lock',
  svgstr: lockSvg
});
