import { describe, expect, test } from 'vitest';
import { Context } from '../../../gateway/core/context.ts';
import { Core } from '../../../gateway/core/core.ts';
import { CoreParts } from '../../../gateway/core/core-parts.ts';
import type { Effect } from '../../../gateway/core/effect.ts';
import { fireTimer } from '../../../gateway/core/fire-timer.ts';
import type { CoreInput } from '../../../gateway/core/input.ts';
import { known } from '../../../gateway/core/invariant.ts';
import type { Timer } from '../../../gateway/core/timers.ts';
import { device, path, site } from '../../simulation/site.ts';

const NOW = { monoMs: 1_000, wallMs: Date.UTC(2026, 0, 1) };
const SITE = site([device(101)], [path('central')]);

function startedCore(): Core {
  const core = new Core(SITE, [], NOW);
  core.start(NOW);
  return core;
}

const acknowledged = { type: 'receiverAcknowledged' } as const;
const counters = { framesHeard: 1, framesRejected: 0, bytesRead: 9 };

describe('what names something that the configuration lacks is a defect, and says what is missing', () => {
  test.each<[CoreInput, string]>([
    [{ type: 'inputHealth', health: { input: 'bus-9', state: 'up', detail: '' } }, 'no input bus-9'],
    [{ type: 'inputCounters', input: 'bus-9', counters }, 'no input bus-9'],
    [
      {
        type: 'reception',
        reception: { input: 'bus-1', device: 'wb-9', rssiDbm: -60, perMinute: 6, trend: 'steady' },
      },
      'no device wb-9',
    ],
    [{ type: 'sent', path: 'nowhere', attempt: 1, atMs: 1_000 }, 'no path nowhere'],
    [{ type: 'outcome', path: 'nowhere', attempt: 1, outcome: acknowledged }, 'no path nowhere'],
    [{ type: 'pathLink', path: 'nowhere', up: true }, 'no path nowhere'],
  ])('input %j', (input, what) => {
    expect(() => startedCore().handle(input, NOW)).toThrow(what);
  });

  test.each<[Timer, string]>([
    [{ type: 'attemptTimeout', path: 'nowhere', attempt: 1 }, 'no path nowhere'],
    [{ type: 'deliveryRetry', path: 'nowhere', report: 'r' }, 'no path nowhere'],
    [{ type: 'holdOffEnd', path: 'nowhere' }, 'no path nowhere'],
    [{ type: 'probe', path: 'nowhere' }, 'no path nowhere'],
    [{ type: 'inputDue', input: 'bus-9' }, 'no input bus-9'],
    [{ type: 'deviceDue', device: 'wb-9' }, 'no device wb-9'],
    [{ type: 'enrolmentEnd', device: 'wb-9' }, 'no device wb-9'],
    [{ type: 'debounce', device: 'wb-101', point: 9 }, 'no point 9'],
    [{ type: 'debounce', device: 'wb-101', point: 0 }, 'no pending change of point 0'],
    [{ type: 'buttonContact', device: 'wb-101', button: 0 }, 'no contact of wb-101'],
    [{ type: 'contactWire', device: 'wb-101', of: 'point', number: 0 }, 'no contact of wb-101'],
    [{ type: 'heldPress', record: 9 }, 'no press is held for record 9'],
    [{ type: 'commandAnswer', ticket: 9 }, 'no answer is held for command 9'],
    [{ type: 'noticeWindow', key: 'x' }, 'no window of notices x'],
    [{ type: 'doorForced', door: 'd' }, 'no door d'],
    [{ type: 'doorHeldOpen', door: 'd' }, 'no door d'],
    [{ type: 'canaryDue' }, 'the site has none'],
  ])('timer %j', (timer, what) => {
    const parts = new CoreParts(new Context(SITE, 1, NOW));
    expect(() => fireTimer(timer, parts)).toThrow(what);
  });
});

test('a press by an input that the configuration lacks is sent, and the defect is told besides', () => {
  const core = startedCore();
  const press = { type: 'press', button: 0, pattern: 'single' } as const;
  const signal = {
    input: 'bus-9',
    device: 'wb-101',
    authenticated: true,
    capturedMs: NOW.monoMs,
    identity: { epoch: 1, counter: 1 },
    body: press,
  };
  expect(() => core.handle({ type: 'signal', signal }, NOW)).toThrow('no input bus-9');
  const effects = core.handle({ type: 'defect', detail: 'there is no input bus-9' }, NOW);
  const sent = effects.filter((effect): effect is Extract<Effect, { type: 'send' }> => effect.type === 'send');
  const told = sent.map(({ attempt }) => attempt.report?.text ?? '');
  expect(told).toContainEqual(expect.stringContaining('Hold-up'));
  expect(told).toContainEqual('Defect in the gateway, which goes on');
  expect(JSON.stringify(effects)).toContain('no input bus-9');
});

test('a heartbeat may list points that the site does not name', () => {
  const core = startedCore();
  const heartbeat = {
    type: 'heartbeat',
    lowBattery: false,
    tamper: false,
    silentMode: false,
    uptimeSeconds: 1,
    points: Array.from({ length: 16 }, () => true),
  } as const;
  const signal = { input: 'bus-1', device: 'wb-101', authenticated: true, capturedMs: 1, body: heartbeat };
  expect(() => core.handle({ type: 'signal', signal }, NOW)).not.toThrow();
});

test('what is known is found, also where its value is no object', () => {
  expect(known(new Map([['a', 0]]), 'a', 'number')).toBe(0);
});
