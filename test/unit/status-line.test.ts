import { expect, test } from 'vitest';
import { statusLine } from '../../gateway/status-line.ts';

const NOTHING = { troubles: 0, alerts: 0, notConfirmed: 0, drills: 0 };

test.each([
  [{}, 'Ready · no troubles · no open alerts'],
  [{ troubles: 1, alerts: 1 }, 'Ready · 1 trouble · 1 open alert'],
  [{ troubles: 2, alerts: 3, notConfirmed: 1 }, 'Ready · 2 troubles · 3 open alerts · 1 NOT CONFIRMED'],
  [{ alerts: 200, drills: 1 }, 'Ready · no troubles · 200 or more open alerts · 1 drill running'],
])('%j is shown as %s', (counts, line) => {
  expect(statusLine({ ...NOTHING, ...counts })).toBe(line);
});
