import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Accounts,
  mayLeaveWill,
  mayRead,
  maySubscribe,
  publishRight,
  saysStatus,
} from '../../../gateway/mqtt/access.ts';
import { PacketLimit } from '../../../gateway/mqtt/packet-limit.ts';
import { NoticeLimit, RateLimit } from '../../../gateway/mqtt/rate-limit.ts';
import { covers } from '../../../protocol/mqtt-topic-filter.ts';

describe('accounts', () => {
  const accounts = new Accounts([
    { name: 'desk', password: 'pass word', role: 'operator' },
    { name: 'blank', password: '', role: 'viewer' },
  ]);

  test('name and password must both be right, byte for byte', () => {
    expect(accounts.authenticate('desk', Buffer.from('pass word'))?.role).toBe('operator');
    for (const wrong of ['pass word ', 'Pass word', 'pass', '']) {
      expect(accounts.authenticate('desk', Buffer.from(wrong))).toBeUndefined();
    }
    expect(accounts.authenticate('Desk', Buffer.from('pass word'))).toBeUndefined();
    expect(accounts.authenticate(undefined, Buffer.from('pass word'))).toBeUndefined();
    expect(accounts.authenticate('desk', undefined)).toBeUndefined();
  });

  test('an empty password opens nothing, even when it is configured', () => {
    expect(accounts.authenticate('blank', Buffer.alloc(0))).toBeUndefined();
    expect(accounts.authenticate('blank', undefined)).toBeUndefined();
  });
});

