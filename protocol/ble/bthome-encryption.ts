import { BTHOME_UUID, type BthomeFrame, composeInfo } from './bthome.ts';

/**
 * AES-128 in CCM mode (RFC 3610) with M = 4 tag bytes, L = 2 and no associated data. The caller
 * provides it, because this pure part has no cryptography.
 */
export interface BthomeCcm {
  /**
   * Takes a `key` of 16 bytes and a `nonce` of 13 bytes. Returns the ciphertext (as long as
   * `plaintext`) followed by the 4-byte tag.
   */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /**
   * Decrypts. Returns `undefined` if the message is not authentic. Never throws for bad input data.
   */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
}

interface OpenedBthome {
  /** Counter 0…2^32−1. It rises with each message and stays the same on each repeat. */
  readonly counter: number;
  readonly objects: Uint8Array;
}

const COUNTER_BYTES = 4;
const TAG_BYTES = 4;
const NONCE_BYTES = 13;

/**
 * Returns the counter that a sealed frame claims; `undefined` if the frame is too short for one.
 */
export function claimedCounter(frame: BthomeFrame): number | undefined {
  const { body } = frame;
  if (body.length < COUNTER_BYTES + TAG_BYTES) return undefined;
  const at = body.length - COUNTER_BYTES - TAG_BYTES;
  return new DataView(body.buffer, body.byteOffset).getUint32(at, true);
}

/**
 * Returns `undefined` if the frame is not authentic under this key and address.
 * @param address 6 bytes, most significant first
 */
export function openBthome(
  ccm: BthomeCcm,
  key: Uint8Array,
  address: Uint8Array,
  frame: BthomeFrame,
): OpenedBthome | undefined {
  const counter = claimedCounter(frame);
  if (counter === undefined) return undefined;
  const { body } = frame;
  const cipherLength = body.length - COUNTER_BYTES - TAG_BYTES;
  const sealed = new Uint8Array(cipherLength + TAG_BYTES);
  sealed.set(body.subarray(0, cipherLength));
  sealed.set(body.subarray(cipherLength + COUNTER_BYTES), cipherLength);
  const objects = ccm.open(key, nonceOf(frame.address ?? address, frame.info, counter), sealed);
  return objects && { counter, objects };
}

/** Returns the service data (after the UUID): info, ciphertext, counter, tag. */
export function sealBthome(
  ccm: BthomeCcm,
  key: Uint8Array,
  address: Uint8Array,
  triggerBased: boolean,
  message: OpenedBthome,
): Uint8Array {
  const info = composeInfo({ encrypted: true, triggerBased });
  const sealed = ccm.seal(key, nonceOf(address, info, message.counter), message.objects);
  const cipherLength = sealed.length - TAG_BYTES;
  const data = new Uint8Array(1 + sealed.length + COUNTER_BYTES);
  data[0] = info;
  data.set(sealed.subarray(0, cipherLength), 1);
  new DataView(data.buffer).setUint32(1 + cipherLength, message.counter, true);
  data.set(sealed.subarray(cipherLength), 1 + cipherLength + COUNTER_BYTES);
  return data;
}

function nonceOf(address: Uint8Array, info: number, counter: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  const view = new DataView(nonce.buffer);
  nonce.set(address);
  view.setUint16(6, BTHOME_UUID, true);
  nonce[8] = info;
  view.setUint32(9, counter, true);
  return nonce;
}
