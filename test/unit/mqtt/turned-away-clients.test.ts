import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BrokerSink } from '../../../gateway/mqtt/broker.ts';
import { type Caller, TurnedAwayClients } from '../../../gateway/mqtt/turned-away-clients.ts';
import type { monoMs } from '../../../gateway/system/clock.ts';

const HOUR_MS = 3_600_000;
const TIMES = { steadyMs: 10_000, persistMs: 60_000 };

type Connection = Duplex & EventEmitter;

class Bench {
  readonly told: string[] = [];
  readonly notices: string[] = [];
  readonly clients: TurnedAwayClients;

  constructor(accounts: readonly string[] = ['zigbee', 'shellies']) {
    const sink: Partial<BrokerSink> = {
      turnedAway: (account = '', standing, detail) => this.told.push(`${account} ${standing ? detail : 'over'}`),
      notice: ({ detail }) => this.notices.push(detail),
    };
    this.clients = new TurnedAwayClients(
      sink as BrokerSink,
      accounts,
      TIMES,
      () => Date.now() as ReturnType<typeof monoMs>,
    );
  }

  turnAway(caller: Caller, what = 'speaks MQTT 5', event = 'version'): void {
    this.clients.turnAway(caller, { event, what, advice: 'set 4' });
  }

  /** Logs in, and returns the connection. */
  admit(caller: Caller): Connection {
    const connection = new EventEmitter() as Connection;
    this.clients.admitted({ ...caller, connection });
    return connection;
  }
}

const Z2M: Caller = { account: 'zigbee', clientId: 'z2m', address: '10.0.0.5' };
const GUESSER: Caller = { address: '10.0.0.66', userName: 'evil', clientId: 'evil' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a client that has given its password', () => {
  test('is named at once, and once, however often it comes', () => {
    const bench = new Bench();
    for (let i = 0; i < 100; i += 1) bench.turnAway(Z2M);
    expect(bench.told).toEqual(['zigbee "zigbee", client id "z2m", from 10.0.0.5: speaks MQTT 5; set 4']);
    expect(bench.notices).toHaveLength(100);
  });

  test('is well when it has stayed for a while, or left by itself, but not if it is turned away again', () => {
    const bench = new Bench();
    bench.turnAway(Z2M);
    const connection = bench.admit(Z2M);
    vi.advanceTimersByTime(TIMES.steadyMs - 1);
    bench.turnAway({ ...Z2M, connection });
    vi.advanceTimersByTime(1);
    connection.emit('close');
    expect(bench.told).toHaveLength(1);
    bench.admit(Z2M).emit('close');
    expect(bench.told.at(-1)).toBe('zigbee over');
    bench.turnAway(Z2M);
    bench.admit(Z2M);
    vi.advanceTimersByTime(TIMES.steadyMs);
    expect(bench.told.slice(2)).toEqual([bench.told[0], 'zigbee over']);
  });

  test('is also well if it has made up another id at the same address; others of its account prove nothing', () => {
    const bench = new Bench();
    bench.turnAway(Z2M);
    bench.admit({ ...Z2M, address: '10.0.0.9', clientId: 'other' }).emit('close');
    bench.admit({ ...Z2M, account: 'shellies' }).emit('close');
    expect(bench.told.at(-1)).not.toBe('zigbee over');
    bench.admit({ ...Z2M, clientId: 'made-up' }).emit('close');
    expect(bench.told.at(-1)).toBe('zigbee over');
  });

  test('stays named when another client of its address, which was connected before, is well', () => {
    const bench = new Bench();
    const display = bench.admit({ ...Z2M, clientId: 'display' });
    vi.advanceTimersByTime(1);
    bench.turnAway(Z2M);
    vi.advanceTimersByTime(TIMES.steadyMs);
    display.emit('close');
    expect(bench.told.at(-1)).not.toBe('zigbee over');
  });

  test('is followed by the next one that is still turned away', () => {
    const bench = new Bench();
    bench.turnAway(Z2M);
    bench.turnAway({ ...Z2M, address: '10.0.0.9', clientId: 'second' }, 'has no keep-alive', 'keep-alive');
    bench.admit(Z2M).emit('close');
    bench.turnAway({ ...Z2M, address: '10.0.0.9', clientId: 'second' }, 'has no keep-alive', 'keep-alive');
    expect(bench.told.at(-1)).toContain('"second", from 10.0.0.9: has no keep-alive');
  });

  test('that has not come for a day was removed', () => {
    const bench = new Bench();
    bench.turnAway(Z2M);
    vi.advanceTimersByTime(24 * HOUR_MS);
    expect(bench.told).not.toContain('zigbee over');
    vi.advanceTimersByTime(2 * HOUR_MS);
    expect(bench.told).toContain('zigbee over');
  });
});

