import { addressText } from '../../../protocol/ble/address.ts';
import { NO_ADDRESS } from '../kernel-radios.ts';

/**
 * The part of Linux' HCI socket interface (include/net/bluetooth/hci_sock.h) that lists radios, as
 * bytes. Numbers stand in the order of all machines Callpoint runs on, little endian.
 */

export const AF_BLUETOOTH = 31;
export const BTPROTO_HCI = 1;
/** `_IOR('H', 210, int)` */
export const HCIGETDEVLIST = 0x800448d2;
/** `_IOR('H', 211, int)` */
export const HCIGETDEVINFO = 0x800448d3;

/** The kernel's description of one radio. */
export interface HciRadio {
  /** 1 of hci1. */
  readonly number: number;
  /** `B8:27:EB:12:34:56`; `undefined`: it has none, or was not set up yet. */
  readonly address: string | undefined;
}

const RADIOS_MAX = 64;
/**
 * Of `struct hci_dev_list_req`: a count, then these from offset 4 on: number (u16), padding, flags
 * (u32).
 */
const LIST_HEAD = 4;
const LIST_ENTRY = 8;
/** `struct hci_dev_info` is 92 bytes; the kernel reads and writes all of them. */
const INFO_SIZE = 92;
/** Behind the number (u16) and the name (8 characters); least significant byte first. */
const ADDRESS_AT = 10;
const ADDRESS_SIZE = 6;

/** To be filled by HCIGETDEVLIST. */
export function listRequest(): Uint8Array {
  const bytes = new Uint8Array(LIST_HEAD + RADIOS_MAX * LIST_ENTRY);
  view(bytes).setUint16(0, RADIOS_MAX, true);
  return bytes;
}

/** Numbers of the radios in a list that the kernel has filled. */
export function listedNumbers(bytes: Uint8Array): number[] {
  const count = Math.min(view(bytes).getUint16(0, true), RADIOS_MAX);
  return Array.from({ length: count }, (_, at) => view(bytes).getUint16(LIST_HEAD + at * LIST_ENTRY, true));
}

/** To be filled by HCIGETDEVINFO. */
export function infoRequest(number: number): Uint8Array {
  const bytes = new Uint8Array(INFO_SIZE);
  view(bytes).setUint16(0, number, true);
  return bytes;
}

export function radioOfInfo(bytes: Uint8Array): HciRadio {
  const address = addressText(bytes.slice(ADDRESS_AT, ADDRESS_AT + ADDRESS_SIZE).reverse());
  return { number: view(bytes).getUint16(0, true), address: address === NO_ADDRESS ? undefined : address };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
