import { describe, expect, test } from 'vitest';
import { DevicePresence } from '../../../gateway/core/devices/device-presence.ts';
import type { Device } from '../../../gateway/core/site.ts';
import { device } from '../../simulation/site.ts';

const WALL_MS = Date.UTC(2026, 10, 28, 9);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const BRIDGE = 'zigbee2mqtt/bridge/state';

function presence(changes: Partial<Device>) {
  const one = new DevicePresence(device(101, changes));
  let monoMs = 0;
  const now = () => ({ monoMs, wallMs: WALL_MS + monoMs });
  return {
    one,
    pass: (ms: number) => {
      monoMs += ms;
    },
    /** @param agoMs how long ago the bridge says that it heard the device */
    says: (agoMs?: number, how: { isEvent?: boolean; kept?: true } = {}) => {
      const { isEvent = false, ...signal } = how;
      const seen = agoMs === undefined ? {} : { lastSeenMs: now().wallMs - agoMs };
      return one.weigh({ ...signal, ...seen }, isEvent, now());
    },
  };
}

const NOTHING = { isCurrent: false };
const NEWS = { aliveAgoMs: 0, isCurrent: true };

describe('several availabilities', () => {
  test.each([
    [['online', 'online'], 'online'],
    [['online'], 'unheard'],
    [[], 'unheard'],
    [['online', 'offline'], 'offline'],
    [['offline'], 'offline'],
    [['unclear', 'online'], 'unclear'],
    [['unclear', 'offline'], 'offline'],
  ] as const)('that say %j together say %s', (words, state) => {
    const { one } = presence({ watched: true, availabilities: 2 });
    for (const [of, says] of words.entries()) one.availability(of, says);
    expect(one.state).toBe(state);
  });

  test('each keep their last word, until the input is lost', () => {
    const { one } = presence({ watched: true, availabilities: 2 });
    one.availability(0, 'offline');
    one.availability(1, 'online');
    one.availability(0, 'online');
    expect(one.state).toBe('online');
    one.inputLost();
    expect(one.state).toBe('unheard');
  });
});

describe('a message of a device', () => {
  test('without a bridge is news', () => {
    expect(presence({}).says()).toEqual(NEWS);
  });

  test('that the broker kept proves nothing; its states are the last ones', () => {
    expect(presence({}).says(undefined, { kept: true })).toEqual({ isCurrent: true });
  });

  test('that is offline proves nothing, unless it carries a press', () => {
    const { one, says } = presence({ watched: true });
    one.availability(0, 'offline');
    expect(says()).toEqual(NOTHING);
    expect(says(undefined, { kept: true })).toEqual(NOTHING);
    expect(says(undefined, { isEvent: true })).toEqual(NEWS);
  });

  test('that the broker kept is not the state of now behind a bridge, which may have missed a change', () => {
    const { one, says } = presence({ bridge: BRIDGE });
    one.bridgeUp(0);
    expect(says(undefined, { kept: true })).toEqual(NOTHING);
  });

  test('proves nothing while its bridge is down or starts, unless it carries a press', () => {
    const { one, says, pass } = presence({ bridge: BRIDGE });
    expect(says()).toEqual(NOTHING);
    one.bridgeUp(30_000);
    expect(says()).toEqual(NOTHING);
    expect(says(undefined, { isEvent: true })).toEqual(NEWS);
    pass(30_000);
    expect(says()).toEqual(NEWS);
    one.bridgeLost();
    expect(says()).toEqual(NOTHING);
  });
});

test('news of a device ends its cache: what the bridge publishes of it later is no older', () => {
  const { one, says } = presence({ bridge: BRIDGE });
  one.bridgeUp(30_000);
  says(undefined, { isEvent: true });
  expect(says()).toEqual(NEWS);
});

