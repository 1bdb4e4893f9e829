import { answer, code, test as check, type FakeCell } from '../testing/cells';
import { reportOutput } from '../testing/reports';
import { NO_PROGRESS } from './metadata';
import { recordRun } from './record';
import type { IOutput } from './report';

const run = (cells: FakeCell[], index: number, outputs: IOutput[] = []) => {
  recordRun(cells, index, () => outputs);
};
const runCheck = (cells: FakeCell[], status: string) => {
  run(cells, 1, [reportOutput({ status })]);
};

describe('recordRun', () => {
  it('counts an answer that was written and run as an attempt', () => {
    const cells = [answer('x', {}, 'def f(x):\n    return x'), check('x')];
    run(cells, 0);
    expect(cells[0].progress).toEqual({ ...NO_PROGRESS, attempted: true });
  });

  it('does not count running the placeholder', () => {
    const cells = [answer('x'), check('x')];
    run(cells, 0);
    expect(cells[0].writes).toBe(0);
  });

  it.each([
    ['passed', { attempted: true, passed: true }],
    ['failed', { attempted: true, failed: true }],
    ['partial', { attempted: true, failed: true }]
  ])('writes down a check that %s', (status, expected) => {
    const cells = [answer('x'), check('x')];
    runCheck(cells, status);
    expect(cells[0].progress).toEqual({ ...NO_PROGRESS, ...expected });
  });

  it('does not count an unfinished check', () => {
    const cells = [answer('x'), check('x')];
    runCheck(cells, 'unfinished');
    expect(cells[0].writes).toBe(0);
  });

  it('takes a pass back when the check fails later, and remembers the failure', () => {
    const cells = [answer('x'), check('x')];
    runCheck(cells, 'passed');
    runCheck(cells, 'failed');
    expect(cells[0].progress).toMatchObject({ passed: false, failed: true });
    runCheck(cells, 'passed');
    expect(cells[0].progress).toMatchObject({ passed: true, failed: true });
  });

  it('keeps the pass when the check is run on a placeholder again', () => {
    const cells = [answer('x'), check('x')];
    runCheck(cells, 'passed');
    runCheck(cells, 'unfinished');
    expect(cells[0].progress).toMatchObject({ passed: true });
  });

  it('writes nothing for cells without an exercise, and for none', () => {
    const cells = [answer('x'), check('x'), code('1 + 1')];
    run(cells, 2, [reportOutput()]);
    run(cells, -1, [reportOutput()]);
    expect(cells.map(cell => cell.writes)).toEqual([0, 0, 0]);
  });
});
