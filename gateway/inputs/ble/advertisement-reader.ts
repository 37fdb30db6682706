import { addressBytes } from '../../../protocol/ble/address.ts';
import { type BthomeFrame, type BthomeMessage, parseBthomeFrame, parseObjects } from '../../../protocol/ble/bthome.ts';
import { claimedCounter, openBthome } from '../../../protocol/ble/bthome-encryption.ts';
import { parseEddystoneUid } from '../../../protocol/ble/eddystone.ts';
import { parseIBeacon } from '../../../protocol/ble/i-beacon.ts';
import type { Readings, Signal, UnknownSignal } from '../../core/signal.ts';
import { nodeBthomeCcm } from './node-bthome-ccm.ts';
import type { Heard } from './scanner-messages.ts';
import type { BleDevice, BleSettings, BthomeDevice, FobDevice, FobMatch } from './settings.ts';

/**
 * Plain BTHome without a packet id repeats itself for less than this, and two presses of one hand
 * are further apart.
 */
const PLAIN_REPEATS_MS = 1_500;
/** The same packet is passed on at most once within this time: the core knows it. */
const SAME_PACKET_MS = 1_000;
/** Strangers whose last packet is remembered. */
const STRANGERS_MAX = 64;

type Read =
  | { readonly type: 'signal'; readonly signal: Signal }
  | { readonly type: 'unknown'; readonly unknown: UnknownSignal }
  /** The packet just heard. */
  | { readonly type: 'again' }
  /** Of a device that is not enrolled, and no press. */
  | { readonly type: 'stranger' }
  | { readonly type: 'malformed' };

interface Packet {
  readonly hex: string;
  readonly passedMs: number;
}

interface Tag {
  readonly settings: BthomeDevice;
  readonly address: Uint8Array;
  /** The last numbered packet that was passed on. */
  last: Packet | undefined;
}

/** Turns advertisements into signals: finds the device, checks its proof, translates. */
export class AdvertisementReader {
  readonly #input: string;
  readonly #tags = new Map<string, Tag>();
  readonly #fobs: readonly FobDevice[];
  readonly #strangers = new Map<string, Packet>();

  constructor(settings: Pick<BleSettings, 'id' | 'devices'>) {
    this.#input = settings.id;
    for (const device of settings.devices) {
      const address = device.format === 'bthome' ? addressBytes(device.address) : undefined;
      if (device.format !== 'bthome' || address === undefined) continue;
      this.#tags.set(device.address.toUpperCase(), { settings: device, address, last: undefined });
    }
    this.#fobs = settings.devices.filter(isFob).sort((one, other) => exactness(other.match) - exactness(one.match));
  }

  /**
   * The device that sent the advertisement, of any kind, once it was read. A fob is known only by
   * its frame.
   */
  deviceOf({ address }: Heard, read: Read): string | undefined {
    return this.#tags.get(address)?.settings.device ?? (read.type === 'signal' ? read.signal.device : undefined);
  }

