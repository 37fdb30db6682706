import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../gateway/core/report.ts';
import {
  ACKNOWLEDGED,
  CUT_OFF,
  central,
  type FarEnd,
  gapsOf,
  HOUR,
  isAlarm,
  isPoll,
  linkOf,
  MINUTE,
  NO_CONTENT,
  polls,
  REFUSED,
  SECOND,
  stateOf,
  triesOf,
  worldWith,
} from './far-end-world.ts';
import { path } from './site.ts';

describe('a poll speaks for the link, never for reports', () => {
  test('a far end that fails every poll and takes an alarm the second time gets it the second time', () => {
    const world = worldWith([central({ supervision: polls('null') })], {
      central: (attempt, tries) => (isPoll(attempt) || tries < 2 ? REFUSED : ACKNOWLEDGED),
    });
    const alert = world.press('wb-101', 1);
    world.run(2 * SECOND);
    expect(stateOf(world, alert)).toBe('acknowledged');
    expect(linkOf(world).state).toBe('up');
  });

  test.each(['acknowledges every poll', 'fails every poll', 'does not answer polls'])(
    'a far end that %s and refuses an alarm is asked again within the longest wait, no sooner than the wait',
    (how) => {
      const poll = { 'acknowledges every poll': ACKNOWLEDGED, 'fails every poll': REFUSED }[how];
      const world = worldWith([central({ supervision: polls('null') })], {
        central: (attempt) => (isPoll(attempt) ? poll : REFUSED),
      });
      const alert = world.press('wb-101', 1);
      world.run(10 * MINUTE);
      const gaps = gapsOf(triesOf(world, alert));
      expect(Math.max(...gaps)).toBeLessThan(31 * SECOND);
      expect(gaps.slice(6).every((gap) => gap >= 30 * SECOND)).toBe(true);
    },
  );

  test('while an alarm is refused polls neither bring the path up nor restore the trouble, and the detail says so', () => {
    let takesReports = false;
    const world = worldWith([central({ supervision: polls('null') })], {
      central: (attempt) => (isPoll(attempt) || takesReports ? ACKNOWLEDGED : REFUSED),
    });
    expect(linkOf(world).state).toBe('up');
    const alert = world.press('wb-101', 1);
    world.run(5 * MINUTE);
    expect(linkOf(world)).toMatchObject({
      state: 'down',
      detail: expect.stringContaining('refused the last report: HTTP 503'),
    });
    expect([...world.troubles]).toEqual(['pathDown.central']);
    expect(world.told.filter((text) => text.startsWith('Restored'))).toEqual([]);
    takesReports = true;
    world.run(31 * SECOND);
    expect(stateOf(world, alert)).toBe('acknowledged');
    expect(linkOf(world)).toMatchObject({ state: 'up', detail: 'receiver answers' });
    expect([...world.troubles]).toEqual([]);
  });

  test.each(['auto', 'null'] as const)(
    'after the refused alarm was acknowledged elsewhere a path on %s is not in doubt for ever',
    (mode) => {
      let takesReports = false;
      const farEnd: FarEnd = (attempt) => (isPoll(attempt) || takesReports ? ACKNOWLEDGED : REFUSED);
      const paths = [central({ supervision: polls(mode) }), path('backup')];
      const world = worldWith(paths, {
        central: farEnd,
        backup: (attempt) => (isAlarm(attempt) ? undefined : ACKNOWLEDGED),
      });
      world.press('wb-101', 1);
      world.run(3 * SECOND);
      expect(linkOf(world).state).toBe('down');
      world.receive = (attempt) => {
        const outcome = attempt.path === 'backup' ? ACKNOWLEDGED : farEnd(attempt, 0, world);
        return outcome === undefined ? undefined : { afterMs: 2, outcome };
      };
      world.run(2 * MINUTE);
      // Where test events are allowed, only an accepted one proves that reports are accepted again.
      expect(linkOf(world).state).toBe(mode === 'auto' ? 'down' : 'up');
      expect(linkOf(world).detail).toContain('refused');
      takesReports = true;
      world.run(2 * MINUTE);
      expect(linkOf(world).state).toBe('up');
      expect([...world.troubles]).toEqual([]);
    },
  );

  test('after an outage a good poll starts the alarms that nobody answered at once', () => {
    let isCutOff = true;
    const world = worldWith([central({ supervision: polls('null') })], {
      central: () => (isCutOff ? CUT_OFF : ACKNOWLEDGED),
    });
    const alert = world.press('wb-101', 1);
    world.run(5 * MINUTE);
    isCutOff = false;
    world.run(5100);
    expect(stateOf(world, alert)).toBe('acknowledged');
  });

  test.each(['null', 'auto'] as const)(
    'polls on %s that prove nothing leave the path unknown, and are a trouble after a minute',
    (mode) => {
      const liveOnly = true;
      const world = worldWith([central({ supervision: polls(mode), liveOnly })], {
        central: (attempt) => (isPoll(attempt) ? { type: 'unproven', detail: 'HTTP 404' } : ACKNOWLEDGED),
      });
      expect(linkOf(world)).toMatchObject({ state: 'unknown', detail: 'HTTP 404' });
      world.run(2 * MINUTE);
      expect(world.told).toContain('Path central is not proven');
      expect(world.details).toContain('HTTP 404');
      world.press('wb-101', 1);
      world.run(SECOND);
      expect([...world.troubles]).toEqual([]);
      world.run(10 * MINUTE);
      expect(linkOf(world)).toMatchObject({ state: 'unknown', detail: 'HTTP 404' });
      expect([...world.troubles]).toEqual([]);
    },
  );
});

