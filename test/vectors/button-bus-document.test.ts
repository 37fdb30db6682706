import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { sealFrame } from '../../protocol/button-bus/frame.ts';
import { encodePayload, type Message } from '../../protocol/button-bus/message.ts';
import { hex, type ReferenceFrame, referenceFrame, unhex } from './button-bus-reference.ts';
import { EXAMPLE, EXAMPLE_KEY } from './button-bus-vectors.ts';

const page = readFileSync(new URL('../../hardware/button-bus.md', import.meta.url), 'utf8');
/** Tables are padded for the eye. */
const rows = page.replace(/ +/g, ' ');
const [, example = ''] = page.split('## 12. Worked example');
const parts = example.split('\n\nA hello,').flatMap((part) => part.split('\n\nThe gateway,'));
const digits = (text: string | undefined) => (text ?? '').replace(/\s/g, '');

function steps(frame: ReferenceFrame): readonly string[] {
  const { b, x, s, tag, ciphertext } = frame.ccm;
  return [frame.header, frame.plaintext, ...b, ...x, ...s, ciphertext, tag, frame.raw.slice(-2), frame.wire].map(hex);
}

describe('the specification of the button bus', () => {
  it('shows each step of sealing a press as it is', () => {
    const told = digits(parts[0]);
    const frame = referenceFrame(EXAMPLE_KEY, EXAMPLE);
    for (const step of [
      ...steps(frame),
      hex(EXAMPLE_KEY),
      hex(frame.nonce),
      ...frame.ccm.a.map(hex),
      hex(frame.body),
    ]) {
      expect(told).toContain(step);
    }
  });

  it('shows each step of its acknowledgement as it is', () => {
    const payload = [...unhex('050000002a00000001')];
    const answer = referenceFrame(EXAMPLE_KEY, { address: 17, type: 0x81, epoch: 1_767_225_600, counter: 9, payload });
    for (const step of steps(answer)) expect(digits(parts[1])).toContain(step);
  });

  it('shows each step of a hello as it is', () => {
    const payload = [...unhex('001a7900000040020201010c0203')];
    const hello = referenceFrame(EXAMPLE_KEY, { address: 17, type: 0x05, epoch: 5, counter: 1, payload });
    for (const step of [...steps(hello), hex(payload)]) expect(digits(parts[2])).toContain(step);
  });

  const heartbeat = { lowBattery: false, tamper: false, silentMode: false, uptimeSeconds: 0, points: [] };
  const serial = '0000000000000000';
  it.each<[string, Message]>([
    ['press', { type: 'press', button: 0, pattern: 'single' }],
    ['release', { type: 'release', button: 0, heldMs: 0 }],
    ['point state', { type: 'point', point: 0, active: false }],
    ['heartbeat', { type: 'heartbeat', ...heartbeat }],
    ['hello', { type: 'hello', serial, model: 0, firmware: '0.0', buttons: 0, points: 0 }],
    ['acknowledgement', { type: 'ack', nodeEpoch: 0, counter: 0, status: 'heard' }],
    ['poll', { type: 'poll', nodeEpoch: 0 }],
    ['silent mode', { type: 'silent', nodeEpoch: 0, silent: false }],
  ])('tells the true size and time: %s', (name, message) => {
    const payload = encodePayload(message).length;
    const wire = sealFrame(nodeAesCcm, new Uint8Array(16), { address: 1, epoch: 0, counter: 0 }, message).length;
    const ms = (baud: number, places: number) => ((wire * 10_000) / baud).toFixed(places);
    const blocks = name === 'hello' ? 4 : 5;
    expect(rows).toContain(`| ${name} | ${payload} | ${wire} | ${ms(115_200, 2)} | ${ms(9600, 1)} | ${blocks} |`);
  });
});
