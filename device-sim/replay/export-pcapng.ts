import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { addressBytes } from '../../protocol/ble/address.ts';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import {
  h4Packet,
  LINK_TYPES,
  pcapngHeader,
  pcapngInterface,
  pcapngPacket,
  rtacPacket,
  upperPduPacket,
} from '../../protocol/recording/pcapng.ts';
import type { FrameEntry, WireName } from '../../protocol/recording/recording.ts';
import { advertisingData } from './advertisement.ts';
import { visible } from './decode/visible.ts';
import { readRecording } from './read-recording.ts';
import type { ShowOptions } from './show.ts';

type Link =
  | { readonly type: 'serial' }
  | { readonly type: 'bluetooth' }
  /** Wireshark's name of what a PDU is. */
  | { readonly type: 'pdu'; readonly dissector: string };

const LINKS: Readonly<Record<string, Link>> = {
  ble: { type: 'bluetooth' },
  'button-bus': { type: 'serial' },
  firmata: { type: 'serial' },
  sms: { type: 'serial' },
  radio: { type: 'serial' },
  tap: { type: 'serial' },
  modbus: { type: 'pdu', dissector: 'mbrtu' },
  sip: { type: 'pdu', dissector: 'sip' },
  cap: { type: 'pdu', dissector: 'http' },
  webhook: { type: 'pdu', dissector: 'http' },
};
/** DC-09, SNPP, GPIO levels, MQTT payloads: Wireshark shows the bytes. */
const DATA: Link = { type: 'pdu', dissector: 'data' };

/**
 * Writes the frames of a recording to a file for Wireshark. It must not exist.
 *
 * @throws CallpointError RECORDING_FAILED
 */
export async function exportPcapng(
  file: string,
  to: string,
  options: ShowOptions,
  fault: (text: string) => void,
): Promise<{ readonly frames: number; readonly isWhole: boolean }> {
  const out = createWriteStream(to, { flags: 'wx', mode: 0o600 });
  // An error also rejects the waits below.
  let failed: unknown;
  out.on('error', (error) => {
    failed = error;
  });
  const links = new Map<string, { readonly number: number; readonly link: Link }>();
  let beganMs = 0;
  let frames = 0;
  let isWhole = true;
  try {
    await once(out, 'open');
    await write(out, pcapngHeader('Callpoint'));
    const onFault = (line: number, reason: string) => {
      isWhole = false;
      fault(`${file}, line ${line}: ${visible(reason)}`);
    };
    for await (const entry of readRecording(file, onFault)) {
      if (entry.type === 'header') beganMs = Date.parse(entry.began);
      if (entry.type === 'wire' && !links.has(keyOf(entry))) {
        const link = LINKS[entry.driver] ?? DATA;
        links.set(keyOf(entry), { number: links.size, link });
        const name = `${entry.side} ${entry.id} (${entry.driver})`;
        await write(out, pcapngInterface({ name, linkType: linkTypeOf(link) }));
      }
      if (entry.type !== 'frame' || !isWanted(entry, options, beganMs)) continue;
      const known = links.get(keyOf(entry));
      const data = known && packetOf(known.link, beganMs + entry.ms, entry);
      if (known === undefined || data === undefined) continue;
      await write(out, pcapngPacket(known.number, beganMs + entry.ms, entry.direction, data));
      frames += 1;
    }
    out.end();
    await once(out, 'close');
  } catch (error) {
    if (error instanceof CallpointError) throw error;
    const why = messageOf(failed ?? error);
    throw new CallpointError('RECORDING_FAILED', `${to} can't be written: ${why}.`, { cause: error });
  } finally {
    out.destroy();
  }
  return { frames, isWhole };
}

function isWanted({ side, id, ms }: FrameEntry, { inputs, paths, since }: ShowOptions, beganMs: number): boolean {
  const sinceMs = since === undefined ? 0 : 'ms' in since ? since.ms : since.wallMs - beganMs;
  if (ms < sinceMs) return false;
  return (inputs.length === 0 && paths.length === 0) || (side === 'input' ? inputs : paths).includes(id);
}

function linkTypeOf({ type }: Link): number {
  if (type === 'serial') return LINK_TYPES.rtacSerial;
  return type === 'bluetooth' ? LINK_TYPES.bluetoothH4 : LINK_TYPES.upperPdu;
}

function packetOf(link: Link, atMs: number, { direction, bytes, about }: FrameEntry): Uint8Array | undefined {
  if (link.type === 'serial') return rtacPacket(atMs, direction, bytes);
  if (link.type === 'pdu') return upperPduPacket(link.dissector, bytes);
  const address = addressBytes(about.address ?? '');
  const data = advertisingData(about.kind ?? '', bytes);
  if (address === undefined || data === undefined) return undefined;
  return h4Packet(direction, advertisingReport(address, data, about.rssiDbm ?? 0));
}

/**
 * LE Advertising Report event of one non-connectable advertisement of a random address (Core
 * Specification, vol. 4 part E §7.7.65.2).
 */
function advertisingReport(address: Uint8Array, data: Uint8Array, rssiDbm: number): Uint8Array {
  const parameters = [0x02, 1, 0x03, 1, ...address.toReversed(), data.length, ...data, rssiDbm & 0xff];
  return Uint8Array.of(0x04, 0x3e, parameters.length, ...parameters);
}

async function write(out: WriteStream, bytes: Uint8Array): Promise<void> {
  if (!out.write(bytes)) await once(out, 'drain');
}

function keyOf({ side, id }: WireName): string {
  return `${side} ${id}`;
}
