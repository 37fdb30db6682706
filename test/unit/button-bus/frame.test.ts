import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeAesCcm } from '../../../device-sim/nodes/node-aes-ccm.ts';
import { cobsDecode } from '../../../protocol/button-bus/cobs.ts';
import { openFrame, parseFrame, sealFrame, WIRE_BYTES_MAX } from '../../../protocol/button-bus/frame.ts';
import { codeOf, type Message, typeOf } from '../../../protocol/button-bus/message.ts';
import { framed, hex, referenceFrame, unhex } from '../../vectors/button-bus-reference.ts';
import { readVectors, type Vector } from '../../vectors/button-bus-vector-file.ts';
import { anyHeader, anyMessage, hear, KEY, receive } from './arbitrary.ts';

const good = readVectors().filter((vector) => vector.expect === 'ok');
const bits = (bytes: Uint8Array) => Array.from({ length: bytes.length * 8 }, (_, bit) => flipped(bytes, bit));
const after: Message = { type: 'poll', nodeEpoch: 77 };
const afterWire = sealFrame(nodeAesCcm, KEY, { address: 9, epoch: 1, counter: 1 }, after);

describe('any message', () => {
  it('comes out as it went in, in at most 64 bytes, with one delimiter at each end', () => {
    fc.assert(
      fc.property(anyHeader, anyMessage, (header, message) => {
        const wire = sealFrame(nodeAesCcm, KEY, header, message);
        expect(wire.length).toBeLessThanOrEqual(WIRE_BYTES_MAX);
        expect(wire.indexOf(0)).toBe(0);
        expect(wire.indexOf(0, 1)).toBe(wire.length - 1);
        const parsed = parseFrame(wire.subarray(1, -1));
        if (!parsed.ok) throw new Error(parsed.fault);
        expect(parsed.frame.header).toEqual({ ...header, type: codeOf(message.type) });
        expect(openFrame(nodeAesCcm, KEY, parsed.frame)).toEqual(message);
      }),
    );
  });

  it('is sealed to the same bytes each time, so that a repeat is the frame itself', () => {
    fc.assert(
      fc.property(anyHeader, anyMessage, (header, message) => {
        const [first, second] = [1, 2].map(() => sealFrame(nodeAesCcm, KEY, header, message));
        expect(first).toEqual(second);
      }),
    );
  });

  it('is not authentic with any header byte changed and the CRC made good: address, type, direction, epoch, counter', () => {
    fc.assert(
      fc.property(anyHeader, anyMessage, fc.nat(10), fc.integer({ min: 1, max: 255 }), (header, message, at, mask) => {
        const raw = cobsDecode(sealFrame(nodeAesCcm, KEY, header, message).subarray(1, -1)) ?? new Uint8Array();
        const content = [...raw.slice(0, -2)].map((byte, i) => (i === at ? byte ^ mask : byte));
        expect(hear(Uint8Array.from(framed(content).wire))).toEqual([]);
      }),
    );
  });

  it('is not authentic as any other type', () => {
    for (const vector of good) {
      const content = [...unhex(vector.value('raw'))].slice(0, -2);
      for (let type = 0; type < 256; type++) {
        const forged = framed(content.map((byte, i) => (i === 2 ? type : byte)));
        const expected = hex([type]) === vector.value('typeCode') ? 1 : 0;
        expect(hear(Uint8Array.from(forged.wire))).toHaveLength(expected);
      }
    }
  });

  it('is hidden but for a hello: two payloads differ, two headers do not', () => {
    const header = { address: 3, epoch: 4, counter: 5 };
    const [a, b] = [1, 2].map((button) =>
      sealFrame(nodeAesCcm, KEY, header, { type: 'press', button, pattern: 'single' }),
    );
    expect(a?.slice(0, 13)).toEqual(b?.slice(0, 13));
    expect(a).not.toEqual(b);
  });
});

