import { bytesToHex } from '../../../protocol/bytes.ts';

/**
 * Keys and key texts that are printed in standards, manuals and this project's own documents:
 * everybody knows them.
 */
const PRINTED_KEYS: readonly string[] = [
  '2b7e151628aed2a6abf7158809cf4f3c', // FIPS 197, SP 800-38
  '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b', // SP 800-38A, AES-192
  '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4', // SP 800-38A, AES-256
  '0123456789abcdeffedcba9876543210',
  '231d39c1d7cc1ab1aee224cd096db932', // BTHome
  'd7828d46aa7783bb28c9d4a8d2f3b9e1',
];

const PRINTED_TEXTS: readonly string[] = [
  '0123456789abcdef',
  'abcdefgh12345678',
  'abcdefghijklmnop',
  '1234567890abcdef',
];

/** Why a key cannot be used; `undefined` if it can. Reveals nothing of the key itself. */
export function weakness(key: Uint8Array, typed: boolean): string | undefined {
  if (key.every((byte) => byte === 0)) return 'is all zeros';
  if (key.every((byte) => byte === key[0])) return 'repeats one byte';
  if (hasPeriod(key)) return 'repeats itself';
  if (isProgression(key)) return 'is a plain sequence';
  // 16 random bytes have fewer than 8 distinct values once in 10^13; typed text uses far fewer
  // characters.
  if (new Set(key).size < (typed ? 5 : 8)) return 'repeats a few bytes';
  const hex = bytesToHex(key);
  const asText = String.fromCharCode(...key).toLowerCase();
  if (PRINTED_KEYS.includes(hex) || PRINTED_TEXTS.some((text) => asText.startsWith(text))) {
    return 'is printed in public documents';
  }
  return undefined;
}

function hasPeriod(key: Uint8Array): boolean {
  for (let period = 1; period <= (key.length * 2) / 3; period++) {
    if (key.every((byte, i) => i < period || byte === key[i - period])) return true;
  }
  return false;
}

/** 000102…, 00112233…, 0f0e0d…: each byte differs from the one before by the same amount. */
function isProgression(key: Uint8Array): boolean {
  const step = ((key[1] ?? 0) - (key[0] ?? 0)) & 0xff;
  return key.every((byte, i) => i === 0 || ((byte - (key[i - 1] ?? 0)) & 0xff) === step);
}
