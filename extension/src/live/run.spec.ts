import { curve, live } from '../testing/inspector';
import { merge } from './run';

const memory = curve({ group: 'memory', name: 'cpu', values: [1e6] });

describe('merge', () => {
  it('begins anew with another run', () => {
    const first = merge(null, live());
    const next = merge(
      first,
      live({ run: 2, curves: [curve({ values: [9] })] })
    );
    expect(next?.curves[0].values).toEqual([9]);
  });

  it('keeps a run when the next one has nothing but memory to show', () => {
    const first = merge(null, live());
    const next = merge(first, live({ run: 2, curves: [memory] }));
    expect(next).toMatchObject({ number: 1, isRunning: false });
    expect(merge(null, live({ curves: [memory] }))).toBeNull();
  });

  it('shows a run whose loss cannot be read, to say so', () => {
    const unread = [{ name: 'loss', device: 'cuda:0' }];
    expect(merge(null, live({ curves: [memory], unread }))).not.toBeNull();
  });

  it('tells curves of one name apart by their function', () => {
    const first = merge(null, live());
    const local = curve({ scope: 'train', values: [5] });
    const next = merge(
      first,
      live({ sample: 2, curves: [curve({ values: [1] }), local] })
    );
    expect(next?.curves.map(each => each.values)).toEqual([[2.3, 1], [5]]);
  });

  it('asks for everything again, thinned out, when there are too many points', () => {
    const times = Array.from({ length: 400 }, (_, place) => place);
    const long = live({
      sample: 400,
      curves: [curve({ times, values: times })]
    });
    const full = merge(null, long);
    expect(full?.since).toBe(0);
    const thin = curve({ times: [0, 2], values: [0, 2] });
    const next = merge(full, live({ sample: 401, curves: [thin] }));
    expect(next?.curves[0].times).toEqual([0, 2]);
    expect(next?.since).toBe(401);
  });
});
