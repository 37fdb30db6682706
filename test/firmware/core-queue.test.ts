import { expect, it } from 'vitest';
import { hex } from '../vectors/button-bus-reference.ts';
import { core } from './core-library.ts';
import { ADDRESS, CoreNode, downBody, KEY, type Sent } from './core-node.ts';

const presses = <Frame extends Sent>(sent: readonly Frame[]) => sent.filter(({ message }) => message.type === 'press');
const accept = (node: CoreNode) => (sent: Sent) => node.acknowledge(sent.counter, 'accepted');

function settled(settings: ConstructorParameters<typeof CoreNode>[0] = {}, now = 1000): CoreNode {
  const node = new CoreNode(settings, 5, now);
  node.contacts();
  node.run(1000, accept(node));
  return node;
}

function push(node: CoreNode, button: number, answer?: (sent: Sent) => void): Sent[] {
  node.close(button);
  const sent = [...node.run(40, answer)];
  node.open(button);
  sent.push(...node.run(40, answer));
  return sent;
}

it.each([1000, 0xffff_f800])(
  'repeats an unheard press at the times of section 7.3, the same bytes (clock at %i)',
  (now) => {
    const node = settled({}, now);
    node.close(4);
    const sent = presses(node.run(20_000));
    const times = sent.map(({ at }) => at - (sent[0]?.at ?? 0));
    const ranges = [
      [0, 0],
      [80, 96],
      [240, 288],
      [560, 672],
      [1200, 1440],
      [2480, 2976],
      [4480, 5376],
    ];
    for (const [i, [from = 0, to = 0]] of ranges.entries()) {
      expect(times[i]).toBeGreaterThanOrEqual(from);
      expect(times[i]).toBeLessThanOrEqual(to);
    }
    for (let i = 7; i < times.length; i++) {
      expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(2000);
      expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeLessThanOrEqual(2400);
    }
    expect(new Set(sent.map(({ wire }) => hex(wire))).size).toBe(1);
    expect(sent.every(({ isPress }) => isPress)).toBe(true);
  },
);

it('sends 8 of 200 presses of one button while nobody answers, and the gateway takes all 8', () => {
  const node = settled();
  for (let i = 0; i < 200; i++) push(node, 1);
  const counters = new Set(presses(node.run(10_000, accept(node))).map(({ counter }) => counter));
  expect(counters.size).toBe(8);
  expect(Math.max(...counters) - Math.min(...counters)).toBeLessThan(63);
});

