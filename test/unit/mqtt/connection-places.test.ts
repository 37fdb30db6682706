import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Full, Places, type Room, sourceOf, type Visitor } from '../../../gateway/mqtt/connection-places.ts';
import { Refusals } from '../../../gateway/mqtt/login-refusals.ts';
import { RepeatedEvent } from '../../../gateway/mqtt/repeated-event.ts';

const few = { together: 3, each: 2 };
const room: Room = { strangers: 3, roles: { operator: few, viewer: few, device: few, reader: few } };

class Crowd {
  readonly full: Full[] = [];
  readonly closed: string[] = [];
  readonly places = new Places(room, (full) => this.full.push(full));

  arrive(name: string, source: string, heardMs = 0): Visitor {
    const visitor = { source, address: source, heardMs, close: () => void this.closed.push(name) };
    this.places.admit(visitor);
    return visitor;
  }
}

describe('a place for a stranger', () => {
  test('is taken from the oldest of the address that has most of them, never from the newcomer', () => {
    const crowd = new Crowd();
    crowd.arrive('calm', '10.0.0.1');
    for (let i = 0; i < 5; i += 1) crowd.arrive(`flood ${i}`, '10.0.0.2');
    expect(crowd.closed).toEqual(['flood 0', 'flood 1', 'flood 2']);
    expect(crowd.full).toEqual(Array.from({ length: 3 }, () => ({ of: 'strangers' })));
    crowd.arrive('other', '10.0.0.3');
    expect(crowd.closed.at(-1)).toBe('flood 3');
  });

  test('is free again when its connection closes, logs in or waits for its refusal', () => {
    const crowd = new Crowd();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => crowd.arrive(name, name));
    for (const visitor of [a, b]) if (visitor !== undefined) crowd.places.leave(visitor);
    if (c !== undefined) crowd.places.logIn(c, { name: 'console', role: 'viewer' });
    for (const name of ['d', 'e', 'f']) crowd.arrive(name, name);
    expect(crowd.closed).toEqual([]);
    expect(crowd.places.members).toBe(1);
  });
});

describe('a place for a client', () => {
  test('of an account that has too many is taken from the one that has been silent for longest', () => {
    const crowd = new Crowd();
    for (const [name, heardMs] of [
      ['fresh', 900],
      ['ghost', 100],
      ['new', 1000],
    ] as const) {
      crowd.places.logIn(crowd.arrive(name, name, heardMs), { name: 'console', role: 'viewer' });
    }
    expect(crowd.closed).toEqual(['ghost']);
    expect(crowd.full).toEqual([{ of: 'account', account: 'console' }]);
  });

  test('of a role that is full is taken from its largest account, and never from another role', () => {
    const crowd = new Crowd();
    const logIn = (name: string, role: 'viewer' | 'operator') =>
      crowd.places.logIn(crowd.arrive(name, name), { name: name.slice(0, -1), role });
    for (const name of ['desk1', 'hall1', 'hall2']) logIn(name, 'viewer');
    logIn('chief1', 'operator');
    expect(crowd.closed).toEqual([]);
    logIn('yard1', 'viewer');
    expect(crowd.closed).toEqual(['hall1']);
    expect(crowd.full).toEqual([{ of: 'role', account: 'hall' }]);
  });
});

test.each([
  ['192.168.1.7', '192.168.1.7'],
  ['::ffff:192.168.1.7', '192.168.1.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:db8::6', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s counts as %s', (address, source) => {
  expect(sourceOf(address)).toBe(source);
});

describe('a refusal', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('comes after its time, in order, by one timer for all', () => {
    const said: string[] = [];
    const refusals = new Refusals({ waitMs: 1000, each: 9, together: 9 }, () => Date.now());
    const add = (name: string) =>
      refusals.add(
        'a',
        () => said.push(name),
        () => said.push(`${name} closed`),
      );
    add('first');
    vi.advanceTimersByTime(400);
    add('second');
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(599);
    expect(said).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(said).toEqual(['first']);
    vi.advanceTimersByTime(400);
    expect(said).toEqual(['first', 'second']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('gives way to newer ones, first of its own address, and never more wait than may', () => {
    const closed: string[] = [];
    const refusals = new Refusals({ waitMs: 1000, each: 2, together: 3 }, () => Date.now());
    const add = (source: string, name: string) =>
      refusals.add(
        source,
        () => undefined,
        () => closed.push(name),
      );
    add('calm', 'calm');
    for (let i = 0; i < 4; i += 1) add('flood', `flood ${i}`);
    expect(closed).toEqual(['flood 0', 'flood 1']);
    add('third', 'third');
    expect(closed.at(-1)).toBe('calm');
    for (let i = 0; i < 1000; i += 1) add(String(i), String(i));
    expect(refusals.waiting).toBe(3);
    refusals.stop();
    expect([vi.getTimerCount(), refusals.waiting]).toEqual([0, 0]);
  });

  test('what goes on is told once, and its end once it has been calm', () => {
    const told: string[] = [];
    const unrest = new RepeatedEvent(1000, (standing, detail) => told.push(`${standing} ${detail}`));
    for (let i = 0; i < 10; i += 1) {
      unrest.happened(`${i}`);
      vi.advanceTimersByTime(900);
    }
    expect(told).toEqual(['true 0']);
    vi.advanceTimersByTime(100);
    expect(told).toEqual(['true 0', 'false over']);
    unrest.happened('again');
    expect(told.at(-1)).toBe('true again');
    unrest.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
