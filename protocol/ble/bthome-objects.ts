/** BTHome v2 objects by id (bthome.io, "Format"; sizes as in bthome-ble 3.x). Values are little-endian. */
export const BTHOME = {
  packetId: 0x00,
  /** %, uint8. */
  battery: 0x01,
  /** 0.001 V, uint16. */
  voltage: 0x0c,
  opening: 0x11,
  /** 1 = low. */
  batteryLow: 0x15,
  door: 0x1a,
  garageDoor: 0x1b,
  /** 1 = unlocked. */
  lock: 0x1f,
  tamper: 0x2b,
  window: 0x2d,
  button: 0x3a,
} as const;

/** Bytes of a value by id, sixteen ids a row; 0: not published; x: the value's first byte says how many follow it (text, raw). */
const SIZES = [
  '1122332221332221', // 00…0F
  '1122211111111111', // 10…1F
  '1111111111111111', // 20…2F
  '0000000000102242', // 30…3F
  '2232221222234444', // 40…4F
  '422xx42111244222', // 50…5F
  '12441', // 60…64
].join('');

/** Type and firmware of the device. */
const DEVICE_SIZES: ReadonlyMap<number, number> = new Map([
  [0xf0, 2],
  [0xf1, 4],
  [0xf2, 3],
]);

/**
 * Bytes of the value that stands at `at`; `undefined` for an id nobody has published: where its value ends is unknown, and so is
 * everything behind it.
 */
export function valueSize(id: number, payload: Uint8Array, at: number): number | undefined {
  const size = SIZES[id];
  if (size === 'x') return 1 + (payload[at] ?? 0);
  return size === undefined ? DEVICE_SIZES.get(id) : Number(size) || undefined;
}