describe('a receiver silent to NULL', () => {
  const pollHint = 'if it answers no NULL, set supervision: { mode: test }';
  const silent: FarEnd = (attempt) => (isPoll(attempt) ? undefined : ACKNOWLEDGED);

  test('is proved by test events on auto, and the words name NULL and the setting', () => {
    const world = worldWith([central({ pollHint, supervision: polls('auto') })], { central: silent });
    world.run(2 * MINUTE);
    expect(world.details.join()).toMatch(/no answer in time; .*NULL.*set supervision: { mode: test }/);
    expect(linkOf(world).state).toBe('up');
    expect([...world.troubles]).toEqual([]);
    const before = world.attempts.length;
    world.run(HOUR);
    expect(world.attempts.length - before).toBe(12);
    expect([...world.troubles]).toEqual([]);
  });

  test('is no receiver that can not be reached: the words say nothing of NULL', () => {
    const detail = '10.0.0.5 refused the connection';
    const away: FarEnd = () => ({ type: 'failed', reason: 'unreachable', detail });
    const world = worldWith([central({ supervision: polls('auto') })], { central: away });
    world.run(2 * MINUTE);
    expect(linkOf(world)).toMatchObject({ state: 'down', detail });
  });

  test('is not told as down again after it acknowledged an alarm, where no test event may go', () => {
    const world = worldWith([central({ pollHint, supervision: polls('auto'), liveOnly: true })], { central: silent });
    world.press('wb-101', 1);
    world.run(SECOND);
    expect(linkOf(world).state).toBe('up');
    const { length } = world.told;
    world.run(HOUR);
    expect(world.told).toHaveLength(length);
    expect(linkOf(world)).toMatchObject({
      state: 'unknown',
      detail: expect.stringContaining('supervision: { mode: test }'),
    });
  });
});

test('a far end that stops taking polls, and goes on taking reports, is not told again and again', () => {
  let takesPolls = true;
  const world = worldWith([central({ supervision: polls('null') })], {
    central: (attempt) => (isPoll(attempt) && !takesPolls ? REFUSED : ACKNOWLEDGED),
  });
  takesPolls = false;
  // The report of the path's failure goes over that path and is accepted.
  world.run(HOUR);
  expect(world.told.filter((text) => text.includes('Path central')).length).toBeLessThanOrEqual(4);
  expect(linkOf(world)).toMatchObject({ state: 'unknown', detail: expect.stringContaining('HTTP 503') });
  takesPolls = true;
  world.run(MINUTE);
  expect(linkOf(world).state).toBe('up');
  expect([...world.troubles]).toEqual([]);
});

