import { concatBytes } from '../bytes.ts';

/**
 * Blocks of a pcapng file (draft-ietf-opsawg-pcapng), little-endian, with times in microseconds.
 */

/** Link types of tcpdump.org/linktypes.html. */
export const LINK_TYPES = {
  /** Bluetooth HCI, UART transport layer (H4), with a direction before each packet. */
  bluetoothH4: 201,
  /** Bytes of a serial line with a header of 12 bytes. */
  rtacSerial: 250,
  /** A PDU of a protocol above the network, with tags that name its dissector. */
  upperPdu: 252,
} as const;

interface PcapngInterface {
  readonly name: string;
  readonly linkType: number;
}

const SECTION = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const PACKET = 6;
const OPTION_NAME = 2;
const OPTION_FLAGS = 2;

/** @param application that wrote the file */
export function pcapngHeader(application: string): Uint8Array {
  const USER_APPLICATION = 4;
  // Version 1.0, and a length that is not known.
  const fixed = concatBytes(u32(BYTE_ORDER), u16(1), u16(0), u32(0xffff_ffff), u32(0xffff_ffff));
  return block(SECTION, concatBytes(fixed, options([USER_APPLICATION, utf8(application)])));
}

/** Interfaces are numbered from 0 in the order of these blocks. */
export function pcapngInterface({ name, linkType }: PcapngInterface): Uint8Array {
  return block(INTERFACE, concatBytes(u16(linkType), u16(0), u32(0), options([OPTION_NAME, utf8(name)])));
}

/**
 * @param atMs since 1970 UTC
 * @param direction from the gateway's point of view
 */
export function pcapngPacket(number: number, atMs: number, direction: 'in' | 'out', data: Uint8Array): Uint8Array {
  const time = Math.round(atMs * 1000);
  const high = Math.floor(time / 2 ** 32);
  const fixed = concatBytes(u32(number), u32(high), u32(time % 2 ** 32), u32(data.length), u32(data.length));
  const flags = u32(direction === 'in' ? 1 : 2);
  return block(PACKET, concatBytes(fixed, padded(data), options([OPTION_FLAGS, flags])));
}

/** Direction, then the packet (LINKTYPE_BLUETOOTH_HCI_H4_WITH_PHDR). */
export function h4Packet(direction: 'in' | 'out', packet: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0, 0, 0, direction === 'in' ? 1 : 0), packet);
}

/** Time, event type (data sent or received), control lines, 2 bytes of 0, then the bytes. */
export function rtacPacket(atMs: number, direction: 'in' | 'out', bytes: Uint8Array): Uint8Array {
  const DATA_SENT = 0x01;
  const DATA_RECEIVED = 0x02;
  const micros = Math.round(atMs * 1000);
  const header = new Uint8Array(12);
  const view = new DataView(header.buffer);
  view.setUint32(0, Math.floor(micros / 1e6));
  view.setUint32(4, micros % 1e6);
  header[8] = direction === 'in' ? DATA_RECEIVED : DATA_SENT;
  return concatBytes(header, bytes);
}

/** @param dissector Wireshark's name of the protocol: `sip`, `http` */
export function upperPduPacket(dissector: string, pdu: Uint8Array): Uint8Array {
  const DISSECTOR_NAME = 12;
  const name = padded(utf8(dissector));
  const tag = new Uint8Array(4);
  new DataView(tag.buffer).setUint16(0, DISSECTOR_NAME);
  new DataView(tag.buffer).setUint16(2, name.length);
  return concatBytes(tag, name, new Uint8Array(4), pdu);
}

/** Type, length, body, and the length again. */
function block(type: number, body: Uint8Array): Uint8Array {
  const length = u32(12 + body.length);
  return concatBytes(u32(type), length, body, length);
}

function options(...all: readonly (readonly [code: number, value: Uint8Array])[]): Uint8Array {
  const written = all.map(([code, value]) => concatBytes(u16(code), u16(value.length), padded(value)));
  return concatBytes(...written, new Uint8Array(4));
}

/** To whole groups of four bytes. */
function padded(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(4 * Math.ceil(bytes.length / 4));
  whole.set(bytes);
  return whole;
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >>> 8);
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff);
}

/** Ids may have letters of any script. */
function utf8(text: string): Uint8Array {
  const bytes = [...text].flatMap((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    if (code < 0x80) return [code];
    if (code < 0x800) return [0xc0 | (code >> 6), 0x80 | (code & 0x3f)];
    if (code < 0x1_0000) return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
    return [0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
  });
  return Uint8Array.from(bytes);
}
