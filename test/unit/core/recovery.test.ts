import { describe, expect, test } from 'vitest';
import { recoveredAlert } from '../../../gateway/core/alerts/kept-alert.ts';
import type { KeptDelivery } from '../../../gateway/core/delivery/delivery.ts';
import { plannedRoute } from '../../../gateway/core/delivery/route.ts';
import type { AlertRaised, JournalRecord, Progress } from '../../../gateway/core/journal-record.ts';
import { recoveredState } from '../../../gateway/core/restart/journal-replay.ts';
import { recoverCounters, recoverOpen } from '../../../gateway/core/restart/recovery.ts';
import type { Site } from '../../../gateway/core/site.ts';
import { PartsRig, quietPath, quietSite, WALL_MS } from './parts-rig.ts';

const PATHS = [quietPath('central'), quietPath('pager')];

function planned(done: 'receiverAcknowledged' | 'handedOver'): Site {
  return quietSite({ paths: PATHS, plan: { steps: PATHS.map(({ id }) => ({ path: id, afterMs: 0 })), done } });
}

/** An alert record as the gateway itself writes it. */
function raisedRecord(site: Site): AlertRaised {
  const rig = new PartsRig(site);
  const device = site.devices.get('wb-101');
  const button = device?.buttons.get(0);
  const kind = site.kinds.get('hold-up');
  if (device === undefined || button === undefined || kind === undefined) throw new Error('the site has the button');
  const press = { device, button, kind, pattern: 'single', identity: { epoch: 1, counter: 3 } } as const;
  rig.parts.alerts.raise({ ...press, authenticated: true, capturedMs: 1 });
  const record = rig.records().find(({ t }) => t === 'alert');
  if (record?.t !== 'alert') throw new Error('a press is journalled');
  return record;
}

const RAISED = raisedRecord(planned('receiverAcknowledged'));
const { id: ID } = RAISED;
const attempt = (path: string, n = 1) => ({ t: 'attempt', at: WALL_MS + 1, report: ID, path, n, format: 0 }) as const;
const outcome = (path: string, how: string, completes?: true) =>
  ({ t: 'outcome', at: WALL_MS + 2, report: ID, path, n: 1, outcome: how, ...(completes && { completes }) }) as const;
const CLOSED = {
  t: 'closed',
  at: WALL_MS + 3,
  alert: ID,
  state: 'cancelled',
  by: 'kim',
  reason: 'leant on it',
} as const;
const NOT_CONFIRMED = { t: 'notConfirmed', at: WALL_MS + 3, alert: ID } as const;

/** Starts the gateway with the records of an earlier run about the alert. */
function started(
  progress: readonly JournalRecord[],
  site = planned('receiverAcknowledged'),
  raised = RAISED,
): PartsRig {
  const rig = new PartsRig(site, 8);
  const recovered = recoveredState([{ t: 'session', at: WALL_MS, session: 7 }, raised, ...progress]);
  recoverCounters(recovered, {
    ...rig.parts,
    settle: (report) => rig.parts.settle(report),
    resolveExercises: () => rig.parts.resolveExercises(),
  });
  recoverOpen(recovered, {
    ...rig.parts,
    settle: (report) => rig.parts.settle(report),
    resolveExercises: () => rig.parts.resolveExercises(),
  });
  rig.take();
  return rig;
}

describe('what an alert of an earlier run still needs', () => {
  test.each<[string, 'receiverAcknowledged' | 'handedOver', readonly Progress[], readonly string[]]>([
    ['never sent: every path that starts at once', 'receiverAcknowledged', [], ['central', 'pager']],
    [
      'sent, no answer: the same paths again',
      'receiverAcknowledged',
      [attempt('central'), attempt('pager')],
      ['central', 'pager'],
    ],
    [
      'acknowledged: nothing',
      'receiverAcknowledged',
      [attempt('central'), outcome('central', 'receiverAcknowledged')],
      [],
    ],
    [
      'handed over, which is not enough: the path that could do more',
      'receiverAcknowledged',
      [attempt('pager'), outcome('pager', 'handedOver')],
      ['central'],
    ],
    [
      'handed over, and the plan is content: nothing',
      'handedOver',
      [attempt('pager'), outcome('pager', 'handedOver')],
      [],
    ],
    [
      'handed over, which was enough when it happened: nothing',
      'receiverAcknowledged',
      [attempt('pager'), outcome('pager', 'handedOver', true)],
      [],
    ],
    [
      'handed over everywhere: nothing, for no path could do more',
      'receiverAcknowledged',
      [outcome('pager', 'handedOver'), outcome('central', 'handedOver')],
      [],
    ],
    ['not confirmed: it goes on', 'receiverAcknowledged', [attempt('central'), NOT_CONFIRMED], ['central', 'pager']],
  ])('%s', (_, done, progress, paths) => {
    const rig = started(progress, planned(done));
    const sent = rig.attempts().filter(({ report }) => report?.id === ID);
    expect(sent.map(({ path }) => path)).toEqual(paths);
    for (const { path, sequence } of sent) expect(sequence).toBe(RAISED.sequences[path]);
    expect([...rig.parts.alerts.open()].map(({ id }) => id)).toEqual([ID]);
  });
});

