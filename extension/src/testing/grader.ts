import { PromiseDelegate } from '@lumino/coreutils';

import { reportOutput } from './reports';
import { REPORT_MIME_TYPE } from '../hints/report';

/** A server that grades when it is told to. */
export class FakeGrader {
  readonly paths: string[] = [];
  signal: AbortSignal | null = null;

  readonly request = (
    path: string,
    signal: AbortSignal
  ): AsyncIterable<unknown> => {
    this.paths.push(path);
    this.signal = signal;
    this._ended = new PromiseDelegate<unknown>();
    return this._events();
  };

  /** Sends events of a run, and waits until they have arrived. */
  async tell(...events: object[]): Promise<void> {
    for (const event of events) {
      const waiting = this._next;
      this._next = new PromiseDelegate<unknown>();
      waiting.resolve(event);
      await arrive();
    }
  }

  /** Closes the connection, with an error or in order. */
  async hangUp(error?: Error): Promise<void> {
    if (error) {
      this._ended.reject(error);
    } else {
      this._ended.resolve(END);
    }
    await arrive();
  }

  private async *_events(): AsyncIterable<unknown> {
    for (;;) {
      const event = await Promise.race([
        this._next.promise,
        this._ended.promise
      ]);
      if (event === END) {
        return;
      }
      yield event;
    }
  }

  private _next = new PromiseDelegate<unknown>();
  private _ended = new PromiseDelegate<unknown>();
}

const END = Symbol('the end');

/** Lets everything happen that is ready to. */
export async function arrive(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
}

/** The first event of a run of two exercises. */
export function startEvent(hidden = true): object {
  return {
    event: 'start',
    lesson: 'lesson',
    hidden,
    exercises: [
      {
        grade_id: 'test_softmax',
        exercise: 'softmax',
        title: 'The softmax',
        points: 3,
        cell_id: 'cell-1'
      },
      {
        grade_id: 'test_double',
        exercise: 'double',
        title: 'Twice as much',
        points: 2,
        cell_id: null
      }
    ]
  };
}

/** What the test of one exercise came to. */
export function testEvent(
  name: string,
  status: string,
  score: number | null
): object {
  return {
    event: 'test',
    grade_id: `test_${name}`,
    cell_id: null,
    status,
    score,
    report: reportOutput({ status, points: score }).data?.[REPORT_MIME_TYPE],
    ended: ''
  };
}

export function endEvent(points: number | null): object {
  return { event: 'end', points, max_points: 5, problems: [] };
}
