import type { ICellModel } from '@jupyterlab/cells';

import { explanation } from '../testing/lines';
import { happened } from './happened';
import type { IVerdict } from './report';

const CAUTION = { title: 'a', sentence: 'b', expression: 'c' };
const FAILURE = { title: 'a small example', message: ['expected 0.5, got 1'] };

const verdict = (patch: Partial<IVerdict> = {}): IVerdict => ({
  exercise: 'softmax',
  status: 'failed',
  points: null,
  maxPoints: null,
  summary: 'softmax: not yet',
  mistake: 'the softmax runs over the batch',
  failure: FAILURE,
  ...patch
});

describe('happened', () => {
  it('prefers a run that stopped, then a name, then a number', () => {
    const stopped = explanation();
    expect(happened(stopped, verdict())).toEqual({
      kind: 'operation',
      explanation: stopped
    });
    expect(happened(null, verdict())).toEqual({
      kind: 'mistake',
      mistake: 'the softmax runs over the batch',
      failure: FAILURE
    });
    expect(happened(null, verdict({ mistake: null }))).toEqual({
      kind: 'difference',
      failure: FAILURE
    });
  });

  it('prefers a name to the operation at which the check itself stopped', () => {
    const told = `it raised ${explanation().error}: ${explanation().message}`;
    const failure = { title: 'a small example', message: [told] };
    const named = happened(explanation(), verdict({ failure }));
    expect(named?.kind).toBe('mistake');
    const unnamed = verdict({ failure, mistake: null });
    expect(happened(explanation(), unnamed)?.kind).toBe('operation');
  });

  it('prefers a line that looks wrong to a number, and to nothing', () => {
    const warning = { cell: {} as ICellModel, caution: CAUTION };
    const told = { kind: 'warning', warning };
    expect(happened(null, verdict({ mistake: null }), warning)).toEqual(told);
    expect(happened(null, null, warning)).toEqual(told);
    expect(happened(null, verdict(), warning)?.kind).toBe('mistake');
    expect(happened(explanation(), null, warning)?.kind).toBe('operation');
    expect(happened(null, verdict({ status: 'passed' }), warning)).toBeNull();
  });

  it('is nothing where nothing went wrong, or nobody knows what', () => {
    expect(happened(null, null)).toBeNull();
    expect(happened(null, verdict({ status: 'passed' }))).toBeNull();
    expect(happened(null, verdict({ status: 'unfinished' }))).toBeNull();
    expect(
      happened(null, verdict({ mistake: null, failure: null }))
    ).toBeNull();
    const silent = { title: 'a small example', message: [] };
    expect(
      happened(null, verdict({ mistake: null, failure: silent }))
    ).toBeNull();
  });

  it('speaks of a part that fails as of a whole', () => {
    const partly = verdict({ status: 'partial' });
    expect(happened(null, partly)?.kind).toBe('mistake');
  });
});