test('what is left of the deadline is left, and NOT CONFIRMED is not said twice', () => {
  const fresh = started([]);
  fresh.pass(9_999);
  expect(fresh.records().some(({ t }) => t === 'notConfirmed')).toBe(false);
  fresh.pass(1);
  expect(fresh.records().filter(({ t }) => t === 'notConfirmed')).toHaveLength(1);
  const told = started([NOT_CONFIRMED]);
  told.pass(60_000);
  expect(told.records().some(({ t }) => t === 'notConfirmed')).toBe(false);
});

test('an alert that was closed before a crash could make its report: the report is made, and goes where the alert went', () => {
  const rig = started([attempt('central'), outcome('central', 'receiverAcknowledged'), CLOSED]);
  const sent = rig.attempts().map(({ path, report }) => [path, report?.class, report?.follows]);
  expect(sent).toEqual([['central', 'cancel', ID]]);
  expect(rig.parts.alerts.get(ID)).toBeUndefined();
  expect(rig.records().at(-1)).toMatchObject({ t: 'settled', report: ID });
});

test('an acknowledged alert of an earlier run is cancelled, on the paths that had it, as one of this run', () => {
  const rig = started([attempt('central'), outcome('central', 'receiverAcknowledged')]);
  expect(rig.parts.alerts.close(ID, 'cancelled', 'kim', 'leant on it')).toBe(true);
  expect(rig.attempts()).toMatchObject([
    { path: 'central', report: { class: 'cancel', text: `Cancelled: ${RAISED.report.text}` } },
  ]);
});

test('an acknowledged alert of an earlier run is resolved a day after the restart, whatever the clock says', () => {
  const rig = started([outcome('central', 'receiverAcknowledged')]);
  rig.context.now = { ...rig.context.now, wallMs: 0 };
  rig.pass(86_400_000 - 1);
  expect([...rig.parts.alerts.open()]).toHaveLength(1);
  rig.pass(1);
  expect([...rig.parts.alerts.open()]).toEqual([]);
});

test('with its device, button and kind gone from the configuration, an alert is told as it was', () => {
  const site = { ...planned('receiverAcknowledged'), devices: new Map(), kinds: new Map() };
  const rig = started([], site);
  expect(rig.attempts().map(({ report }) => report)).toEqual([RAISED.report, RAISED.report]);
  expect(rig.effects).toContainEqual(expect.objectContaining({ type: 'log', event: 'alert.orphaned' }));
});

describe('a report of an earlier run', () => {
  const update = { ...RAISED.report, id: 'u', class: 'update', follows: ID } as const;
  const made = (report: object, to?: readonly string[]) =>
    ({ t: 'report', at: WALL_MS, report, sequences: { central: 5, pager: 5 }, ...(to && { to }) }) as JournalRecord;
  const trouble = { ...RAISED.report, id: 't', class: 'trouble', alert: undefined };
  const about = (report: string, path: string, how: string) => ({ ...outcome(path, how), report });
  const acknowledged = outcome('central', 'receiverAcknowledged');

  test.each<[string, readonly JournalRecord[], readonly string[]]>([
    ['that no path has goes out again', [made(trouble)], ['central', 'pager']],
    ['that was acknowledged is over', [made(trouble), about('t', 'central', 'receiverAcknowledged')], []],
    [
      'for each of two paths goes to the one that is left',
      [made(trouble, ['central', 'pager']), about('t', 'central', 'handedOver')],
      ['pager'],
    ],
    [
      'for each of two paths is over when both have it',
      [made(trouble, ['central']), about('t', 'central', 'handedOver')],
      [],
    ],
    ['that is a canary press proves nothing any more', [made({ ...trouble, class: 'test', exercise: 'test' })], []],
    ['that is an update of an alert that is over is left out', [CLOSED, made(update)], []],
  ])('%s', (_, records, paths) => {
    const rig = started([acknowledged, ...records]);
    const sent = rig.attempts().filter(({ report }) => report?.id === 't' || report?.id === 'u');
    expect(sent.map(({ path }) => path)).toEqual(paths);
    const isSettled = rig.records().some((record) => record.t === 'settled' && record.report !== ID);
    expect(isSettled).toBe(paths.length === 0);
  });
});

test.each<[string, ReadonlyMap<string, KeptDelivery>, object]>([
  ['nothing was tried', new Map(), { isSent: false, attemptedBefore: [] }],
  ['a path tried', new Map([['pager', { attempts: 3, format: 0 }]]), { isSent: true, attemptedBefore: ['pager'] }],
])('an alert is as it was: %s', (_, deliveries, expected) => {
  const site = planned('receiverAcknowledged');
  const device = site.devices.get('wb-101');
  const [button, kind] = [device?.buttons.get(0), site.kinds.get('hold-up')];
  if (device === undefined || button === undefined || kind === undefined) throw new Error('the site has the button');
  const press = {
    device,
    button,
    kind,
    pattern: 'single',
    identity: { epoch: 1, counter: 3 },
    authenticated: true,
  } as const;
  const rest = { acknowledged: undefined, handedOver: undefined, notConfirmed: false, closed: undefined };
  const kept = { raised: RAISED, deliveries, ...rest, earlier: [], lastUpdate: undefined, closingReported: false };
  const alert = recoveredAlert(press, kept, plannedRoute(RAISED.report, site));
  expect({ isSent: alert.isSent, attemptedBefore: alert.attemptedBefore }).toEqual(expected);
  expect([alert.durable, alert.capturedMs, alert.undeliverable]).toEqual([{ atMs: undefined }, undefined, false]);
});
