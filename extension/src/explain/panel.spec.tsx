import { Clipboard } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { flushSync } from 'react-dom';
import { createRoot, type Root } from 'react-dom/client';

import type { Clash, Explanation } from '../protocol';
import { explanation } from '../testing/lines';
import { Explained } from './panel';
import type { ISpot } from './where';

const trans = nullTranslator.load('torchenstein');

function clash(
  rule: Clash['rule'],
  ...dimensions: [number, number][]
): Explanation['clash'] {
  return {
    rule,
    sentence: 'They differ.',
    dimensions: dimensions.map(([operand, axis]) => ({ operand, axis }))
  };
}

describe('the explanation', () => {
  let host: HTMLElement;
  let root: Root;

  function show(patch: Partial<Explanation> = {}, spot: ISpot | null = null) {
    const goTo = jest.fn();
    flushSync(() => {
      root.render(
        <Explained
          explanation={explanation(patch)}
          spot={spot}
          goTo={goTo}
          trans={trans}
        />
      );
    });
    return goTo;
  }

  const text = (selector: string) =>
    Array.from(host.querySelectorAll(selector)).map(node => node.textContent);

  beforeEach(() => {
    host = document.createElement('div');
    document.body.append(host);
    root = createRoot(host);
  });

  afterEach(() => {
    root.unmount();
    host.remove();
  });

  it('begins with the plain sentence', () => {
    show();
    expect(host.textContent?.startsWith('The inner sizes differ.')).toBe(true);
    expect(text('mark')).toEqual(['q @ k']);
    expect(host.textContent).toContain('cell 1, line 1');
    expect(host.textContent).toContain('columns 10 to 14');
  });

  it('marks the failing part of the line, and goes there', () => {
    const source = '    scores = q @ k / 2';
    const spot = {
      cell: { sharedModel: { getSource: () => source } },
      line: 0,
      column: 13,
      endLine: 0,
      endColumn: 18
    } as unknown as ISpot;
    const goTo = show({}, spot);
    expect(text('pre')[0]).toBe('scores = q @ k / 2');
    expect(text('mark')).toEqual(['q @ k']);
    host.querySelector('button')?.click();
    expect(goTo).toHaveBeenCalledWith(spot);
  });

  it('draws the two edges of a product that do not fit, and says so', () => {
    show();
    const drawing = host.querySelector('svg');
    expect(drawing?.getAttribute('role')).toBe('img');
    expect(drawing?.getAttribute('aria-label')).toBe(
      'q: B 2 × T 5 × D 8; k: B 2 × T 5 × D 8; D=8 must equal T=5.'
    );
    expect(text('.jp-Torchenstein-meeting')).toEqual(['D 8 meets T 5']);
    expect(host.querySelectorAll('.jp-Torchenstein-edge')).toHaveLength(2);
    expect(text('svg [data-clash="true"]')).toEqual(['D 8', 'T 5']);
  });

  it('draws a product with a vector', () => {
    const [q, k] = explanation().operands;
    show({
      operands: [q, { ...k, shape: [5], names: null }],
      clash: clash('inner', [0, 2], [1, 0])
    });
    expect(text('.jp-Torchenstein-meeting')).toEqual(['D 8 meets 5']);
  });

  it('draws the ladder of broadcasting from the right', () => {
    const [q, k] = explanation().operands;
    show({
      operands: [
        { ...q, shape: [4, 1, 3], names: null },
        { ...k, shape: [6, 4], names: null }
      ],
      clash: clash('broadcast', [0, 2], [1, 1])
    });
    expect(text('svg [data-clash="true"]')).toEqual(['3', '4']);
    const stretched = host.querySelectorAll('[data-ghost="true"]');
    expect(
      Array.from(stretched).map(box => box.parentElement?.textContent)
    ).toEqual(['1 → 6', '∅ → 4']);
  });

  it('draws everything else from the left, and only what has a shape', () => {
    const [q, k] = explanation().operands;
    show({
      operands: [
        q,
        { ...k, shape: [2, 5], names: null },
        { ...k, shape: null }
      ],
      clash: clash('rank', [1, 0], [1, 1])
    });
    expect(text('svg .jp-Torchenstein-size')).toEqual([
      'B 2',
      'T 5',
      'D 8',
      '2',
      '5'
    ]);
  });

  it('draws nothing where nothing clashes', () => {
    show({ clash: null });
    expect(host.querySelector('svg')).toBeNull();
    show({ clash: clash('equal') });
    expect(host.querySelector('svg')).toBeNull();
  });

  it('tells dtype and device only where they matter', () => {
    const [q, k] = explanation().operands;
    show();
    expect(host.textContent).not.toContain('f32');
    show({ operands: [q, { ...k, dtype: 'int64' }] });
    expect(text('td.jp-Torchenstein-mono')).toEqual(['f32', 'i64']);
    show({ operands: [q, { ...k, device: 'cuda:0' }] });
    expect(text('td.jp-Torchenstein-mono')).toEqual(['cpu', 'cuda:0']);
  });

  it('copies what would fit, and says that it did', () => {
    const copy = jest
      .spyOn(Clipboard, 'copyToSystem')
      .mockImplementation(() => undefined);
    show();
    const button = host.querySelector<HTMLButtonElement>(
      '.jp-Torchenstein-fix button'
    );
    expect(button?.getAttribute('aria-label')).toBe('Copy q @ k.mT');
    flushSync(() => button?.click());
    expect(copy).toHaveBeenCalledWith('q @ k.mT');
    expect(button?.textContent).toBe('Copied');
    copy.mockRestore();
  });

  it('does without fixes', () => {
    show({ fixes: [] });
    expect(host.textContent).not.toContain('would fit');
  });
});
