import { reportOutput } from '../testing/reports';
import { readVerdict, REPORT_MIME_TYPE } from './report';

describe('readVerdict', () => {
  it('shows the first check that failed, and the mistake that was recognised', () => {
    expect(readVerdict([reportOutput()])).toEqual({
      exercise: 'softmax',
      status: 'failed',
      points: 0,
      maxPoints: 3,
      summary: '1 of 2 checks failed',
      mistake: 'the softmax runs over the batch',
      failure: {
        title: 'against the reference',
        message: ['expected 0.5', 'got 1.0']
      }
    });
  });

  it('prefers the mistake of the whole report', () => {
    const verdict = readVerdict([reportOutput({ mistake: 'the whole' })]);
    expect(verdict?.mistake).toBe('the whole');
  });

  it('reads a report without points: the hidden tests are not there', () => {
    const output = reportOutput({
      status: 'passed',
      points: null,
      max_points: null,
      checks: []
    });
    expect(readVerdict([output])).toMatchObject({
      status: 'passed',
      points: null,
      maxPoints: null,
      failure: null
    });
  });

  it('takes the last report of the cell', () => {
    const outputs = [
      reportOutput({ status: 'failed' }),
      reportOutput({ status: 'passed' }),
      { data: { 'text/plain': '3.0' } }
    ];
    expect(readVerdict(outputs)?.status).toBe('passed');
  });

  it.each([
    ['no outputs', []],
    ['a stream', [{}]],
    ['a score', [{ data: { 'text/plain': '3.0' } }]],
    ['a list', [{ data: { [REPORT_MIME_TYPE]: [1] } }]],
    ['an unknown status', [reportOutput({ status: 'great' })]]
  ])('finds no verdict in %s', (_, outputs) => {
    expect(readVerdict(outputs)).toBeNull();
  });

  it('lives with checks that are no checks', () => {
    const output = reportOutput({ checks: [null, 'x', { status: 'failed' }] });
    expect(readVerdict([output])?.failure).toEqual({ title: '', message: [] });
    expect(readVerdict([reportOutput({ checks: 'x' })])?.failure).toBeNull();
  });
});
