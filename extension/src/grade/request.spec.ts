import { ServerConnection } from '@jupyterlab/services';

import { readLines, requestFrom } from './request';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A body that arrives in these pieces. */
const body = (...pieces: Uint8Array[]) =>
  ({
    getReader: () => ({
      read: () =>
        Promise.resolve(
          pieces.length > 0
            ? { done: false, value: pieces.shift() }
            : { done: true, value: undefined }
        )
    })
  }) as never;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) {
    found.push(item);
  }
  return found;
}

describe('readLines', () => {
  it('joins what was cut, in the middle of a letter too', async () => {
    const whole = bytes('{"a": "é"}\n{"b": 1}\n');
    const pieces = [...whole].map(byte => Uint8Array.of(byte));
    expect(await all(readLines(body(...pieces)))).toEqual([
      '{"a": "é"}',
      '{"b": 1}',
      ''
    ]);
  });

  it('takes a last line without its end', async () => {
    expect(await all(readLines(body(bytes('a\nb'))))).toEqual(['a', 'b']);
  });
});

describe('requestFrom', () => {
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost/base/'
  });
  const signal = new AbortController().signal;
  let request: jest.SpyInstance;

  beforeEach(() => {
    request = jest.spyOn(ServerConnection, 'makeRequest');
  });

  afterEach(() => {
    request.mockRestore();
  });

  it('asks the server, and leaves out empty lines', async () => {
    const text = bytes('{"event": "start"}\n\n{"event": "end"}\n');
    request.mockResolvedValue({ ok: true, body: body(text) });
    expect(await all(requestFrom(settings)('a b.ipynb', signal))).toEqual([
      { event: 'start' },
      { event: 'end' }
    ]);
    expect(request).toHaveBeenCalledWith(
      'http://localhost/base/torchenstein/grade',
      { method: 'POST', body: '{"path":"a b.ipynb"}', signal },
      settings
    );
  });

  it('tells what the server says of a refusal', async () => {
    request.mockResolvedValue({
      ok: false,
      json: () => Promise.resolve({ message: 'This notebook is busy.' })
    });
    await expect(all(requestFrom(settings)('a.ipynb', signal))).rejects.toThrow(
      'This notebook is busy.'
    );
  });
});
