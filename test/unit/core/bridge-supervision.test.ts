import { describe, expect, test } from 'vitest';
import { BridgeSupervision } from '../../../gateway/core/devices/bridge-supervision.ts';
import { DeviceSupervision } from '../../../gateway/core/devices/device-supervision.ts';
import type { Presence } from '../../../gateway/core/signal.ts';
import type { Device } from '../../../gateway/core/site.ts';
import { device } from '../../simulation/site.ts';
import { TestContext } from './test-context.ts';

const BRIDGE = 'zigbee2mqtt/bridge/state';
const CACHED_MS = 30_000;
const DOWN = 'Bridge down: zigbee2mqtt/bridge/state; its 2 devices are not heard';
const HINT = 'check that the bridge runs, and that its radio is plugged in';
const SILENT = `it has said nothing for 120 s (is the topic right?): ${HINT}`;

/** Two devices behind a bridge; by default only their availability supervises them. */
function bridged(changes: Partial<Device> = { heartbeatMs: 0, watched: true }) {
  const test = new TestContext();
  const devices = [101, 102].map((number) => {
    return new DeviceSupervision(device(number, { bridge: BRIDGE, ...changes }), test.context, test.troubles);
  });
  const bridge = new BridgeSupervision({ input: 'bus-1', bridge: BRIDGE }, devices, test.context, test.troubles);
  test.onTimer = (timer) => {
    if (timer.type === 'bridgeDue') bridge.due();
    else if (timer.type === 'bridgeCached') bridge.cacheOver();
    else if (timer.type === 'debounce') devices[0]?.debounced(timer.point);
    else if (timer.type === 'deviceDue') for (const each of devices) if (each.device.id === timer.device) each.due();
  };
  const inputChanged = (up: boolean) => {
    for (const each of [bridge, ...devices]) each.inputChanged(up);
  };
  const says = (word: Presence, kept = false) => {
    bridge.heard({ input: 'bus-1', bridge: BRIDGE, says: word, word, ...(kept ? { kept: true } : {}) });
  };
  /** Of the first device. */
  const supervised = () =>
    test
      .of('publish')
      .flatMap(({ publication: of }) =>
        of.kind === 'device' && of.document.device === 'wb-101' ? of.document.supervised : [],
      )
      .at(-1) ?? 'unknown';
  const [one] = devices;
  if (one === undefined) throw new Error('there are two devices');
  const message = (isEvent = false) => {
    const signal = { input: 'bus-1', device: 'wb-101', authenticated: false, capturedMs: test.nowMs } as const;
    return one.heard({ ...signal, body: { type: 'alive' } }, isEvent);
  };
  return { test, bridge, devices, one, inputChanged, says, supervised, message };
}

describe('a bridge', () => {
  test('that says offline is one trouble, with its devices unknown and not missing', () => {
    const { test, devices, inputChanged, says, supervised } = bridged();
    inputChanged(true);
    says('online', true);
    for (const each of devices) each.availability(0, 'online', true);
    expect(supervised()).toBe('ok');
    says('offline');
    expect(supervised()).toBe('unknown');
    test.run(10 * 24 * 3_600_000);
    expect(test.texts).toEqual([DOWN]);
  });

  test('that says so twice is told once; a word that nobody understands is told like it', () => {
    const { test, inputChanged, says } = bridged();
    inputChanged(true);
    says('offline', true);
    says('offline');
    expect(test.texts).toEqual([DOWN]);
    const other = bridged();
    other.inputChanged(true);
    other.says('unclear');
    expect(other.test.texts).toEqual([DOWN]);
    expect(other.test.details).toEqual([`it says unclear, which is not understood: ${HINT}`]);
    other.says('online');
    expect(other.test.texts.at(-1)).toMatch(/^Restored: Bridge down/);
  });

  test('that says nothing after its input came up is down, and its devices are not missing', () => {
    const { test, inputChanged, says } = bridged();
    inputChanged(true);
    test.run(119_999);
    expect(test.texts).toEqual([]);
    test.run(1);
    expect(test.texts).toEqual([DOWN]);
    expect(test.details).toEqual([SILENT]);
    test.run(3_600_000);
    expect(test.texts).toEqual([DOWN]);
    says('online');
    expect(test.texts.at(-1)).toBe(`Restored: ${DOWN}`);
  });

  test('whose word came before its input was up is awaited no more', () => {
    const { test, inputChanged, says, devices } = bridged();
    for (const each of devices) each.availability(0, 'online', true);
    says('online', true);
    inputChanged(true);
    test.run(3_600_000);
    expect(test.texts).toEqual([]);
  });

  test('whose input is down is not down itself, and is awaited anew', () => {
    const { test, inputChanged, says, supervised, devices } = bridged();
    inputChanged(true);
    says('online', true);
    for (const each of devices) each.availability(0, 'online', true);
    inputChanged(false);
    expect(supervised()).toBe('unknown');
    test.run(3_600_000);
    expect(test.texts).toEqual([]);
    inputChanged(true);
    test.run(120_000);
    expect(test.texts).toEqual([DOWN]);
  });

  test('of an earlier run’s trouble, read late, ends it if it is up', () => {
    const { test, inputChanged, says, bridge } = bridged();
    inputChanged(true);
    says('online', true);
    test.troubles.raise('bridgeDown', `bus-1.${BRIDGE}`, { text: 'Bridge down' });
    bridge.restoreTroubles();
    expect(test.troubles.stands('bridgeDown', `bus-1.${BRIDGE}`)).toBe(false);
  });
});