describe('the time at which the bridge last heard the device', () => {
  test('is the time of the proof, within the window', () => {
    const { says } = presence({ heartbeatMs: HOUR_MS, missedHeartbeats: 3 });
    expect(says(2 * HOUR_MS)).toEqual({ aliveAgoMs: 2 * HOUR_MS, isCurrent: true });
  });

  test('proves nothing if it is older than the window, and changes no state', () => {
    const { says } = presence({ heartbeatMs: HOUR_MS, missedHeartbeats: 3 });
    expect(says(3 * HOUR_MS + 1)).toEqual(NOTHING);
    expect(says(7 * 24 * HOUR_MS, { kept: true })).toEqual(NOTHING);
  });

  test('proves life while the bridge starts; its states may have changed since', () => {
    const { one, says } = presence({ bridge: BRIDGE, heartbeatMs: HOUR_MS });
    one.bridgeUp(30_000);
    expect(says(HOUR_MS)).toEqual({ aliveAgoMs: HOUR_MS, isCurrent: false });
    expect(says(4 * HOUR_MS)).toEqual(NOTHING);
  });

  test('that is old leaves a press in the cache no proof', () => {
    const { one, says, pass } = presence({ bridge: BRIDGE, heartbeatMs: HOUR_MS });
    one.bridgeUp(30_000);
    expect(says(4 * HOUR_MS, { isEvent: true })).toEqual(NOTHING);
    pass(30_000);
    // Nothing is published from the cache any more. The clock of the bridge is wrong.
    expect(says(4 * HOUR_MS, { isEvent: true })).toEqual(NEWS);
  });

  test('that moves on from message to message proves life, however wrong the clock is', () => {
    for (const wrongMs of [30 * 24 * HOUR_MS, -30 * 24 * HOUR_MS]) {
      const { says, pass } = presence({ heartbeatMs: MINUTE_MS });
      says(wrongMs);
      pass(MINUTE_MS);
      expect(says(wrongMs)).toEqual(NEWS);
    }
  });

  test('that is the same in two messages is one time: a bridge may tell seconds only', () => {
    const { says, pass } = presence({ heartbeatMs: MINUTE_MS });
    const wrongMs = 8 * HOUR_MS;
    says(wrongMs);
    pass(MINUTE_MS);
    expect(says(wrongMs)).toEqual(NEWS);
    expect(says(wrongMs)).toEqual(NEWS);
    pass(2 * MINUTE_MS);
    expect(says(wrongMs + 2 * MINUTE_MS)).toEqual({ aliveAgoMs: 2 * MINUTE_MS, isCurrent: true });
    pass(2 * MINUTE_MS);
    expect(says(wrongMs + 4 * MINUTE_MS)).toEqual({ isCurrent: true });
  });

  test('that stands still is as old as it says', () => {
    const { says, pass } = presence({ heartbeatMs: MINUTE_MS });
    expect(says(0)).toEqual(NEWS);
    pass(HOUR_MS);
    expect(says(HOUR_MS)).toEqual(NOTHING);
  });

  test('of a kept message is no earlier message: nobody knows when that was', () => {
    const { says } = presence({ heartbeatMs: MINUTE_MS });
    says(8 * HOUR_MS, { kept: true });
    expect(says(7 * HOUR_MS)).toEqual(NOTHING);
  });

  test('is compared with none from before the bridge was lost', () => {
    const { one, says } = presence({ bridge: BRIDGE, heartbeatMs: MINUTE_MS });
    one.bridgeUp(0);
    says(8 * HOUR_MS);
    one.bridgeLost();
    one.bridgeUp(30_000);
    expect(says(7 * HOUR_MS)).toEqual(NOTHING);
  });

  test('in the future by more than clocks differ is not used', () => {
    const { one, says } = presence({ bridge: BRIDGE, heartbeatMs: HOUR_MS });
    one.bridgeUp(30_000);
    expect(says(-4 * MINUTE_MS)).toEqual({ aliveAgoMs: 0, isCurrent: false });
    const other = presence({ bridge: BRIDGE, heartbeatMs: HOUR_MS });
    other.one.bridgeUp(30_000);
    expect(other.says(-HOUR_MS)).toEqual(NOTHING);
  });

  test('is at once, within what clocks differ, for a device without heartbeats', () => {
    const { says } = presence({ heartbeatMs: 0, watched: true });
    expect(says(5 * MINUTE_MS).isCurrent).toBe(true);
    expect(presence({ heartbeatMs: 0, watched: true }).says(5 * MINUTE_MS + 1)).toEqual(NOTHING);
  });
});
