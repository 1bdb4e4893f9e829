import { REPORT_MIME_TYPE, type IOutput } from '../hints/report';

/** The display output of a test cell, its report changed by `patch`. */
export function reportOutput(patch: Record<string, unknown> = {}): IOutput {
  const report = {
    version: 1,
    exercise: 'softmax',
    status: 'failed',
    points: 0,
    max_points: 3,
    mistake: null,
    summary: '1 of 2 checks failed',
    checks: [
      { title: 'a small example', status: 'passed', message: [] },
      {
        title: 'against the reference',
        status: 'failed',
        message: ['expected 0.5', 'got 1.0'],
        mistake: 'the softmax runs over the batch'
      }
    ],
    ...patch
  };
  return {
    output_type: 'display_data',
    metadata: {},
    data: { 'text/plain': 'a report', [REPORT_MIME_TYPE]: report }
  } as IOutput;
}
