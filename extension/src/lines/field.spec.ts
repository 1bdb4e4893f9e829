import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { nullTranslator } from '@jupyterlab/translation';

import { lineShape } from '../testing/lines';
import { ChipBoard } from './board';
import { failureChip, shapeChips, type ISheet } from './chips';

const trans = nullTranslator.load('torchenstein');
const SOURCE = 'q = zeros(2)\nk = ones(2)\nprint(k)';

function sheet(...lines: number[]): ISheet {
  const shapes = lines.map(line => lineShape({ line, name: `t${line}` }));
  return { source: SOURCE, chips: shapeChips(shapes, trans) };
}

describe('the chips of an editor', () => {
  const cell = {};
  let clicked: jest.Mock;
  let board: ChipBoard;
  let view: EditorView;

  function open(doc = SOURCE): EditorView {
    return new EditorView({
      parent: document.body,
      state: EditorState.create({ doc, extensions: board.extensionFor(cell) })
    });
  }

  /** Each chip as `line:name`, stale ones in parentheses. */
  function chips(): string[] {
    return Array.from(view.dom.querySelectorAll('.cm-line')).flatMap(
      (line, index) =>
        Array.from(
          line.querySelectorAll<HTMLElement>('.jp-Torchenstein-chip')
        ).map(chip => {
          const name = chip.querySelector('.jp-Torchenstein-chipName');
          const said = `${index}:${name?.textContent}`;
          return chip.dataset.stale === 'true' ? `(${said})` : said;
        })
    );
  }

  function type(at: number, insert: string, to = at): void {
    view.dispatch({ changes: { from: at, to, insert } });
  }

  beforeEach(() => {
    clicked = jest.fn();
    board = new ChipBoard(trans, clicked);
    view = open();
    board.put(cell, sheet(0, 1));
  });

  afterEach(() => {
    view.destroy();
    board.put(cell, null);
  });

  it('stand at the ends of their lines', () => {
    expect(chips()).toEqual(['0:t0', '1:t1']);
    const line = view.dom.querySelector('.cm-line');
    expect(line?.textContent).toMatch(/^q = zeros\(2\) t0/);
  });

  it('are not part of the text', () => {
    expect(view.state.doc.toString()).toBe(SOURCE);
  });

  it('have a text for screen readers, and are not in the tab order', () => {
    const chip = view.dom.querySelector('.jp-Torchenstein-chip');
    expect(
      chip?.querySelector('.jp-Torchenstein-hidden')?.textContent?.trim()
    ).toBe('t0: B 2 × T 5 × D 8');
    expect(
      chip
        ?.querySelector('.jp-Torchenstein-chipFace')
        ?.getAttribute('aria-hidden')
    ).toBe('true');
    expect(chip?.querySelectorAll('[tabindex], button, a')).toHaveLength(0);
  });

  it('move with the lines', () => {
    type(0, '# a comment\n');
    expect(chips()).toEqual(['1:t0', '2:t1']);
    type(0, '', '# a comment\n'.length);
    expect(chips()).toEqual(['0:t0', '1:t1']);
  });

  it('stay where a new line begins behind them', () => {
    type('q = zeros(2)'.length, '\n');
    expect(chips()).toEqual(['0:t0', '2:t1']);
  });

  it('go stale with their line, say so, and recover with it', () => {
    type(4, 'new_');
    expect(chips()).toEqual(['(0:t0)', '1:t1']);
    const chip = view.dom.querySelector<HTMLElement>('.jp-Torchenstein-chip');
    expect(chip?.title).toContain('the line has changed');
    type(4, '', 8);
    expect(chips()).toEqual(['0:t0', '1:t1']);
  });

  it('go away with their line', () => {
    type(0, '', 'q = zeros(2)\n'.length);
    expect(chips()).toEqual(['0:t1']);
    type(0, 'everything else', view.state.doc.length);
    expect(chips()).toEqual([]);
  });

  it('are one a line where two lines become one', () => {
    const end = 'q = zeros(2)'.length;
    type(end, '', end + 1);
    expect(chips()).toEqual(['(0:t0)']);
  });

  it('are put up for the text that was run, whatever was typed since', () => {
    type(0, 'import torch\n');
    type(view.state.doc.length, '\n# the end');
    board.put(cell, sheet(0, 1, 2));
    expect(chips()).toEqual(['1:t0', '2:t1', '3:t2']);
  });

  it('are not drawn again where nothing has changed', () => {
    const before = view.dom.querySelector('.jp-Torchenstein-chip');
    board.put(cell, sheet(0, 1));
    expect(view.dom.querySelector('.jp-Torchenstein-chip')).toBe(before);
  });

  it('are there again in an editor that was taken away and made again', () => {
    view.destroy();
    view = open(SOURCE.replace('ones', 'rand'));
    expect(chips()).toEqual(['0:t0', '(1:t1)']);
  });

  it('disappear when they are taken down', () => {
    board.put(cell, null);
    expect(chips()).toEqual([]);
  });

  it('lead from the failure to its explanation', () => {
    board.put(cell, {
      source: SOURCE,
      chips: [failureChip(1, 'It does not fit.', trans)]
    });
    view.dom
      .querySelector<HTMLElement>(
        '.jp-Torchenstein-chip .jp-Torchenstein-chipText'
      )
      ?.click();
    expect(clicked).toHaveBeenCalledTimes(1);
  });
});

describe('the extension', () => {
  it('is for the editors of cells, not of files', () => {
    const { factory } = new ChipBoard(trans).factory;
    const model = {} as never;
    expect(factory({ inline: true, model })).not.toBeNull();
    expect(factory({ inline: false, model })).toBeNull();
  });
});