describe.each(good)('$name, damaged', (vector: Vector) => {
  const body = unhex(vector.value('body'));
  const wire = unhex(vector.value('wire'));

  it('is whole before', () => expect(hear(wire)).toHaveLength(1));

  it('never opens with one bit flipped between the delimiters', () => {
    for (const damaged of bits(body)) {
      const parsed = parseFrame(damaged);
      if (parsed.ok) expect(openFrame(nodeAesCcm, KEY, parsed.frame)).toBeUndefined();
    }
  });

  it('is a counted fault with one bit flipped anywhere on the wire, delimiters too, and the next frame is heard', () => {
    for (const damaged of bits(wire)) {
      const { heard, faults, unproven } = receive(damaged, afterWire);
      expect(heard).toEqual([after]);
      expect(unproven).toBe(0);
      expect(faults.length).toBeGreaterThan(0);
    }
  });

  it('is a counted fault with one bit flipped between frames that share its delimiters, and only a neighbour goes with it', () => {
    for (const damaged of bits(wire)) {
      const { heard, faults, unproven } = receive(afterWire.subarray(0, -1), damaged, afterWire.subarray(1), afterWire);
      expect(heard.length).toBeGreaterThanOrEqual(2);
      for (const message of heard) expect(message).toEqual(after);
      expect(unproven).toBe(0);
      expect(faults.length).toBeGreaterThan(0);
    }
  });

  it('never opens cut short, at either end', () => {
    for (let cut = 1; cut <= body.length; cut++) {
      expect(parseFrame(body.subarray(0, body.length - cut)).ok).toBe(false);
      expect(parseFrame(body.subarray(cut)).ok).toBe(false);
    }
  });

  it('is never heard cut short on the wire, and the next frame is', () => {
    for (let kept = 0; kept < wire.length - 1; kept++) {
      expect(hear(wire.subarray(0, kept), kept < wire.length - 2 ? afterWire : new Uint8Array())).toEqual(
        kept < wire.length - 2 ? [after] : [],
      );
    }
  });
});

describe('parseFrame', () => {
  it('says what is wrong, and never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80, size: 'max' }), (body) => {
        const parsed = parseFrame(body);
        expect(parsed.ok ? 'ok' : parsed.fault).toMatch(/^(cobs|tooShort|tooLong|crc|version|type|address)$/);
      }),
    );
  });

  it('keeps nothing of the bytes it was given', () => {
    const wire = afterWire.slice();
    const parsed = parseFrame(wire.subarray(1, -1));
    wire.fill(0xaa);
    expect(parsed.ok && openFrame(nodeAesCcm, KEY, parsed.frame)).toEqual(after);
  });

  it('tells another version from noise only by a good CRC', () => {
    const frame = referenceFrame([...KEY], { version: 2, address: 1, type: 1, epoch: 1, counter: 1, payload: [1, 1] });
    expect(parseFrame(Uint8Array.from(frame.body))).toEqual({ ok: false, fault: 'version' });
    const noise = parseFrame(flipped(Uint8Array.from(frame.body), 8));
    expect(noise).toEqual({ ok: false, fault: 'crc' });
  });
});

describe('sealFrame', () => {
  const header = { address: 1, epoch: 1, counter: 1 };
  const hello = {
    type: 'hello',
    serial: '0011223344556677',
    model: 1,
    firmware: '1.0',
    buttons: 1,
    points: 1,
  } as const;
  const heartbeat = { type: 'heartbeat', lowBattery: false, tamper: false, silentMode: false } as const;

  it.each<[string, Partial<typeof header>, Message]>([
    ['address 0', { address: 0 }, after],
    ['the broadcast address', { address: 255 }, after],
    ['an epoch below 0', { epoch: -1 }, after],
    ['an epoch over 32 bits', { epoch: 2 ** 32 }, after],
    ['a counter over 32 bits', { counter: 2 ** 32 }, after],
    ['half a counter', { counter: 0.5 }, after],
    ['button 16', {}, { type: 'press', button: 16, pattern: 'single' }],
    ['point 16', {}, { type: 'point', point: 16, active: true }],
    ['17 points', {}, { ...heartbeat, uptimeSeconds: 1, points: new Array(17).fill(true) }],
    ['a short serial', {}, { ...hello, serial: '00' }],
    ['a serial that is not hex', {}, { ...hello, serial: 'zz11223344556677' }],
    ['firmware without a minor', {}, { ...hello, firmware: '1' }],
    ['firmware over a byte', {}, { ...hello, firmware: '1.256' }],
  ])('refuses %s', (_, change, message) => {
    expect(() => sealFrame(nodeAesCcm, KEY, { ...header, ...change }, message)).toThrow(RangeError);
  });

  it('sends a measured value that is off its scale as the end of the scale', () => {
    const sent = { ...heartbeat, batteryMv: 99_999, supplyMv: -5, uptimeSeconds: 2 ** 40, points: [] };
    expect(hear(sealFrame(nodeAesCcm, KEY, header, sent))).toEqual([
      { ...sent, batteryMv: 65_534, supplyMv: 0, uptimeSeconds: 2 ** 32 - 1 },
    ]);
    expect(hear(sealFrame(nodeAesCcm, KEY, header, { type: 'release', button: 0, heldMs: 1e9 }))).toEqual([
      { type: 'release', button: 0, heldMs: 655_350 },
    ]);
  });
});

describe('type codes', () => {
  it('are known in both directions, and no others', () => {
    const known = Array.from({ length: 256 }, (_, code) => code).filter((code) => typeOf(code) !== undefined);
    expect(known).toEqual([1, 2, 3, 4, 5, 0x81, 0x82, 0x83]);
    expect(known.map((code) => codeOf(typeOf(code) ?? 'press'))).toEqual(known);
  });
});

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
