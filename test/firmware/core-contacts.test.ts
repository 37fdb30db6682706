import { expect, it } from 'vitest';
import { CoreNode, type Sent } from './core-node.ts';

const kinds = (sent: readonly Sent[]) =>
  sent.map(({ message }) => (message.type === 'press' ? `${message.pattern} ${message.button}` : message.type));
const isRest = (kind: string) => kind !== 'hello' && kind !== 'heartbeat';

/** A node that has said its hello and its first heartbeat, and is answered at once from now on. */
function settled(settings: ConstructorParameters<typeof CoreNode>[0] = {}, now = 1000): CoreNode {
  const node = new CoreNode(settings, 5, now);
  node.contacts();
  node.run(1000, ({ counter }) => node.acknowledge(counter, 'accepted'));
  return node;
}

const answered = (node: CoreNode, ms: number) =>
  node.run(ms, ({ counter }) => node.acknowledge(counter, 'accepted')).filter(({ message }) => isRest(message.type));

it.each([1, 2, 3, 4])('does not count a contact that was closed for %i ms', (ms) => {
  const node = settled();
  node.close(3);
  node.now += ms;
  node.open(3);
  expect(answered(node, 1000)).toEqual([]);
});

it.each([30, 31, 50, 100])('counts a contact that was closed for %i ms, even if nobody looked meanwhile', (ms) => {
  const node = settled();
  node.close(3);
  node.now += ms;
  node.open(3);
  const [press, release] = answered(node, 1000);
  expect(press?.message).toEqual({ type: 'press', button: 3, pattern: 'single' });
  expect(release?.message).toEqual({ type: 'release', button: 3, heldMs: Math.floor(ms / 10) * 10 });
});

it('sends one press and one release for a push whose contact bounces', () => {
  const node = settled();
  const sent: Sent[] = [];
  const bounce = (times: readonly number[]) => {
    for (const ms of times) {
      if ((node.buttons & 1) === 0) node.close(0);
      else node.open(0);
      sent.push(...answered(node, ms));
    }
  };
  bounce([1, 1, 2, 1, 3, 2, 400, 5, 2, 20, 300, 29, 100, 1, 3, 1, 2, 500]);
  expect(kinds(sent)).toEqual(['single 0', 'release']);
});

it('queues the press within 7 ms of its contact', () => {
  const node = settled();
  const closedAt = node.now;
  node.close(0);
  expect(answered(node, 100)[0]?.at).toBeLessThanOrEqual(closedAt + 7);
});

it.each([
  [1990, 'single 2'],
  [2000, 'long 2'],
  [2010, 'long 2'],
])('calls a push of %i ms on a button with two patterns %s', (ms, pattern) => {
  const node = settled({ longPress: 0b100 });
  node.close(2);
  const sent = [...answered(node, ms)];
  node.open(2);
  sent.push(...answered(node, 500));
  expect(kinds(sent)).toEqual([pattern, 'release']);
});

it('sends a long press while the hand is still on it, after 2 s', () => {
  const node = settled({ longPress: 0b100 });
  const closedAt = node.now;
  node.close(2);
  const sent = answered(node, 5000);
  expect(kinds(sent)).toEqual(['long 2']);
  expect(sent[0]?.at).toBe(closedAt + 2000);
});

it.each([1, 60])('says 655.35 s of a button that was held for %i days', (days) => {
  const node = settled({ heartbeatSeconds: 3600 });
  node.close(1);
  answered(node, days * 86_400_000);
  node.open(1);
  expect(answered(node, 1000).map(({ message }) => message)).toEqual([{ type: 'release', button: 1, heldMs: 655_350 }]);
});

it('counts a button that is closed at the start as pressed, and a point as it is', () => {
  const node = new CoreNode();
  node.buttons = 0b10;
  node.points = 0b100;
  node.contacts();
  const sent = node.run(400, ({ counter }) => node.acknowledge(counter, 'accepted'));
  expect(kinds(sent)[0]).toBe('single 1');
  expect(kinds(sent).slice(1).sort()).toEqual(['heartbeat', 'hello']);
  const heartbeat = sent.find(({ message }) => message.type === 'heartbeat')?.message;
  expect(heartbeat).toMatchObject({ points: Array.from({ length: 16 }, (_, i) => i === 2) });
});

it('counts a button that was closed before the start and is open since', () => {
  const node = new CoreNode();
  node.buttons = 1;
  node.contacts();
  node.open(0);
  expect(kinds(node.run(60, ({ counter }) => node.acknowledge(counter, 'accepted')))).toContain('single 0');
});

it.each([
  [19, []],
  [20, ['point', 'point']],
])('sends a point that changed for %i ms: %j', (ms, expected) => {
  const node = settled({ sharedLine: false });
  node.setPoint(5, true);
  const sent = [...answered(node, ms)];
  node.setPoint(5, false);
  sent.push(...answered(node, 500));
  expect(kinds(sent)).toEqual(expected);
});

it('tells an opened cover in a heartbeat at once', () => {
  const node = settled();
  node.tamper = true;
  node.contacts();
  const sent = node.run(80, ({ counter }) => node.acknowledge(counter, 'heard'));
  expect(sent.map(({ message }) => message)).toMatchObject([{ type: 'heartbeat', tamper: true }]);
});

it('ignores contacts that the settings do not know', () => {
  const node = settled({ buttons: 2, points: 1 });
  node.buttons = 0b1111_1100;
  node.points = 0b10;
  node.contacts();
  expect(answered(node, 1000)).toEqual([]);
});

it('works across the end of its clock, and is never called in vain', () => {
  const node = settled({ longPress: 1 }, 0xffff_ffff - 1500);
  node.close(0);
  const sent = [...answered(node, 3000)];
  node.open(0);
  sent.push(...answered(node, 1000));
  expect(sent.map(({ message }) => message)).toEqual([
    { type: 'press', button: 0, pattern: 'long' },
    { type: 'release', button: 0, heldMs: 3000 },
  ]);
});