it('sends a press of each of nine buttons, the ninth when a place is free', () => {
  const node = settled();
  for (let button = 0; button < 9; button++) push(node, button);
  expect(new Set(presses(node.run(3000)).map(({ message }) => 'button' in message && message.button)).size).toBe(8);
  const all = presses(node.run(10_000, accept(node))).map(({ message }) => ('button' in message ? message.button : -1));
  expect([...new Set(all)].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

it('drops the newest frame that is no press for a press, and a doubled press for another', () => {
  const node = settled();
  for (let point = 0; point < 8; point++) node.setPoint(point, true);
  node.run(60);
  expect(core.waiting(node.host)).toBe(8);
  for (let i = 0; i < 9; i++) push(node, 1);
  push(node, 2);
  const all = presses(node.run(10_000, accept(node))).map(({ message }) => ('button' in message ? message.button : -1));
  expect(all.sort()).toEqual([1, 1, 1, 1, 1, 1, 1, 2]);
});

it('keeps the counter within 32 of an unanswered press through 100 changes of points', () => {
  const node = settled();
  node.close(0);
  const pressed = presses(node.run(10))[0]?.counter ?? 0;
  for (let i = 0; i < 100; i++) {
    node.setPoint(0, i % 2 === 0);
    node.run(100, ({ counter, message }) => {
      if (message.type !== 'press') node.acknowledge(counter, 'heard');
    });
  }
  expect(core.counter(node.host)).toBe(pressed + 32);
  node.run(10_000, accept(node));
  expect(core.counter(node.host)).toBeGreaterThan(pressed + 32);
});

it('seals a press anew that more than 63 newer ones have overtaken, and never repeats a counter with other bytes', () => {
  const node = settled();
  const wires = new Map<number, string>();
  const heard = (sent: Sent) => {
    expect(wires.get(sent.counter) ?? hex(sent.wire)).toBe(hex(sent.wire));
    wires.set(sent.counter, hex(sent.wire));
    if (sent.message.type !== 'press' || sent.message.button !== 0) node.acknowledge(sent.counter, 'accepted');
  };
  const first = presses(push(node, 0, heard))[0]?.counter ?? 0;
  for (let i = 0; i < 70; i++) push(node, 1, heard);
  const later = presses(node.run(5000, heard)).map(({ counter }) => counter);
  expect(Math.min(...later)).toBeGreaterThan(first + 63);
});

it('sends no heartbeat while a press waits, and one when it is answered', () => {
  const node = settled();
  node.close(0);
  expect(node.run(120_000).filter(({ message }) => message.type === 'heartbeat')).toEqual([]);
  const sent = node.run(3000, accept(node));
  expect(sent.map(({ message }) => message.type)).toEqual(['press', 'heartbeat']);
});

it('sends a heartbeat every 27 to 30 s and counts its seconds, for 60 days', () => {
  const node = settled({ heartbeatSeconds: 30 });
  const day = node.run(3_600_000, accept(node));
  for (const [i, { at }] of day.entries()) {
    if (i === 0) continue;
    expect(at - (day[i - 1]?.at ?? 0)).toBeGreaterThanOrEqual(26_900);
    expect(at - (day[i - 1]?.at ?? 0)).toBeLessThanOrEqual(30_100);
  }
  const slow = settled({ heartbeatSeconds: 3600 });
  const last = slow.run(60 * 86_400_000, accept(slow)).at(-1)?.message;
  expect(last).toMatchObject({ type: 'heartbeat' });
  expect(last?.type === 'heartbeat' && last.uptimeSeconds).toBeGreaterThan(59.9 * 86_400);
});

it.each([
  ['heard', 5000],
  ['sent', 5000],
  ['notConfirmed', 10_000],
] as const)('enquires with the same bytes about a press that is %s, for an hour', (status, gap) => {
  const node = settled({ heartbeatSeconds: 3600 });
  node.close(0);
  const [first] = presses(node.run(10));
  node.acknowledge(first?.counter ?? 0, 'heard');
  if (status !== 'heard') node.acknowledge(first?.counter ?? 0, status);
  const sent = presses(node.run(4_000_000));
  expect(sent.length).toBe(3_600_000 / gap - 1);
  expect(new Set(sent.map(({ wire }) => hex(wire)))).toEqual(new Set([hex(first?.wire ?? new Uint8Array())]));
  expect(sent.every(({ at }, i) => i === 0 || at - (sent[i - 1]?.at ?? 0) === gap)).toBe(true);
  expect(sent.some(({ isPress }) => isPress)).toBe(false);
});

it('calls on under not confirmed alone, and ends with heard', () => {
  const node = settled();
  node.close(0);
  const [first] = presses(node.run(10));
  node.acknowledge(first?.counter ?? 0, 'notConfirmed');
  expect(core.status(node.host)).toBe(4);
  expect(presses(node.run(10_000)).length).toBeGreaterThan(5);
  node.acknowledge(first?.counter ?? 0, 'heard');
  expect(core.status(node.host)).toBe(4);
  expect(presses(node.run(9_900))).toEqual([]);
  node.acknowledge(first?.counter ?? 0, 'accepted');
  expect(core.status(node.host)).toBe(3);
  expect(core.enquiries(node.host)).toBe(0);
});

it('obeys nothing old, foreign, forged or from before its start', () => {
  const node = settled();
  node.close(0);
  const counter = presses(node.run(10))[0]?.counter ?? 0;
  const ack = (nodeEpoch: number) => ({ type: 'ack', nodeEpoch, counter, status: 'accepted' }) as const;
  const good = downBody(2_000_000_000, 1, ack(5));
  node.hear(downBody(1, 99, ack(5)));
  node.hear(downBody(1_767_225_600, 1, ack(5)));
  node.hear(downBody(2_000_000_000, 1, ack(4)));
  node.hear(downBody(2_000_000_000, 1, ack(5), 18));
  for (let at = 0; at < good.length; at++) node.hear(good.with(at, (good[at] ?? 0) ^ 0x10));
  expect(core.status(node.host)).toBe(0);
  node.hear(good);
  expect(core.status(node.host)).toBe(3);
});

it('shows nothing for an acknowledgement that fits no press, and nothing in silent mode', () => {
  const node = settled();
  node.acknowledge(0, 'accepted');
  node.acknowledge(4_000_000, 'accepted');
  expect(core.status(node.host)).toBe(0);
  node.obey({ type: 'silent', nodeEpoch: 5, silent: true });
  expect(core.isSilent(node.host)).toBe(true);
  expect(node.run(60).map(({ message }) => message)).toMatchObject([{ type: 'heartbeat', silentMode: true }]);
});

it('uses the last counter, seals nothing after it, and asks for a restart', () => {
  const node = settled();
  core.setCounter(node.host, 0xffff_fffe);
  node.close(0);
  const sent = node.run(5000);
  expect(new Set(sent.map(({ counter }) => counter))).toEqual(new Set([0xffff_ffff]));
  expect(core.mustRestart(node.host)).toBe(true);
});

it('restarts a little before the last counter, but only while nothing would be forgotten', () => {
  const node = settled();
  core.setCounter(node.host, 0xffff_f800);
  expect(core.mustRestart(node.host)).toBe(true);
  node.close(0);
  node.run(100);
  expect(core.mustRestart(node.host)).toBe(false);
});

it.each([
  ['a status of 0', [5, 0, 0, 0, 9, 0, 0, 0, 0]],
  ['a status of 5', [5, 0, 0, 0, 9, 0, 0, 0, 5]],
  ['no status', [5, 0, 0, 0, 9, 0, 0, 0]],
  ['nothing', []],
])('does not obey an authentic acknowledgement with %s, nor remember its number', (_what, payload) => {
  const node = settled();
  core.setCounter(node.host, 8);
  node.close(0);
  node.run(10);
  const frame = new Uint8Array(64);
  const bytes = Uint8Array.from(payload);
  const length = core.seal(frame, KEY, ADDRESS, 0x81, 2_000_000_000, 7, bytes, bytes.length);
  node.hear(frame.subarray(1, length - 1));
  expect(core.status(node.host)).toBe(0);
  node.hear(downBody(2_000_000_000, 7, { type: 'ack', nodeEpoch: 5, counter: 9, status: 'accepted' }));
  expect(core.status(node.host)).toBe(3);
});
