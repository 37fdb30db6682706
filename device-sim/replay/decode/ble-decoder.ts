import { addressBytes } from '../../../protocol/ble/address.ts';
import { type BthomeMessage, parseBthomeFrame, parseObjects } from '../../../protocol/ble/bthome.ts';
import { claimedCounter, openBthome } from '../../../protocol/ble/bthome-encryption.ts';
import { parseEddystoneUid } from '../../../protocol/ble/eddystone.ts';
import { parseIBeacon } from '../../../protocol/ble/i-beacon.ts';
import { bytesToHex } from '../../../protocol/bytes.ts';
import type { FrameEntry } from '../../../protocol/recording/recording.ts';
import { nodeBthomeCcm } from '../../ble/node-bthome-ccm.ts';
import { visible } from './visible.ts';
import type { Decoded, WireDecoder } from './wire-decoder.ts';

/** Advertisements as the radios passed them on. Encrypted BTHome is sealed without its key. */
export class BleDecoder implements WireDecoder {
  readonly #keys: ReadonlyMap<string, Uint8Array> | undefined;

  constructor(keys: ReadonlyMap<string, Uint8Array> | undefined) {
    this.#keys = keys;
  }

  decode({ bytes, about }: FrameEntry): readonly Decoded[] {
    const { address = '?', rssiDbm, kind = '?' } = about;
    const { text, fields } = this.#content(kind, bytes, address);
    const signal = rssiDbm === undefined ? '' : ` ${rssiDbm} dBm`;
    return [{ text: visible(`${kind} ${address}${signal}: ${text}`), fields: { kind, address, rssiDbm, ...fields } }];
  }

  #content(kind: string, bytes: Uint8Array, address: string): Decoded {
    const hex = bytesToHex(bytes);
    if (kind === 'bthome') return this.#bthome(bytes, address);
    if (kind === 'eddystone') {
      const uid = parseEddystoneUid(bytes);
      return uid === undefined
        ? { text: hex, fields: {} }
        : { text: `namespace ${uid.namespace}, instance ${uid.instance}`, fields: { ...uid } };
    }
    const beacon = kind === 'iBeacon' ? parseIBeacon(bytes) : undefined;
    if (beacon === undefined) return { text: hex === '' ? 'there' : hex, fields: {} };
    return { text: `${beacon.uuid} ${beacon.major} ${beacon.minor}`, fields: { ...beacon } };
  }

  #bthome(bytes: Uint8Array, address: string): Decoded {
    const frame = parseBthomeFrame(bytes);
    if (frame === undefined) return { text: `no BTHome v2: ${bytesToHex(bytes)}`, fields: { fault: true } };
    if (!frame.encrypted) return objectsOf(parseObjects(frame.body), {});
    const counter = claimedCounter(frame);
    const from = addressBytes(address);
    if (from !== undefined) {
      for (const [device, key] of this.#keys ?? []) {
        const opened = key.length === 16 ? openBthome(nodeBthomeCcm, key, from, frame) : undefined;
        if (opened !== undefined) return objectsOf(parseObjects(opened.objects), { device, counter: opened.counter });
      }
    }
    const why = this.#keys === undefined ? 'sealed' : 'sealed, and no key opens it';
    return { text: `${why}, counter ${counter ?? '?'}`, fields: { sealed: true, counter } };
  }
}

function objectsOf(message: BthomeMessage, proven: { readonly device?: string; readonly counter?: number }): Decoded {
  const said = Object.entries(message).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  const text = said.map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  const from = proven.device === undefined ? '' : `${proven.device}, counter ${proven.counter}: `;
  return { text: `${from}${text.join(', ')}`, fields: { ...proven, ...Object.fromEntries(said) } };
}