describe('rights', () => {
  const scope = { root: 'callpoint/v1/school', homeAssistantPrefix: 'homeassistant' };
  const will = { topic: 'homeassistant/status', payload: Buffer.from('offline') };

  test('without Home Assistant its topics are closed to everybody', () => {
    const bare = { root: scope.root };
    expect(maySubscribe(bare, 'homeassistant/#')).toBe(false);
    expect(mayRead(bare, 'homeassistant/status')).toBe(false);
    expect(publishRight(bare, 'operator', 'homeassistant/status')).toBe('none');
    expect(mayLeaveWill(bare, 'operator', will)).toBe(false);
  });

  test('a filter is granted if there is a topic that it matches and its subscriber may read', () => {
    const level = fc.constantFrom('callpoint', 'v1', 'school', 'other', '+', '#', '$SYS', '$share', 'cmd', '');
    const below = ['callpoint/v1/school/', 'homeassistant/', '$SYS/'];
    fc.assert(
      fc.property(fc.array(level, { minLength: 1, maxLength: 6 }), (levels) => {
        const text = levels.join('/');
        const isFilter = !levels.slice(0, -1).includes('#') && text !== '';
        // Any topic below a readable tree that has the levels of the filter where it has no `+`.
        const topics = below.flatMap((tree) => {
          const own = tree.split('/');
          return [tree, `${tree}x`, [...own.slice(0, -1), ...levels.slice(own.length - 1)].join('/')];
        });
        const exact = topics.map((topic) => topic.replaceAll(/[+#]/g, 'x'));
        if (
          isFilter &&
          exact.some((topic) => covers(text, topic) && /^(\$SYS|homeassistant|callpoint\/v1\/school)\//.test(topic))
        )
          expect(maySubscribe(scope, text)).toBe(true);
        if (!isFilter || levels[0] === '$share' || levels[0] === 'other') expect(maySubscribe(scope, text)).toBe(false);
      }),
    );
    expect(maySubscribe(scope, `callpoint/v1/school/${'x'.repeat(600)}`)).toBe(false);
    expect(maySubscribe(scope, '$share/group/callpoint/v1/school/#')).toBe(false);
  });

  test('only topics below the two trees are read, whatever was subscribed to', () => {
    for (const topic of ['callpoint/v1/school/status', 'homeassistant/status'])
      expect(mayRead(scope, topic)).toBe(true);
    for (const topic of [
      'callpoint/v1/school2/x',
      'callpoint/v1/schoo',
      'homeassistant2/x',
      '$SYS/1/new/clients',
      'z/x',
    ])
      expect(mayRead(scope, topic)).toBe(false);
  });

  test('only an operator commands, and a will never does', () => {
    expect(publishRight(scope, 'operator', 'callpoint/v1/school/cmd/resolve')).toBe('command');
    expect(publishRight(scope, 'viewer', 'callpoint/v1/school/cmd/resolve')).toBe('none');
    expect(mayLeaveWill(scope, 'operator', { ...will, topic: 'callpoint/v1/school/cmd/resolve' })).toBe(false);
  });

  test('a viewer may say what Home Assistant says by default, and nothing else', () => {
    expect(publishRight(scope, 'viewer', 'homeassistant/status')).toBe('status');
    expect(publishRight(scope, 'viewer', 'homeassistant/binary_sensor/x/config')).toBe('none');
    for (const role of ['viewer', 'operator'] as const) expect(mayLeaveWill(scope, role, will)).toBe(true);
    expect(mayLeaveWill(scope, 'viewer', { ...will, payload: Buffer.from('{"evil":1}') })).toBe(false);
    expect(mayLeaveWill(scope, 'viewer', { ...will, topic: 'homeassistant/status/x' })).toBe(false);
    expect(saysStatus('online ')).toBe('online');
    for (const other of ['', 'ONLINE', 'online offline', `online${' '.repeat(100)}`])
      expect(saysStatus(other)).toBeUndefined();
  });
});

describe('the packet limit', () => {
  function packet(length: number): Uint8Array {
    const header = [0x30];
    let rest = length;
    do {
      header.push((rest % 128) | (rest > 127 ? 0x80 : 0));
      rest = Math.floor(rest / 128);
    } while (rest > 0);
    return Uint8Array.from([...header, ...new Array<number>(length).fill(0xff)]);
  }

  test('packets within it pass however the stream is cut; the first one beyond it does not', () => {
    const lengths = fc.array(fc.constantFrom(0, 1, 127, 128, 129, 1000), { maxLength: 8 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 400 }), fc.boolean(), (packets, step, tooLong) => {
        const bytes = [...packets.map(packet), ...(tooLong ? [packet(1001)] : [])].flatMap((part) => [...part]);
        const limit = new PacketLimit(1000);
        const verdicts: boolean[] = [];
        for (let at = 0; at < bytes.length && verdicts.at(-1) !== false; at += step) {
          verdicts.push(limit.accepts(Uint8Array.from(bytes.slice(at, at + step))));
        }
        expect(verdicts.includes(false)).toBe(tooLong);
      }),
    );
  });

  test('a length of more than four bytes is none', () => {
    expect(new PacketLimit(Number.MAX_SAFE_INTEGER).accepts(Uint8Array.of(0x10, 0x80, 0x80, 0x80, 0x80))).toBe(false);
  });
});

describe('rate limits', () => {
  test('a burst passes, then as much as is earned, and a clock that stands still earns nothing', () => {
    const limit = new RateLimit(2, 3, 0);
    expect([0, 0, 0, 0].map((now) => limit.allows(now))).toEqual([true, true, true, false]);
    expect([400, 500, 500, 1000].map((now) => limit.allows(now))).toEqual([false, true, false, true]);
  });

  test('a flood of one event is told with its number, and hides no other event', () => {
    const told: string[] = [];
    let now = 0;
    const limit = new NoticeLimit(
      ({ event, detail }) => told.push(`${event}: ${detail}`),
      () => now,
    );
    for (let i = 0; i < 100; i += 1) limit.tell({ level: 'warn', event: 'flood', detail: String(i) });
    limit.tell({ level: 'warn', event: 'other', detail: 'x' });
    expect(told).toEqual(['flood: 0', 'flood: 1', 'flood: 2', 'flood: 3', 'flood: 4', 'other: x']);
    now = 10_000;
    limit.tell({ level: 'warn', event: 'flood', detail: 'again' });
    expect(told.at(-1)).toBe('flood: again (95 more like this before)');
  });
});
