import { crc16Genibus } from '../crc16.ts';
import type { AesCcm } from './aes-ccm.ts';
import { cobsDecode, cobsEncodeInto } from './cobs.ts';
import { codeOf, decodePayload, encodePayload, field, type Message, putU32, typeOf, u32 } from './message.ts';

/** The button bus, version 1. hardware/button-bus.md specifies it; this file cites its sections. */
const VERSION = 1;

/** All of a frame on the wire, both delimiters included. */
export const WIRE_BYTES_MAX = 64;
/** Between the delimiters, COBS-encoded. */
export const BODY_BYTES_MAX = 62;

const HEADER_BYTES = 11;
const TAG_BYTES = 8;
const CRC_BYTES = 2;
/** CRC over any good frame including its own CRC (section 2). */
const GOOD_FRAME_CRC = 0xe2f0;
const NONCE_BYTES = 13;
/** Header, tag, CRC and no payload, after COBS has added its byte. */
const BODY_BYTES_MIN = HEADER_BYTES + TAG_BYTES + CRC_BYTES + 1;
const ADDRESS_MIN = 1;
/** 255 is the broadcast address, reserved in version 1. */
const ADDRESS_MAX = 254;
const HELLO = codeOf('hello');

interface FrameHeader {
  /** Address 1…254 of the node, in both directions. */
  readonly address: number;
  /** A type that `typeOf` knows. */
  readonly type: number;
  /** 0…2^32−1. Up: the number of starts of the node. Down: the gateway's session number. */
  readonly epoch: number;
  /** 0…2^32−1. It rises by one with each new frame in the epoch. A repeat keeps it. */
  readonly counter: number;
}

/** A frame that arrived whole. Its content is unproven until `openFrame` authenticates it. */
export interface ParsedFrame {
  readonly header: FrameHeader;
  /**
   * The part that is authenticated but not encrypted: the 11 header bytes, and a hello's payload.
   */
  readonly clear: Uint8Array;
  /** The encrypted payload and the 8-byte tag. */
  readonly sealed: Uint8Array;
}

export type FrameFault = 'cobs' | 'tooShort' | 'tooLong' | 'crc' | 'version' | 'type' | 'address';

type ParseResult =
  | { readonly ok: true; readonly frame: ParsedFrame }
  | { readonly ok: false; readonly fault: FrameFault };

/**
 * Returns the frame in `body`, the bytes between two delimiters. It checks length, COBS, CRC,
 * version, type and address in this order, to distinguish line noise from a frame of another
 * version. It keeps no reference to `body`.
 */
export function parseFrame(body: Uint8Array): ParseResult {
  if (body.length < BODY_BYTES_MIN) return fault('tooShort');
  if (body.length > BODY_BYTES_MAX) return fault('tooLong');
  const raw = cobsDecode(body);
  if (raw === undefined) return fault('cobs');
  const crcAt = raw.length - CRC_BYTES;
  if (crc16Genibus(raw) !== GOOD_FRAME_CRC) return fault('crc');
  const address = raw[1] ?? 0;
  const type = raw[2] ?? 0;
  if (raw[0] !== VERSION) return fault('version');
  if (typeOf(type) === undefined) return fault('type');
  if (address < ADDRESS_MIN || address > ADDRESS_MAX) return fault('address');
  const sealedAt = type === HELLO ? crcAt - TAG_BYTES : HEADER_BYTES;
  return {
    ok: true,
    frame: {
      header: { address, type, epoch: u32(raw, 3), counter: u32(raw, 7) },
      clear: raw.subarray(0, sealedAt),
      sealed: raw.subarray(sealedAt, crcAt),
    },
  };
}

/**
 * Returns the whole frame for the wire: 0x00, COBS body, 0x00. The leading delimiter ends any noise
 * on the line. A repeat must send the same bytes again and never seal other content under the same
 * counter.
 * @throws RangeError if address, epoch, counter or a field of the message is out of range.
 */
export function sealFrame(
  ccm: AesCcm,
  key: Uint8Array,
  header: Omit<FrameHeader, 'type'>,
  message: Message,
): Uint8Array {
  const payload = encodePayload(message);
  const isHello = message.type === 'hello';
  const raw = new Uint8Array(HEADER_BYTES + payload.length + TAG_BYTES + CRC_BYTES);
  writeHeader(raw, header, codeOf(message.type));
  const clear = raw.subarray(0, isHello ? HEADER_BYTES + payload.length : HEADER_BYTES);
  if (isHello) raw.set(payload, HEADER_BYTES);
  raw.set(ccm.seal(key, frameNonce(clear), clear, isHello ? payload.subarray(0, 0) : payload), clear.length);
  const crcAt = raw.length - CRC_BYTES;
  const crc = crc16Genibus(raw, 0, crcAt);
  raw[crcAt] = crc >>> 8;
  raw[crcAt + 1] = crc & 0xff;
  // COBS adds exactly one byte to fewer than 254. The delimiters are the zeros left at both ends.
  const wire = new Uint8Array(raw.length + 3);
  cobsEncodeInto(raw, wire, 1);
  return wire;
}

/**
 * Returns the message if `key` proves it. Returns `undefined` if it is not authentic or its type
 * does not allow the payload.
 */
export function openFrame(ccm: AesCcm, key: Uint8Array, frame: ParsedFrame): Message | undefined {
  const { clear, header, sealed } = frame;
  const type = typeOf(header.type);
  if (type === undefined) return undefined;
  const plaintext = ccm.open(key, frameNonce(clear), clear, sealed);
  if (plaintext === undefined) return undefined;
  return type === 'hello' ? decodePayload(type, clear, HEADER_BYTES) : decodePayload(type, plaintext);
}

/**
 * CCM nonce: the 11 header bytes, then two zeros. It is unique as long as no (key, direction,
 * epoch, counter) is used twice.
 */
export function frameNonce(clear: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  for (let i = 0; i < HEADER_BYTES; i++) nonce[i] = clear[i] ?? 0;
  return nonce;
}

function writeHeader(raw: Uint8Array, header: Omit<FrameHeader, 'type'>, type: number): void {
  if (header.address < ADDRESS_MIN) throw new RangeError('button bus: address must be 1…254, not 0');
  raw[0] = VERSION;
  raw[1] = field('address', header.address, ADDRESS_MAX);
  raw[2] = type;
  putU32(raw, 3, field('epoch', header.epoch, 0xffff_ffff));
  putU32(raw, 7, field('counter', header.counter, 0xffff_ffff));
}

function fault(fault: FrameFault): ParseResult {
  return { ok: false, fault };
}