describe('a refusal only lengthens the wait', () => {
  test('of an alarm in every format: the next path at once, NOT CONFIRMED if that refuses too, and tries at least hourly', () => {
    const paths = [central(), path('backup', { retryMsMax: 30_000 })];
    const refuses: FarEnd = (attempt) => (isPoll(attempt) ? ACKNOWLEDGED : NO_CONTENT);
    const world = worldWith(paths, { central: refuses, backup: refuses });
    const alert = world.press('wb-101', 1);
    world.run(500);
    expect(triesOf(world, alert, 'backup')).toHaveLength(2);
    expect(world.published.get(`alert/${alert}`)).toMatchObject({ not_confirmed: true, state: 'sent' });
    world.run(24 * HOUR);
    const formats = world.attempts
      .filter(({ path, report }) => path === 'central' && report.id === alert)
      .map(({ format }) => format);
    expect(formats.slice(0, 4)).toEqual([0, 1, 0, 1]);
    for (const over of ['central', 'backup']) {
      expect(Math.max(...gapsOf(triesOf(world, alert, over)))).toBeLessThanOrEqual(HOUR + SECOND);
      expect(triesOf(world, alert, over).length).toBeLessThan(2 * 24 + 30);
    }
    // There is one notice for each path, however often it is tried.
    expect(world.told.filter((text) => text.includes('does not understand'))).toHaveLength(2);
    world.receive = () => ({ afterMs: 2, outcome: ACKNOWLEDGED });
    world.run(HOUR);
    expect(stateOf(world, alert)).toBe('acknowledged');
  });

  test('a restart takes a refused alarm up again', () => {
    const world = worldWith([central()], { central: (attempt) => (isPoll(attempt) ? ACKNOWLEDGED : NO_CONTENT) });
    const alert = world.press('wb-101', 1);
    world.run(10 * MINUTE);
    world.crash();
    world.receive = () => ({ afterMs: 2, outcome: ACKNOWLEDGED });
    world.start();
    world.run(SECOND);
    expect(stateOf(world, alert)).toBe('acknowledged');
  });

  test('a report that is no alarm is given up once every format was refused', () => {
    const world = worldWith([central()], { central: (attempt) => (isPoll(attempt) ? ACKNOWLEDGED : NO_CONTENT) });
    world.readings('wb-101', { points: [{ point: 2, active: true }] });
    world.run(HOUR);
    const tamper = world.attempts.filter(({ report }) => report.id.startsWith('tamper'));
    expect(tamper.map(({ format }) => format)).toEqual([0, 1]);
    expect([...world.journal.held().keys()].filter((key) => key.startsWith('report:'))).toEqual([]);
  });

  test('one alarm that is always refused keeps no other waiting', () => {
    const world = worldWith([central({ parallel: 1, supervision: polls('null') })], {
      central: ({ report }, tries) =>
        report === undefined || report.alert?.device === 'wb-101' || tries < 3 ? REFUSED : ACKNOWLEDGED,
    });
    world.press('wb-101', 1);
    world.run(5 * MINUTE);
    const alert = world.press('wb-102', 1);
    world.run(MINUTE);
    expect(stateOf(world, alert)).toBe('acknowledged');
  });
});

describe('NAK', () => {
  const naks: FarEnd = (attempt, _, world) => {
    const refused = { type: 'wrongTime', receiverTimeMs: world.clock.now.wallMs } as const;
    return isPoll(attempt) || attempt.format === 1 ? ACKNOWLEDGED : refused;
  };

  test('to a format, though the clock agrees: the next format at once, and no word about clocks', () => {
    const world = worldWith([central()], { central: naks });
    const alert = world.press('wb-101', 1);
    world.run(100);
    expect(world.attempts.map(({ format }) => format)).toEqual([0, 1]);
    expect(stateOf(world, alert)).toBe('acknowledged');
    expect(world.told).toEqual([]);
  });

  test('to every format: the trouble names account, key and format, and polls do not restore it', () => {
    let knowsAccount = false;
    const world = worldWith([central({ formats: 1 })], {
      central: (attempt, ...rest) => (knowsAccount ? ACKNOWLEDGED : naks(attempt, ...rest)),
    });
    const alert = world.press('wb-101', 1);
    world.run(10 * MINUTE);
    const told =
      'Receiver of path central refuses our messages (NAK) although its clock agrees: check account, key and format';
    expect(world.told).toEqual([told]);
    expect([...world.troubles]).toEqual(['pathRefuses.central']);
    const gaps = gapsOf(triesOf(world, alert));
    expect(Math.max(...gaps)).toBeLessThan(31 * SECOND);
    knowsAccount = true;
    world.run(31 * SECOND);
    expect(stateOf(world, alert)).toBe('acknowledged');
    expect([...world.troubles]).toEqual([]);
  });
});

