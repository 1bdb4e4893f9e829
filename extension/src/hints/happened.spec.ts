import { explanation } from '../testing/lines';
import { happened } from './happened';
import type { IVerdict } from './report';

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
