import { expect, test } from 'vitest';
import { type ListedAlert, selected } from '../../gateway/cli/alerts.ts';
import { sinceTime } from '../../gateway/cli/alerts-command.ts';

const NOW = new Date(2026, 10, 28, 12, 0);
const alert = (id: string, state: ListedAlert['state'], raisedMs: number) =>
  ({ id, state, raised_at: new Date(raisedMs).toISOString() }) as ListedAlert;
const HOUR_MS = 3_600_000;
const ALERTS = [
  alert('old', 'acknowledged', NOW.getTime() - 30 * HOUR_MS),
  alert('morning', 'cancelled', NOW.getTime() - 3 * HOUR_MS),
  alert('now', 'sent', NOW.getTime()),
];

test.each([
  ['90m', new Date(2026, 10, 28, 10, 30)],
  ['2h', new Date(2026, 10, 28, 10, 0)],
  ['7d', new Date(NOW.getTime() - 7 * 24 * HOUR_MS)],
  ['2026-11-28', new Date(2026, 10, 28)],
  ['2026-11-28 08:15', new Date(2026, 10, 28, 8, 15)],
  ['2026-11-28T08:15:30', new Date(2026, 10, 28, 8, 15, 30)],
  ['yesterday', undefined],
  ['2026-13-28', undefined],
  ['2', undefined],
])('--since %s is a time on this machine’s clock', (text, at) => {
  expect(sinceTime(text, NOW)).toEqual(at);
});

test.each([
  [{}, ['old', 'morning', 'now']],
  [{ open: true }, ['old', 'now']],
  [{ since: new Date(2026, 10, 28) }, ['morning', 'now']],
  [{ since: new Date(2026, 10, 28, 10), open: true }, ['now']],
  [{ limit: 2 }, ['morning', 'now']],
])('callpoint alerts with %o lists those and no other', (which, ids) => {
  expect(selected(ALERTS, which).map(({ id }) => id)).toEqual(ids);
});
