import { type FrameFault, openFrame, type ParsedFrame, parseFrame } from '../../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../../protocol/button-bus/frame-scanner.ts';
import { ANY_NODE_EPOCH, type Message, typeOf } from '../../../protocol/button-bus/message.ts';
import type { FrameEntry } from '../../../protocol/recording/recording.ts';
import { nodeAesCcm } from '../../nodes/node-aes-ccm.ts';
import type { Decoded, WireDecoder } from './wire-decoder.ts';
import { Streams } from './wire-decoder.ts';

const FAULTS: Readonly<Record<FrameFault, string>> = {
  cobs: 'its COBS encoding is broken',
  tooShort: 'it is too short',
  tooLong: 'it is too long',
  crc: 'its CRC is wrong',
  version: 'it is of another version',
  type: 'its type is unknown',
  address: 'its address is reserved',
};

/** Frames of the button bus (hardware/button-bus.md). Their content is sealed without keys. */
export class BusDecoder implements WireDecoder {
  readonly #keys: ReadonlyMap<string, Uint8Array> | undefined;
  readonly #scanners = new Streams(() => new FrameScanner());
  /** The device whose key opened the last frame of an address: it is tried first. */
  readonly #lastDevice = new Map<number, string>();

  constructor(keys: ReadonlyMap<string, Uint8Array> | undefined) {
    this.#keys = keys;
  }

  decode(frame: FrameEntry): readonly Decoded[] {
    const decoded: Decoded[] = [];
    this.#scanners.of(frame).push(
      frame.bytes,
      (body) => {
        const parsed = parseFrame(body);
        decoded.push(
          parsed.ok ? this.#frame(parsed.frame) : noFrame(`${body.length} bytes, no frame: ${FAULTS[parsed.fault]}`),
        );
      },
      () => decoded.push(noFrame('more bytes than a frame has, no frame')),
    );
    return decoded;
  }

  #frame(frame: ParsedFrame): Decoded {
    const { address, type: code, epoch, counter } = frame.header;
    const type = typeOf(code) ?? `type ${code}`;
    const where = `${type} address ${address} ${epoch}.${counter}`;
    const fields = { type, address, epoch, counter };
    const opened = this.#open(frame);
    if (opened === undefined) {
      const why = this.#keys === undefined ? 'sealed' : 'sealed, and no key opens it';
      return { text: `${where}: ${why}, ${frame.sealed.length} bytes`, fields: { ...fields, sealed: true } };
    }
    const { device, message } = opened;
    const { type: _, ...content } = message;
    return { text: `${where}, ${device}: ${contentText(message)}`, fields: { ...fields, device, ...content } };
  }

  #open(frame: ParsedFrame): { readonly device: string; readonly message: Message } | undefined {
    const { address } = frame.header;
    const last = this.#lastDevice.get(address);
    const lastKey = last === undefined ? undefined : this.#keys?.get(last);
    const keys = [
      ...(last !== undefined && lastKey !== undefined ? [[last, lastKey] as const] : []),
      ...(this.#keys ?? []),
    ];
    for (const [device, key] of keys) {
      const message = key.length === 16 ? openFrame(nodeAesCcm, key, frame) : undefined;
      if (message === undefined) continue;
      this.#lastDevice.set(address, device);
      return { device, message };
    }
    return undefined;
  }
}

function noFrame(text: string): Decoded {
  return { text, fields: { fault: true } };
}

function contentText(message: Message): string {
  switch (message.type) {
    case 'press':
      return `button ${message.button}, ${message.pattern}`;
    case 'release':
      return `button ${message.button}, held ${message.heldMs} ms`;
    case 'point':
      return `point ${message.point} ${message.active ? 'active' : 'normal'}`;
    case 'heartbeat':
      return heartbeatText(message);
    case 'hello':
      return `serial ${message.serial}, model ${message.model}, firmware ${message.firmware}`;
    case 'ack':
      return `${message.status}, for ${message.nodeEpoch}.${message.counter}`;
    case 'poll':
      return message.nodeEpoch === ANY_NODE_EPOCH ? 'any epoch' : `epoch ${message.nodeEpoch}`;
    case 'silent':
      return message.silent ? 'show nothing' : 'show again';
  }
}

function heartbeatText(message: Extract<Message, { type: 'heartbeat' }>): string {
  const { batteryMv, supplyMv, lowBattery, tamper, silentMode, uptimeSeconds, points } = message;
  return [
    `up ${uptimeSeconds} s`,
    ...(batteryMv === undefined ? [] : [`battery ${batteryMv} mV`]),
    ...(supplyMv === undefined ? [] : [`supply ${supplyMv} mV`]),
    ...(lowBattery ? ['low battery'] : []),
    ...(tamper ? ['tamper'] : []),
    ...(silentMode ? ['silent'] : []),
    ...points.map((active, point) => `point ${point} ${active ? 'active' : 'normal'}`),
  ].join(', ');
}
