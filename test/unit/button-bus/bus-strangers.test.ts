import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { nodeAesCcm } from '../../../device-sim/nodes/node-aes-ccm.ts';
import { BusStrangers } from '../../../gateway/inputs/button-bus/bus-strangers.ts';
import { parseFrame, sealFrame } from '../../../protocol/button-bus/frame.ts';
import type { UpMessage } from '../../../protocol/button-bus/message.ts';
import type { NodeStranger } from '../../../protocol/discovery-document.ts';

const HELLO = { type: 'hello', serial: '0011223344556677', model: 1, firmware: '1.0', buttons: 1, points: 0 } as const;

const MINUTE = 60_000;

/** Many enrolled nodes. Each look at a key is a try. */
function known(count: number) {
  const tried = { keys: 0 };
  const nodes = Array.from({ length: count }, (_, at) => {
    const own = randomBytes(16);
    return {
      device: `wb-${at}`,
      address: -1,
      own,
      get key() {
        tried.keys += 1;
        return own;
      },
    };
  });
  return { nodes, tried };
}

function hear(
  strangers: BusStrangers,
  address: number,
  key: Uint8Array,
  counter: number,
  message?: UpMessage,
  nowMs = counter,
): void {
  const said = message ?? { type: 'press', button: 0, pattern: 'single' };
  const wire = sealFrame(nodeAesCcm, key, { address, epoch: 1, counter }, said);
  const body = wire.subarray(1, -1);
  const parsed = parseFrame(body);
  if (!parsed.ok) throw new Error(parsed.fault);
  strangers.heard(parsed.frame, body, said.type, nowMs, said.type === 'hello' ? said.serial : undefined);
}

const nodesOf = (strangers: BusStrangers) => strangers.strangers().strangers as readonly NodeStranger[];

test('one question tries a bounded number of keys, however many strangers and keys there are; the next goes on', () => {
  const { nodes, tried } = known(100);
  const strangers = new BusStrangers('bus', nodes);
  for (let address = 1; address <= 254; address += 1) hear(strangers, address, randomBytes(16), 1);
  let questions = 0;
  let before = 0;
  while (nodesOf(strangers).some((node) => node.keys_left_to_try)) {
    expect(tried.keys - before).toBeLessThanOrEqual(64);
    before = tried.keys;
    questions += 1;
    expect(questions).toBeLessThan(1000);
  }
  expect(tried.keys).toBe(254 * 100);
  nodesOf(strangers);
  expect(tried.keys).toBe(254 * 100);
});

test('the key that opens a stranger is found in the end, and anew when a node has started at its address', () => {
  const { nodes } = known(150);
  const strangers = new BusStrangers('bus', nodes);
  const [moved, other] = [nodes[140], nodes[3]];
  if (moved === undefined || other === undefined) throw new Error('nobody is enrolled');
  hear(strangers, 9, moved.own, 1);
  expect(nodesOf(strangers)[0]).toMatchObject({ keys_left_to_try: true });
  nodesOf(strangers);
  expect(nodesOf(strangers)[0]).toMatchObject({ opened_by_key_of: 'wb-140' });
  hear(strangers, 9, other.own, 1, HELLO);
  expect(nodesOf(strangers)[0]).toMatchObject({ opened_by_key_of: 'wb-3', serial: HELLO.serial });
});

test('what a node repeats in turn is one movement: nobody answers a stranger', () => {
  const strangers = new BusStrangers('bus', []);
  const key = randomBytes(16);
  hear(strangers, 9, key, 5);
  const first = nodesOf(strangers)[0];
  for (let again = 1; again <= 5; again += 1) {
    hear(strangers, 9, key, 6, { type: 'release', button: 0, heldMs: 300 }, again * MINUTE);
    hear(strangers, 9, key, 5, undefined, again * MINUTE);
  }
  const later = nodesOf(strangers)[0];
  expect(later?.messages).toBe(11);
  const sinceMs = (node: NodeStranger | undefined) =>
    Date.parse(node?.moved_at ?? '') - Date.parse(node?.first_heard_at ?? '');
  expect(sinceMs(later)).toBeLessThan(MINUTE / 2);
  expect(sinceMs(first)).toBeLessThan(MINUTE / 2);
});
