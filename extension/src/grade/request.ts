import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** Asks for the grades of a notebook; yields the events of the run as they come. */
export type RequestGrades = (
  path: string,
  signal: AbortSignal
) => AsyncIterable<unknown>;

/** Asks our server extension. The run ends there as soon as `signal` aborts the request. */
export function requestFrom(
  settings: ServerConnection.ISettings
): RequestGrades {
  return async function* (path, signal) {
    const url = URLExt.join(settings.baseUrl, 'torchenstein', 'grade');
    const init = { method: 'POST', body: JSON.stringify({ path }), signal };
    const response = await ServerConnection.makeRequest(url, init, settings);
    if (!response.ok || !response.body) {
      throw await ServerConnection.ResponseError.create(response);
    }
    for await (const line of readLines(response.body)) {
      if (line.trim() !== '') {
        yield JSON.parse(line);
      }
    }
  };
}

/** The lines of a text that arrives in pieces. */
export async function* readLines(
  body: Pick<ReadableStream<Uint8Array>, 'getReader'>
): AsyncIterable<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const lines = rest.split('\n');
    rest = done ? '' : (lines.pop() ?? '');
    yield* lines;
    if (done) {
      return;
    }
  }
}
