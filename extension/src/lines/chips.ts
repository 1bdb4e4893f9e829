import type { TranslationBundle } from '@jupyterlab/translation';

import type { LineShape } from '../protocol';
import { describeShape, shortDtype } from '../tensors/format';
import { sizesOf, type ISize } from '../tensors/sizes';

/** One tensor on a chip. */
export interface IFace {
  readonly name: string | null;
  readonly sizes: readonly ISize[];
  /** What is not the usual: dtype, device, several shapes. */
  readonly notes: readonly string[];
}

/** What stands at the end of a line. */
export interface IChip {
  /** From 0, in the source as it was run. */
  readonly line: number;
  readonly kind: 'shape' | 'failure' | 'warning';
  readonly faces: readonly IFace[];
  /** For eyes, where there are no faces or more than are shown. */
  readonly text: string;
  /** For screen readers. */
  readonly label: string;
  /** For the mouse. */
  readonly title: string;
}

/** A cell as it was run, and the chips of its lines. */
export interface ISheet {
  readonly source: string;
  readonly chips: readonly IChip[];
}

/** More tensors than these on one line are only counted. */
const MOST_FACES = 3;

/** One chip for every line that made or changed a tensor, from the first line to the last. */
export function shapeChips(
  shapes: readonly LineShape[],
  trans: TranslationBundle
): IChip[] {
  const lines = new Map<number, LineShape[]>();
  for (const shape of shapes) {
    const line = lines.get(shape.line) ?? [];
    line.push(shape);
    lines.set(shape.line, line);
  }
  return Array.from(lines)
    .sort(([one], [other]) => one - other)
    .map(([line, tensors]) => shapeChip(line, tensors, trans));
}

/** The chip of the line that failed. */
export function failureChip(
  line: number,
  summary: string,
  trans: TranslationBundle
): IChip {
  const text = trans.__('fails here');
  return {
    line,
    kind: 'failure',
    faces: [],
    text,
    label: `${text}: ${summary}`,
    title: summary
  };
}

/** One chip a line: where two want the same one, the later of the list has it. */
export function onePerLine(chips: readonly IChip[]): IChip[] {
  const lines = new Map(chips.map(chip => [chip.line, chip]));
  return Array.from(lines.values()).sort((one, other) => one.line - other.line);
}

function shapeChip(
  line: number,
  tensors: readonly LineShape[],
  trans: TranslationBundle
): IChip {
  const omitted = tensors.length - MOST_FACES;
  const label = tensors.map(tensor => describe(tensor, trans)).join('; ');
  return {
    line,
    kind: 'shape',
    faces: tensors.slice(0, MOST_FACES).map(tensor => faceOf(tensor, trans)),
    text: omitted > 0 ? trans.__('+%1', omitted) : '',
    label,
    title: tensors.map(tensor => describe(tensor, trans, true)).join('\n')
  };
}

function faceOf(tensor: LineShape, trans: TranslationBundle): IFace {
  const sizes =
    tensor.shape?.length === 0
      ? [{ text: trans.__('scalar'), hue: -1 }]
      : sizesOf(tensor.shape ?? [null], tensor.dims);
  return { name: tensor.name, sizes, notes: notesOf(tensor, trans) };
}

function notesOf(tensor: LineShape, trans: TranslationBundle): string[] {
  const notes: string[] = [];
  if (tensor.dtype !== null && tensor.dtype !== 'float32') {
    notes.push(shortDtype(tensor.dtype));
  }
  if (tensor.device !== null && tensor.device !== 'cpu') {
    notes.push(tensor.device);
  }
  if (tensor.seen > 1) {
    notes.push(trans._n('%1 shape', '%1 shapes', tensor.seen));
  }
  return notes;
}

function describe(
  tensor: LineShape,
  trans: TranslationBundle,
  everything = false
): string {
  const shape = describeShape(tensor.shape, tensor.dims);
  const facts = [tensor.name === null ? shape : `${tensor.name}: ${shape}`];
  if (everything) {
    facts.push(...[tensor.dtype, tensor.device].filter(isText));
    if (tensor.seen > 1) {
      facts.push(
        trans.__('the last of %1 different shapes on this line', tensor.seen)
      );
    }
  } else {
    facts.push(...notesOf(tensor, trans));
  }
  return facts.join(', ');
}

function isText(value: string | null): value is string {
  return value !== null;
}
