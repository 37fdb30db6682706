import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  LINK_TYPES,
  pcapngHeader,
  pcapngInterface,
  pcapngPacket,
  rtacPacket,
  upperPduPacket,
} from '../../../protocol/recording/pcapng.ts';

/** Each block's type and body; both lengths must agree (draft-ietf-opsawg-pcapng §3.1). */
function blocksOf(file: Uint8Array): { readonly type: number; readonly body: Buffer }[] {
  const bytes = Buffer.from(file);
  const blocks = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    expect(length % 4).toBe(0);
    expect(bytes.readUInt32LE(at + length - 4)).toBe(length);
    blocks.push({ type: bytes.readUInt32LE(at), body: bytes.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return blocks;
}

test('a file is a section, an interface with its link type, and packets with their time, direction and bytes', () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('in', 'out'),
      (data, name, direction) => {
        const atMs = Date.UTC(2026, 10, 28, 8, 0, 0) + 0.125;
        const file = Buffer.concat([
          pcapngHeader('Callpoint'),
          pcapngInterface({ name, linkType: LINK_TYPES.rtacSerial }),
          pcapngPacket(0, atMs, direction, data),
        ]);
        const [section, wire, packet] = blocksOf(file);
        expect(section?.body.readUInt32LE(0)).toBe(0x1a2b3c4d);
        expect(wire?.body.readUInt16LE(0)).toBe(250);
        expect(wire?.body.subarray(12, 12 + (wire.body.readUInt16LE(10) ?? 0)).toString()).toBe(name);
        const body = packet?.body ?? Buffer.alloc(0);
        expect(body.readUInt32LE(4) * 2 ** 32 + body.readUInt32LE(8)).toBe(atMs * 1000);
        expect(body.subarray(20, 20 + body.readUInt32LE(12))).toEqual(Buffer.from(data));
        const flags = body.subarray(20 + 4 * Math.ceil(data.length / 4));
        expect([flags.readUInt16LE(0), flags.readUInt32LE(4)]).toEqual([2, direction === 'in' ? 1 : 2]);
      },
    ),
  );
});

test('a serial packet has its time in seconds and microseconds, big-endian, and what happened', () => {
  const packet = Buffer.from(rtacPacket(1_500.25, 'in', Uint8Array.of(7)));
  expect([packet.readUInt32BE(0), packet.readUInt32BE(4), packet[8], packet[12]]).toEqual([1, 500_250, 2, 7]);
});

test('an upper PDU names its dissector before the bytes', () => {
  const packet = Buffer.from(upperPduPacket('sip', Uint8Array.of(7)));
  expect([packet.readUInt16BE(0), packet.readUInt16BE(2), packet.subarray(4, 7).toString()]).toEqual([12, 4, 'sip']);
  expect(packet.subarray(8)).toEqual(Buffer.from([0, 0, 0, 0, 7]));
});