describe('a caller that has proven nothing', () => {
  test('is a trouble when it still comes after a while, and no more an hour after its last try', () => {
    const bench = new Bench();
    const tries = (count: number) => {
      for (let i = 0; i < count; i += 1) bench.turnAway(GUESSER);
    };
    tries(50);
    expect(bench.told).toEqual([]);
    vi.advanceTimersByTime(TIMES.persistMs);
    tries(1);
    expect(bench.told).toEqual([' not logged in, from 10.0.0.66: speaks MQTT 5; set 4']);
    vi.advanceTimersByTime(HOUR_MS + 60_000);
    expect(bench.told.at(-1)).toBe(' over');
  });

  test('of ever other addresses does not end the trouble about the first', () => {
    const bench = new Bench();
    for (let i = 0; i < 3; i += 1) {
      bench.turnAway(GUESSER);
      vi.advanceTimersByTime(TIMES.persistMs);
    }
    for (let i = 0; i < 2000; i += 1) bench.turnAway({ address: `2001:db8::${i % 40}` });
    expect(bench.told).toHaveLength(1);
  });

  test('is well when it logs in from the same address, as the user that it named', () => {
    const bench = new Bench();
    const mistyped = { ...GUESSER, claims: 'zigbee' };
    for (let i = 0; i < 3; i += 1) {
      bench.turnAway(mistyped);
      vi.advanceTimersByTime(TIMES.persistMs);
    }
    bench.admit({ ...Z2M, account: 'shellies', address: GUESSER.address }).emit('close');
    bench.admit(Z2M).emit('close');
    expect(bench.told.filter((each) => each.startsWith(' '))).toHaveLength(1);
    bench.admit({ ...Z2M, address: GUESSER.address }).emit('close');
    expect(bench.told.at(-1)).toBe(' over');
  });
});

test('what an earlier run reported ends when the client connects well, or has not come in time', () => {
  const bench = new Bench();
  expect(bench.told).toEqual([]);
  bench.admit(Z2M).emit('close');
  expect(bench.told).toEqual(['zigbee over']);
  vi.advanceTimersByTime(HOUR_MS + 60_000);
  expect(bench.told).toEqual(['zigbee over', ' over']);
  vi.advanceTimersByTime(25 * HOUR_MS);
  expect(bench.told).toEqual(['zigbee over', ' over', 'shellies over']);
});

test('whoever comes, with whatever fault, the reports stay few, and hold nothing that a stranger chose', () => {
  const caller = fc.record({
    address: fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'),
    clientId: fc.string().map((id) => `evil${id}`),
    userName: fc.constant('evil'),
  });
  const event = fc.constantFrom('version', 'login', 'tls', 'packet');
  const step = fc.tuple(caller, event, fc.integer({ min: 0, max: 2000 }), fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { minLength: 50, maxLength: 150 }), (steps) => {
      const bench = new Bench();
      const startMs = Date.now();
      for (const [stranger, fault, waitMs, isClient] of steps) {
        bench.turnAway(isClient ? { ...stranger, account: 'zigbee' } : stranger, 'is wrong', fault);
        vi.advanceTimersByTime(waitMs);
      }
      const minutes = (Date.now() - startMs) / 60_000;
      const strangers = bench.told.filter((each) => each.startsWith(' '));
      expect(bench.told.length).toBeLessThanOrEqual(2 * (3 + minutes));
      expect(strangers.join()).not.toContain('evil');
    }),
    { numRuns: 40 },
  );
});
