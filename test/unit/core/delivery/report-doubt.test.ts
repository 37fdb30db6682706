import { expect, test } from 'vitest';
import { ReportDoubt } from '../../../../gateway/core/delivery/report-doubt.ts';

type Step = 'refused' | 'unreached' | 'unanswered' | 'poll' | 'accepted';

function after(steps: readonly Step[]): string | undefined {
  const doubt = new ReportDoubt();
  for (const step of steps) {
    if (step === 'poll') doubt.pollAccepted();
    else if (step === 'accepted') doubt.accepted();
    else doubt.failed(`it is ${step}`, step);
  }
  expect(doubt.exists).toBe(doubt.says !== undefined);
  return doubt.says;
}

test.each<[readonly Step[], string | undefined]>([
  [['refused'], 'refused the last report: it is refused'],
  [['refused', 'poll', 'poll'], 'refused the last report: it is refused'],
  [['refused', 'unreached'], 'refused the last report: it is refused'],
  [['refused', 'accepted'], undefined],
  // A link that is cut says nothing of reports.
  [['unreached', 'poll', 'unreached', 'poll', 'unreached'], undefined],
  [['unanswered', 'unanswered', 'unanswered'], undefined],
  [['unanswered', 'poll'], undefined],
  [['unanswered', 'poll', 'unanswered'], 'did not answer the last reports: it is unanswered'],
  [['unanswered', 'poll', 'accepted', 'unanswered'], undefined],
])('%j: %s', (steps, says) => {
  expect(after(steps)).toBe(says);
});
