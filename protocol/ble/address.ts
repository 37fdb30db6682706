import { bytesToHex, hexToBytes } from '../bytes.ts';

const ADDRESS = /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/;

/**
 * Returns the 6 bytes of `54:48:E6:8F:80:A5`, most significant first as written. The wire has them
 * in reverse order.
 */
export function addressBytes(address: string): Uint8Array | undefined {
  return ADDRESS.test(address) ? hexToBytes(address.replaceAll(':', '')) : undefined;
}

/** Returns `54:48:E6:8F:80:A5` for 6 bytes, most significant first. */
export function addressText(bytes: Uint8Array): string {
  return [...bytes].map((byte) => bytesToHex(Uint8Array.of(byte)).toUpperCase()).join(':');
}
