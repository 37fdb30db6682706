import fc from 'fast-check';
import { nodeAesCcm } from '../../../device-sim/nodes/node-aes-ccm.ts';
import { type FrameFault, openFrame, parseFrame } from '../../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../../protocol/button-bus/frame-scanner.ts';
import type { DownMessage, Message, UpMessage } from '../../../protocol/button-bus/message.ts';

export const KEY = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);

const u32 = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 1, 0xff, 0x100, 0xffff_ffff));
const button = fc.integer({ min: 0, max: 15 });
const millivolts = fc.integer({ min: 0, max: 65_534 });

export const anyHeader = fc.record({ address: fc.integer({ min: 1, max: 254 }), epoch: u32, counter: u32 });

const anyHeartbeat: fc.Arbitrary<UpMessage> = fc.record(
  {
    type: fc.constant('heartbeat' as const),
    batteryMv: millivolts,
    supplyMv: millivolts,
    lowBattery: fc.boolean(),
    tamper: fc.boolean(),
    silentMode: fc.boolean(),
    uptimeSeconds: u32,
    points: fc.array(fc.boolean(), { maxLength: 16 }),
  },
  { requiredKeys: ['type', 'lowBattery', 'tamper', 'silentMode', 'uptimeSeconds', 'points'], noNullPrototype: true },
);

const plain = { noNullPrototype: true } as const;

const anyUpMessage: fc.Arbitrary<UpMessage> = fc.oneof(
  fc.record(
    { type: fc.constant('press' as const), button, pattern: fc.constantFrom('single' as const, 'long' as const) },
    plain,
  ),
  fc.record(
    { type: fc.constant('release' as const), button, heldMs: fc.integer({ min: 0, max: 65_535 }).map((n) => n * 10) },
    plain,
  ),
  fc.record({ type: fc.constant('point' as const), point: button, active: fc.boolean() }, plain),
  anyHeartbeat,
  fc.record(
    {
      type: fc.constant('hello' as const),
      serial: fc.stringMatching(/^[0-9a-f]{16}$/),
      model: fc.integer({ min: 0, max: 0xffff }),
      firmware: fc.tuple(fc.nat(255), fc.nat(255)).map(([major, minor]) => `${major}.${minor}`),
      buttons: fc.nat(16),
      points: fc.nat(16),
    },
    plain,
  ),
);

const anyDownMessage: fc.Arbitrary<DownMessage> = fc.oneof(
  fc.record(
    {
      type: fc.constant('ack' as const),
      nodeEpoch: u32,
      counter: u32,
      status: fc.constantFrom('heard' as const, 'sent' as const, 'accepted' as const, 'notConfirmed' as const),
    },
    plain,
  ),
  fc.record({ type: fc.constant('poll' as const), nodeEpoch: u32 }, plain),
  fc.record({ type: fc.constant('silent' as const), nodeEpoch: u32, silent: fc.boolean() }, plain),
);

export const anyMessage: fc.Arbitrary<Message> = fc.oneof(anyUpMessage, anyDownMessage);

/** Returns what a receiver with `KEY` hears in the chunks. */
export function hear(...chunks: readonly Uint8Array[]): readonly Message[] {
  return receive(...chunks).heard;
}

/**
 * As `hear`, and also the number of frames that proved nothing, and the faults of those that were
 * refused without a key.
 */
export function receive(...chunks: readonly Uint8Array[]) {
  const scanner = new FrameScanner();
  const heard: Message[] = [];
  const faults: FrameFault[] = [];
  let unproven = 0;
  const onBody = (body: Uint8Array) => {
    const parsed = parseFrame(body);
    if (!parsed.ok) {
      faults.push(parsed.fault);
      return;
    }
    const message = openFrame(nodeAesCcm, KEY, parsed.frame);
    if (message === undefined) unproven += 1;
    else heard.push(message);
  };
  for (const chunk of chunks) scanner.push(chunk, onBody, () => faults.push('tooLong'));
  return { heard, faults, unproven };
}

/** `bytes` cut at `cuts`, which may lie anywhere. */
export function split(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}
