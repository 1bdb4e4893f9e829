import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Happened } from './happened';
import type { IVerdict, Status } from './report';

/** The last verdict on the exercise: a sign and a word, what to look at first, and what to do about it. */
export function Verdict(props: {
  verdict: IVerdict | null;
  happened?: Happened | null;
  trans: TranslationBundle;
}): React.JSX.Element | null {
  const { verdict, happened, trans } = props;
  if (!verdict) {
    return null;
  }
  return (
    <section
      className="jp-Torchenstein-verdict"
      data-status={verdict.status}
      aria-label={trans.__('Last check')}
    >
      <p className="jp-Torchenstein-verdictHead">
        <span className="jp-Torchenstein-sign" aria-hidden={true}>
          {SIGNS[verdict.status]}
        </span>
        <strong>{wordOf(verdict.status, trans)}</strong>
        {verdict.points !== null && verdict.maxPoints !== null && (
          <span className="jp-Torchenstein-score">
            {pointsOf(verdict.points, verdict.maxPoints, trans)}
          </span>
        )}
      </p>
      <Findings verdict={verdict} trans={trans} />
      {happened?.kind === 'mistake' && (
        <p className="jp-Torchenstein-step">
          {happened.failure?.message.length
            ? trans.__(
                'Look for the line of your answer that does this. If no line seems to, take the example above by hand, line by line: where your numbers leave the expected ones is the place. Change it, run the cell, and then the check again.'
              )
            : trans.__(
                'Look for the line of your answer that does this. Change it, run the cell, and then the check again.'
              )}
        </p>
      )}
      {happened?.kind === 'difference' && (
        <p className="jp-Torchenstein-step">
          {trans.__(
            'Take this one example by hand, line by line, and write down the shape of each tensor on the way. At which line of your answer does it leave what is expected? That line is the one to change.'
          )}
        </p>
      )}
    </section>
  );
}

/** What to look at first: the named mistake, and the first check that failed. */
export function Findings(props: {
  verdict: IVerdict;
  trans: TranslationBundle;
}): React.JSX.Element {
  const { verdict, trans } = props;
  const { failure, mistake, summary } = verdict;
  return (
    <>
      {mistake && (
        <p className="jp-Torchenstein-mistake">
          {trans.__('This is what you get when %1.', mistake)}
        </p>
      )}
      {!failure && !isSaid(summary) && <p>{summary}</p>}
      {failure && failure.message.length > 0 && (
        <div className="jp-Torchenstein-failure">
          {failure.title && <p>{failure.title}</p>}
          <pre>{failure.message.join('\n')}</pre>
        </div>
      )}
    </>
  );
}

/** The summary of an untouched answer, which the head of the card has said already. */
const NOT_DONE = /: not done yet$/;

function isSaid(summary: string): boolean {
  return summary === '' || NOT_DONE.test(summary);
}

export const SIGNS: Record<Status, string> = {
  passed: '✓',
  partial: '◐',
  failed: '✗',
  unfinished: '…'
};

export function wordOf(status: Status, trans: TranslationBundle): string {
  switch (status) {
    case 'passed':
      return trans.__('Passed');
    case 'partial':
      return trans.__('Partly there');
    case 'failed':
      return trans.__('Not yet');
    case 'unfinished':
      return trans.__('Not done yet');
  }
}

export function pointsOf(
  points: number,
  of: number,
  trans: TranslationBundle
): string {
  return trans.__('%1 of %2 points', trimmed(points), trimmed(of));
}

/** 2.5 stays, 3.0 becomes 3, 0.333333 becomes 0.33. */
function trimmed(points: number): string {
  return String(Math.round(points * 100) / 100);
}