  read(heard: Heard): Read {
    if (heard.kind === 'presence') return { type: 'stranger' };
    if (heard.kind === 'bthome') return this.#bthome(heard);
    const fob = this.#fobOf(heard);
    return fob === undefined ? { type: 'stranger' } : { type: 'signal', signal: this.#fobPress(fob, heard) };
  }

  #bthome(heard: Heard): Read {
    const tag = this.#tags.get(heard.address);
    if (isAgain(tag === undefined ? this.#strangers.get(heard.address) : tag.last, heard)) return { type: 'again' };
    const frame = parseBthomeFrame(Buffer.from(heard.hex, 'hex'));
    if (frame === undefined) return { type: 'malformed' };
    if (tag === undefined) return this.#stranger(frame, heard);
    const read = this.#ofTag(tag, frame, heard);
    // Without a number the core recognises repeats by their time, so it must hear all of them.
    const numbered = read.type === 'unknown' || (read.type === 'signal' && read.signal.repeatsWithinMs === undefined);
    tag.last = numbered ? { hex: heard.hex, passedMs: heard.capturedMs } : undefined;
    return read;
  }

  #ofTag(tag: Tag, frame: BthomeFrame, heard: Heard): Read {
    const { key } = tag.settings;
    if (!frame.encrypted) {
      const message = parseObjects(frame.body);
      if (key !== undefined) return this.#unknown(heard, 'notEncrypted', says(message));
      const repeats =
        message.packetId === undefined ? { repeatsWithinMs: PLAIN_REPEATS_MS } : { packetId: message.packetId };
      return this.#signal(tag.settings.device, heard, readingsOf(tag.settings, message), {
        authenticated: false,
        ...repeats,
      });
    }
    const counter = claimedCounter(frame);
    if (counter === undefined) return { type: 'malformed' };
    const opened = key === undefined ? undefined : openBthome(nodeBthomeCcm, key, tag.address, frame);
    const identity = { epoch: 0, counter };
    if (opened === undefined) return this.#unknown(heard, 'notAuthentic', 'readings', identity);
    const readings = readingsOf(tag.settings, parseObjects(opened.objects));
    return this.#signal(tag.settings.device, heard, readings, { authenticated: true, identity });
  }

  /**
   * The thermometer of a neighbour is ignored. A panic button that is not enrolled is reported; of
   * what is encrypted nobody knows, so an event is.
   */
  #stranger(frame: BthomeFrame, heard: Heard): Read {
    const isSealedEvent = frame.encrypted && frame.triggerBased;
    const isPress = !frame.encrypted && says(parseObjects(frame.body)) === 'press';
    if (!isPress && !isSealedEvent) return { type: 'stranger' };
    if (this.#strangers.size >= STRANGERS_MAX) this.#strangers.clear();
    this.#strangers.set(heard.address, { hex: heard.hex, passedMs: heard.capturedMs });
    const { unknown } = this.#unknown(heard, 'notEnrolled', isPress ? 'press' : 'readings');
    return { type: 'unknown', unknown: isPress ? unknown : { ...unknown, isSealedEvent: true } };
  }

  /** Of a device that the configuration has, perhaps only since it was heard. */
  isEnrolled({ kind, address, hex }: Pick<Heard, 'kind' | 'address' | 'hex'>): boolean {
    return kind === 'bthome' ? this.#tags.has(address) : this.#fobOf({ kind, hex }) !== undefined;
  }

  #fobOf(heard: Pick<Heard, 'kind' | 'hex'>): FobDevice | undefined {
    if (this.#fobs.length === 0) return undefined;
    if (heard.kind === 'iBeacon') {
      const beacon = parseIBeacon(Buffer.from(heard.hex, 'hex'));
      return this.#fobs.find(
        ({ match }) =>
          match.type === 'iBeacon' &&
          match.uuid === beacon?.uuid &&
          (match.major ?? beacon.major) === beacon.major &&
          (match.minor ?? beacon.minor) === beacon.minor,
      );
    }
    if (heard.kind !== 'eddystone') return undefined;
    const uid = parseEddystoneUid(Buffer.from(heard.hex, 'hex'));
    return this.#fobs.find(
      ({ match }) =>
        match.type === 'eddystone' &&
        match.namespace === uid?.namespace &&
        (match.instance ?? uid.instance) === uid.instance,
    );
  }

  #fobPress(fob: FobDevice, heard: Heard): Signal {
    return {
      input: this.#input,
      device: fob.device,
      authenticated: false,
      capturedMs: heard.capturedMs,
      ...strength(heard),
      repeatsWithinMs: fob.quietMs,
      body: { type: 'readings', presses: [{ button: 0, pattern: 'single' }], points: [] },
    };
  }

  #signal(
    device: string,
    heard: Heard,
    body: Readings,
    proof: Pick<Signal, 'authenticated' | 'identity' | 'packetId' | 'repeatsWithinMs'>,
  ): Read {
    const { capturedMs } = heard;
    const signal = { input: this.#input, device, capturedMs, ...strength(heard), ...proof, body };
    return { type: 'signal', signal };
  }

  #unknown(
    { address, capturedMs }: Heard,
    reason: UnknownSignal['reason'],
    what: UnknownSignal['says'],
    identity?: Signal['identity'],
  ): Extract<Read, { type: 'unknown' }> {
    const device = this.#tags.get(address)?.settings.device;
    const claims = device === undefined ? {} : { device };
    const unknown = { input: this.#input, address, ...claims, reason, says: what, capturedMs };
    return { type: 'unknown', unknown: identity === undefined ? unknown : { ...unknown, identity } };
  }
}

/** A radio that can't tell says 127 (Bluetooth Core, vol. 4, part E, §7.7.65.2). */
function strength({ rssiDbm }: Heard): Pick<Signal, 'rssiDbm'> {
  return rssiDbm === 127 ? {} : { rssiDbm };
}

function isAgain(last: Packet | undefined, { hex, capturedMs }: Heard): boolean {
  return last !== undefined && last.hex === hex && Math.abs(capturedMs - last.passedMs) < SAME_PACKET_MS;
}

function isFob(device: BleDevice): device is FobDevice {
  return device.format === 'fob';
}

/** Of two rules that fit, the one that says more counts. */
function exactness(match: FobMatch): number {
  if (match.type === 'eddystone') return Number(match.instance !== undefined);
  return Number(match.major !== undefined) + Number(match.minor !== undefined);
}

function says(message: BthomeMessage): 'press' | 'readings' {
  return message.buttons.some((pattern) => pattern !== undefined) ? 'press' : 'readings';
}

/** A point takes the next object of its type, in the order of the message. */
function readingsOf(device: BthomeDevice, message: BthomeMessage): Readings {
  const presses = message.buttons.flatMap((pattern, button) => (pattern === undefined ? [] : [{ button, pattern }]));
  const values = { doorContact: [...message.openings], bolt: [...message.locks], tamper: [...message.tampers] };
  const points = device.points.flatMap(({ number, type }) => {
    const active = values[type].shift();
    return active === undefined ? [] : [{ point: number, active }];
  });
  const { batteryPercent, voltageMv } = message;
  const isLow = batteryPercent !== undefined && batteryPercent < device.lowBatteryPercent;
  return {
    type: 'readings',
    presses,
    points,
    ...(batteryPercent === undefined ? {} : { batteryPercent }),
    ...(voltageMv === undefined ? {} : { batteryMv: voltageMv }),
    ...(batteryPercent === undefined && message.batteryLow === undefined
      ? {}
      : { lowBattery: isLow || message.batteryLow === true }),
    // What no point of the configuration takes is the device's own cover.
    ...(values.tamper.length === 0 ? {} : { tamper: values.tamper.includes(true) }),
  };
}