describe('a rest that the far end asks for', () => {
  test('is kept to, a good poll does not shorten it, a new alarm is tried all the same, and the next path joins at once', () => {
    const limited: Outcome = { type: 'failed', reason: 'refused', detail: 'HTTP 429', retryAfterMs: 120_000 };
    const paths = [central({ supervision: polls('null') }), path('backup')];
    const world = worldWith(paths, {
      central: (attempt) => (isPoll(attempt) ? ACKNOWLEDGED : limited),
      backup: (attempt) => (isAlarm(attempt) ? undefined : ACKNOWLEDGED),
    });
    const first = world.press('wb-101', 1);
    world.run(10 * SECOND);
    const pressedMs = world.clock.nowMs;
    const second = world.press('wb-101', 2);
    expect(triesOf(world, second)).toEqual([pressedMs]);
    expect(triesOf(world, second, 'backup')).toEqual([pressedMs]);
    world.run(100 * SECOND);
    expect(triesOf(world, first)).toHaveLength(1);
    world.run(30 * SECOND);
    expect(triesOf(world, first)).toHaveLength(2);
  });

  test('of a day is kept to for five minutes', () => {
    const limited: Outcome = { type: 'failed', reason: 'refused', detail: 'HTTP 503', retryAfterMs: 86_400_000 };
    const world = worldWith([central()], { central: (attempt) => (isPoll(attempt) ? ACKNOWLEDGED : limited) });
    const alert = world.press('wb-101', 1);
    world.run(HOUR);
    expect(gapsOf(triesOf(world, alert)).every((gap) => gap >= 300_000 && gap < 301_000)).toBe(true);
    expect(triesOf(world, alert).length).toBeGreaterThan(10);
  });

  test('holds back a storm of new alarms to one in five seconds', () => {
    const limited: Outcome = { type: 'failed', reason: 'refused', detail: 'HTTP 429', retryAfterMs: 60_000 };
    const world = worldWith([central()], { central: (attempt) => (isPoll(attempt) ? ACKNOWLEDGED : limited) });
    for (let counter = 1; counter <= 40; counter++) world.press('wb-101', counter);
    world.run(20 * SECOND);
    const times = world.attempts.filter(isAlarm).map(({ atMs }) => atMs);
    // These were in progress when the far end first asked.
    const later = times.filter((atMs) => atMs > (times[0] ?? 0) + 100);
    expect(gapsOf(later).every((gap) => gap >= 5000)).toBe(true);
  });
});

describe('order after an outage', () => {
  test.each(['a poll', 'an alarm'])(
    'alarms leave in the order they were raised, with the link found back by %s',
    (by) => {
      let isCutOff = true;
      const mode = by === 'a poll' ? 'null' : 'off';
      const supervision = { ...polls('null'), mode } as const;
      const world = worldWith([central({ supervision, parallel: 1 })], {
        central: () => (isCutOff ? CUT_OFF : ACKNOWLEDGED),
      });
      const ids: string[] = [];
      for (let counter = 1; counter <= 60; counter++) {
        ids.push(world.press('wb-101', counter));
        world.run(850);
        if (counter === 50) isCutOff = false;
        world.run(850);
      }
      world.run(MINUTE);
      const accepted = world.outcomes.flatMap(({ report, type }) =>
        type === 'receiverAcknowledged' && report?.startsWith('wb-') ? [report] : [],
      );
      expect(accepted).toEqual(ids);
    },
  );

  test('a new alarm waits behind a long backlog for a quarter of a second at most', () => {
    let isCutOff = true;
    const world = worldWith([central({ parallel: 1 })], {});
    world.receive = () => ({ afterMs: isCutOff ? 1 : 100, outcome: isCutOff ? CUT_OFF : ACKNOWLEDGED });
    for (let counter = 1; counter <= 200; counter++) world.press('wb-101', counter);
    world.run(2 * MINUTE);
    isCutOff = false;
    world.run(7 * SECOND);
    const pressedMs = world.clock.nowMs;
    const alert = world.press('wb-102', 1);
    world.run(SECOND);
    expect((triesOf(world, alert)[0] ?? Number.NaN) - pressedMs).toBeLessThanOrEqual(400);
    expect(world.attempts.at(-1)?.report.id).not.toBe(alert);
  });
});

describe('a receiver whose clock differs', () => {
  test('by more than half a minute is a trouble with the figure until it agrees', () => {
    let differsMs = 3_720_000;
    const world = worldWith([central()], {
      central: ({ clockOffsetMs }, _, world) =>
        Math.abs(differsMs - clockOffsetMs) < 20_000
          ? ACKNOWLEDGED
          : { type: 'wrongTime', receiverTimeMs: world.clock.now.wallMs + differsMs },
    });
    const alert = world.press('wb-101', 1);
    world.run(5 * MINUTE);
    expect(stateOf(world, alert)).toBe('acknowledged');
    expect(world.told).toEqual(['Clock of the receiver of path central is 1 h 2 min ahead of ours: check both clocks']);
    expect([...world.troubles]).toEqual(['clockDiffers.central']);
    differsMs = 0;
    world.run(MINUTE);
    expect([...world.troubles]).toEqual([]);
  });
});
