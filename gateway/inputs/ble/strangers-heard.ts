import { parseBthomeFrame, parseObjects } from '../../../protocol/ble/bthome.ts';
import { hexToBytes } from '../../../protocol/bytes.ts';
import { after, LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import { StrangerTable } from '../stranger-table.ts';
import type { StrangerKind } from './scanner-messages.ts';

/**
 * Strangers that are remembered. A building with a shop next door has some dozens; whoever sends
 * with thousands of addresses must not grow this process.
 */
const STRANGERS_MAX = 192;
/** A fob is silent until it is pressed. A beacon in its place advertises more often than this. */
const SILENCE_MS = 5_000;

interface Kept {
  readonly kind: StrangerKind;
  address: string;
  hex: string;
  /** The message by which it moved; empty: it has not moved. */
  movedHex: string;
}

/**
 * Strangers that one radio heard, for whoever looks for a new device. Lives in the listening
 * process, and is sent only when it is asked for: hundreds of advertisements a second stay here.
 */
export class StrangersHeard {
  readonly #table = new StrangerTable<Kept>(STRANGERS_MAX);

  heard(kind: StrangerKind, address: string, rssiDbm: number, hex: string, nowMs: MonoMs): void {
    const key = kind === 'bthome' ? address : beaconKey(kind, hex);
    const before = this.#table.get(key);
    const [lastMs, lastHex] = [before?.lastMs ?? LONG_AGO_MS, before?.value.hex];
    const entry = this.#table.heard(key, nowMs, rssiDbm, () => ({ kind, address, hex, movedHex: '' }));
    entry.value.address = address;
    entry.value.hex = hex;
    const isNews = kind === 'bthome' ? lastHex !== hex && isEvent(hex) : lastMs < after(nowMs, -SILENCE_MS);
    if (!isNews) return;
    entry.movedMs = nowMs;
    entry.value.movedHex = hex;
  }

  /** As they go to the gateway. */
  entries() {
    return this.#table.entries().map(({ value, strength, messages, firstMs, lastMs, movedMs }) => {
      const moved = movedMs === LONG_AGO_MS ? null : movedMs;
      const { kind, address, hex, movedHex } = value;
      return [kind, address, hex, Math.round(strength), messages, firstMs, lastMs, moved, movedHex] as const;
    });
  }

  get leftOut(): number {
    return this.#table.leftOut;
  }
}

/** What tells one beacon from another: fobs change their addresses. The last byte is the power. */
function beaconKey(kind: StrangerKind, hex: string): string {
  return kind === 'iBeacon' ? `iBeacon ${hex.slice(0, -2)}` : `eddystone ${hex.slice(4, 36)}`;
}

/**
 * A press; or, of an encrypted message, one that a device sends only when something has happened.
 */
function isEvent(hex: string): boolean {
  const frame = parseBthomeFrame(hexToBytes(hex) ?? new Uint8Array());
  if (frame === undefined) return false;
  if (frame.encrypted) return frame.triggerBased;
  return parseObjects(frame.body).buttons.some((pattern) => pattern !== undefined);
}