describe('a device whose bridge came back', () => {
  test('is well by its own news only once nothing can come from the cache', () => {
    const { test, inputChanged, says, supervised, message } = bridged({ heartbeatMs: 30_000 });
    inputChanged(true);
    says('offline', true);
    says('online');
    expect(message()).toBe(false);
    expect(supervised()).toBe('unknown');
    test.run(CACHED_MS);
    expect(message()).toBe(true);
    expect(supervised()).toBe('ok');
  });

  test('is well at once by a press, or by an availability that speaks now', () => {
    const pressed = bridged({ heartbeatMs: 30_000 });
    pressed.inputChanged(true);
    pressed.says('online');
    pressed.message(true);
    expect(pressed.supervised()).toBe('ok');
    const { inputChanged, says, one, supervised } = bridged();
    inputChanged(true);
    says('online');
    one.availability(0, 'online', false);
    expect(supervised()).toBe('ok');
  });

  test('is what its availability said last, if that is not repeated: a bridge may only have lost its connection', () => {
    for (const [word, state] of [
      ['online', 'ok'],
      ['offline', 'missing'],
    ] as const) {
      const { test, inputChanged, says, one, supervised } = bridged();
      inputChanged(true);
      says('online', true);
      one.availability(0, word, true);
      says('offline');
      says('online');
      test.run(CACHED_MS - 1);
      expect(supervised()).not.toBe('ok');
      test.run(1);
      expect(supervised()).toBe(state);
    }
  });

  test('that was lost by silence stays lost until it is heard', () => {
    const { test, inputChanged, says, one, supervised } = bridged({ heartbeatMs: 30_000, watched: true });
    inputChanged(true);
    says('online', true);
    one.availability(0, 'online', true);
    test.run(120_000);
    expect(supervised()).toBe('missing');
    says('offline');
    says('online');
    test.run(CACHED_MS);
    expect(supervised()).toBe('missing');
  });

  test('has its whole window after the time of the cache, and is missing after that', () => {
    const { test, inputChanged, says } = bridged({ heartbeatMs: 30_000 });
    inputChanged(true);
    says('online', true);
    test.run(CACHED_MS + 90_000 - 1);
    expect(test.texts).toEqual([]);
    test.run(1);
    expect(test.texts).toHaveLength(2);
    expect(test.texts[0]).toMatch(/^Device missing: wb-10[12]/);
  });

  test('has doors that are unknown until it is heard anew', () => {
    const { test, inputChanged, says, one, message } = bridged({ heartbeatMs: 30_000 });
    const closed = (counter: number, isCurrent: boolean) => {
      one.pointHeard(0, false, { epoch: 1, counter }, isCurrent);
      test.run(50);
    };
    inputChanged(true);
    says('online', true);
    test.run(CACHED_MS);
    closed(1, message());
    expect(one.pointState(0)).toBe('closed');
    says('offline');
    expect(one.pointState(0)).toBe('unknown');
    says('online');
    closed(2, message());
    expect(one.pointState(0)).toBe('unknown');
    test.run(CACHED_MS);
    closed(3, message());
    expect(one.pointState(0)).toBe('closed');
  });
});

test('a bridge that says online again and again does not hold off the proofs of its devices', () => {
  const { test, inputChanged, says, supervised, message } = bridged({ heartbeatMs: 30_000 });
  const ofIt = () => test.texts.filter((text) => text.includes('wb-101'));
  inputChanged(true);
  says('online', true);
  for (let second = 0; second < 3_600; second += 20) {
    says('online');
    test.run(20_000);
    message();
    if (second > 60) expect(supervised()).toBe('ok');
  }
  expect(ofIt()).toEqual([]);
});

test('a bridge that says online after a long time may have started anew: its states prove nothing for a while', () => {
  const { test, inputChanged, says, supervised, message } = bridged({ heartbeatMs: 0 });
  inputChanged(true);
  says('online', true);
  test.run(24 * 3_600_000);
  expect(message()).toBe(true);
  says('online');
  expect(message()).toBe(false);
  expect(supervised()).toBe('unsupervised');
});
