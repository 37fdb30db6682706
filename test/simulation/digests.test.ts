import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Attempt, Outcome } from '../../gateway/core/report.ts';
import type { Device, Path } from '../../gateway/core/site.ts';
import { SensorWorld } from './sensor-world.ts';
import { device, inTurn, path, site } from './site.ts';

const CHARACTERS = 60;
const OFF = { mode: 'off', intervalMs: 20_000, testIntervalMs: 300_000, downAfter: 2, upAfter: 2 } as const;
/** 1200 Bd: TXDELAY 300 ms, tail 100 ms, 40 bytes of header and framing at 6.7 ms each. */
const AIR_TIME = {
  messageMs: 670,
  characterMs: 6.7,
  budgetMs: 40_000,
  windowMs: 60_000,
  repeatsMax: 3,
  restMs: 30_000,
};
const SLOW: Path = path('radio', {
  supervision: OFF,
  parallel: 2,
  formats: 1,
  attemptTimeoutMs: 5000,
  retryMs: 3000,
  retryMsMax: 24_000,
  digest: { characters: CHARACTERS },
  airTime: AIR_TIME,
});

function building(id: string, from: number, count: number): Device[] {
  return Array.from({ length: count }, (_, place) => {
    const number = from + place;
    const room = String(number);
    const names = { building: `Building ${id}`, floor: 'Floor 1', room: `Rm ${room}` };
    const location = { building: id, floor: '1', room, text: Object.values(names).join(', '), names };
    return device(number, { id: `${id.toLowerCase()}-${number}`, location, heartbeatMs: 0 });
  });
}

/**
 * A half-duplex channel of 1200 Bd with a receiver that acknowledges what it hears: one message at
 * a time, each with its air time.
 */
class Channel {
  readonly texts: string[] = [];
  airMs = 0;
  #freeMs = 0;
  readonly #heard = new Set<string>();
  readonly #world: SensorWorld;
  loses: (n: number) => 'message' | 'answer' | undefined = () => undefined;
  #n = 0;

  constructor(world: SensorWorld) {
    this.#world = world;
    world.receive = (attempt) => this.#take(attempt);
  }

  #take({ report }: Attempt): { afterMs: number; outcome: Outcome } | undefined {
    if (report === undefined) return undefined;
    const { nowMs } = this.#world.clock;
    const costMs = AIR_TIME.messageMs + report.text.length * AIR_TIME.characterMs;
    const startMs = Math.max(nowMs, this.#freeMs);
    this.#freeMs = startMs + costMs + 500;
    this.airMs += costMs;
    this.#n += 1;
    const lost = this.loses(this.#n);
    if (lost === 'message') return undefined;
    if (!this.#heard.has(report.id)) {
      this.#heard.add(report.id);
      this.texts.push(report.text);
    }
    return lost === 'answer' ? undefined : { afterMs: this.#freeMs - nowMs, outcome: { type: 'receiverAcknowledged' } };
  }

  /** Rooms named, once for each mention. */
  rooms(): string[] {
    return this.texts.flatMap((text) => (/Rm (.*)$/.exec(text)?.[1] ?? '').replace(' ...', '').split(', '));
  }
}

test('1,000 presses in a second over 1200 Bd: the first leaves at once, every room is named once, and the air time is bounded', () => {
  const devices = building('A', 100, 500);
  const world = new SensorWorld(site(devices, [SLOW]));
  const channel = new Channel(world);
  const startMs = world.clock.nowMs;
  for (let n = 0; n < 1000; n++) {
    world.run(1);
    world.press(`a-${100 + (n % 500)}`, 1 + Math.floor(n / 500));
  }
  const first = world.attempts[0];
  expect((first?.atMs ?? 0) - startMs).toBeLessThanOrEqual(50);
  expect(first?.report.text).toBe('Hold-up, Building A, Floor 1, Rm 100');
  world.run(600_000);
  for (const each of devices) {
    for (const counter of [1, 2]) {
      expect(world.published.get(`alert/${each.id}.1.${counter}`)).toMatchObject({ state: 'acknowledged' });
    }
  }
  const rooms = channel.rooms();
  // The first press went by itself, so its room is named again by the second press from it.
  expect(rooms.filter((room) => room === '100')).toHaveLength(2);
  expect(new Set(rooms).size).toBe(500);
  expect(rooms).toHaveLength(501);
  expect(channel.airMs).toBeLessThan(120 * 1000);
  expect(Math.max(...channel.texts.map((text) => text.length))).toBeLessThanOrEqual(CHARACTERS);
});

test('a new kind and a new building go before the digests of those that are known', () => {
  const world = new SensorWorld(site([...building('A', 100, 40), ...building('B', 200, 10)], [SLOW]));
  const channel = new Channel(world);
  for (let n = 0; n < 40; n++) world.press(`a-${100 + n}`, 1);
  world.run(100);
  world.press('b-203', 1);
  world.press('a-105', 2, { button: 1 });
  world.run(300_000);
  const singles = channel.texts.slice(0, 4).filter((text) => !text.includes(' more'));
  expect(singles).toContain('Hold-up, Building B, Floor 1, Rm 203');
  expect(singles).toContain('Medical, Building A, Floor 1, Rm 105');
});

test('a digest says how many wait and names as many rooms as fit; the words of the first are whole', () => {
  const world = new SensorWorld(site(building('A', 100, 30), [SLOW]));
  const channel = new Channel(world);
  for (let n = 0; n < 30; n++) world.press(`a-${100 + n}`, 1);
  world.run(60_000);
  expect(channel.texts.slice(0, 2)).toEqual([
    'Hold-up, Building A, Floor 1, Rm 100',
    'Hold-up A: 29 more, Rm 101, 102, 103, 104, 105, 106, 107 ...',
  ]);
});

test('what another path has meanwhile is no longer in the digest', () => {
  const fast = path('central', { supervision: OFF });
  const racing = { ...inTurn([SLOW, fast]), steps: [SLOW, fast].map(({ id }) => ({ path: id, afterMs: 0 })) };
  const world = new SensorWorld({ ...site(building('A', 100, 40), [SLOW, fast]), plan: racing });
  const channel = new Channel(world);
  const slow = world.receive;
  world.receive = (attempt) =>
    attempt.path === 'radio' ? slow(attempt) : { afterMs: 20, outcome: { type: 'receiverAcknowledged' } };
  for (let n = 0; n < 40; n++) world.press(`a-${100 + n}`, 1);
  world.run(300_000);
  expect(channel.texts.length).toBeLessThanOrEqual(2);
});

test('an alarm that waits alone goes by itself', () => {
  const world = new SensorWorld(site(building('A', 100, 3), [SLOW]));
  const channel = new Channel(world);
  world.press('a-100', 1);
  world.run(5000);
  world.press('a-101', 1);
  world.run(5000);
  expect(channel.texts).toEqual(['Hold-up, Building A, Floor 1, Rm 100', 'Hold-up, Building A, Floor 1, Rm 101']);
});

test('drills and the real thing are never in one digest', () => {
  const world = new SensorWorld(site([...building('A', 100, 20), ...building('B', 200, 20)], [SLOW]));
  const channel = new Channel(world);
  world.command({
    command: 'drill',
    action: 'start',
    scope: 'floor:A/1',
    minutes: 15,
    reason: 'exercise',
    by: 'maria',
  });
  for (let n = 0; n < 20; n++) {
    world.press(`a-${100 + n}`, 1);
    world.press(`b-${200 + n}`, 1);
  }
  world.run(300_000);
  for (const text of channel.texts) {
    const named = /Rm (.*)$/.exec(text)?.[1]?.replace(' ...', '').split(', ') ?? [];
    expect(named.every((room) => (Number(room) < 200 ? text.startsWith('DRILL: ') : !text.includes('DRILL')))).toBe(
      true,
    );
  }
});

test('whatever is lost on the air, every alarm is acknowledged in the end, and the air time keeps to its budget', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 }), fc.integer({ min: 2, max: 60 }), (seed, count) => {
      const world = new SensorWorld(site(building('A', 100, count), [SLOW]));
      const channel = new Channel(world);
      channel.loses = (n) => {
        const dice = ((n * 2654435761) ^ seed) % 10;
        if (dice < 2) return 'message';
        return dice < 4 ? 'answer' : undefined;
      };
      for (let n = 0; n < count; n++) world.press(`a-${100 + n}`, 1);
      world.run(3_600_000);
      for (let n = 0; n < count; n++) {
        expect(world.published.get(`alert/a-${100 + n}.1.1`)).toMatchObject({ state: 'acknowledged' });
      }
      const costs = world.attempts.map(({ report, atMs }) => ({
        atMs,
        costMs: AIR_TIME.messageMs + report.text.length * AIR_TIME.characterMs,
      }));
      for (const { atMs } of costs) {
        const within = costs.filter((each) => each.atMs >= atMs && each.atMs < atMs + AIR_TIME.windowMs);
        const spent = within.reduce((sum, { costMs }) => sum + costMs, 0);
        expect(spent).toBeLessThanOrEqual(
          AIR_TIME.budgetMs + 2 * (AIR_TIME.messageMs + CHARACTERS * AIR_TIME.characterMs),
        );
      }
    }),
    { numRuns: 20 },
  );
});

test('after a crash in a storm the rest goes out as digests again, and nothing is lost', () => {
  const world = new SensorWorld(site(building('A', 100, 100), [SLOW]));
  const channel = new Channel(world);
  for (let n = 0; n < 100; n++) world.press(`a-${100 + n}`, 1);
  world.run(8000);
  world.crash();
  world.start();
  const before = world.attempts.length;
  world.run(600_000);
  for (let n = 0; n < 100; n++) {
    expect(world.published.get(`alert/a-${100 + n}.1.1`)).toMatchObject({ state: 'acknowledged' });
  }
  expect(world.attempts.length - before).toBeLessThan(30);
  expect(channel.rooms().length).toBeGreaterThanOrEqual(100);
});

test('a fast path that understands nothing of a storm is told of over the slow one in few words', () => {
  const central = path('central', { supervision: OFF, formats: 1 });
  const world = new SensorWorld(site(building('A', 100, 200), [central, SLOW]));
  const channel = new Channel(world);
  const slow = world.receive;
  world.receive = (attempt) =>
    attempt.path === 'radio' ? slow(attempt) : { afterMs: 20, outcome: { type: 'notUnderstood' } };
  for (let n = 0; n < 200; n++) world.press(`a-${100 + n}`, 1);
  world.run(300_000);
  const about = channel.texts.filter((text) => text.includes('does not understand'));
  expect(about.length).toBeGreaterThan(0);
  expect(about.length).toBeLessThan(5);
});
