import { parseBthomeFrame, parseObjects } from '../../../protocol/ble/bthome.ts';
import { objectIds } from '../../../protocol/ble/bthome-objects.ts';
import { parseEddystoneUid } from '../../../protocol/ble/eddystone.ts';
import { parseIBeacon } from '../../../protocol/ble/i-beacon.ts';
import type { BeaconStranger, BthomeStranger } from '../../../protocol/discovery-document.ts';
import { isoTime } from '../../../protocol/wall-time.ts';
import { wallTimeOf } from '../../system/clock.ts';
import type { HeardStranger } from './scanner-messages.ts';

type BleStranger = BthomeStranger | BeaconStranger;

/** @returns `undefined` if its last message can't be read */
export function bleStranger(input: string, heard: HeardStranger): BleStranger | undefined {
  const { address, rssiDbm, messages, firstMs, lastMs, movedMs, movedHex } = heard;
  const bytes = Buffer.from(heard.hex, 'hex');
  const common = {
    input,
    address,
    rssi_dbm: rssiDbm,
    messages,
    first_heard_at: isoTime(wallTimeOf(firstMs)),
    last_heard_at: isoTime(wallTimeOf(lastMs)),
  };
  const moved = (movement: string) =>
    movedMs === undefined ? {} : { moved_at: isoTime(wallTimeOf(movedMs)), movement };
  if (heard.kind === 'bthome') {
    const bthome = bthomeParts(bytes);
    if (bthome === undefined) return undefined;
    // Between presses it sends messages without its buttons.
    const event = movedHex === undefined ? undefined : bthomeParts(Buffer.from(movedHex, 'hex'));
    const { movement, ...parts } = { ...event, ...bthome, movement: event?.movement ?? bthome.movement };
    const ids = [...new Set([...(event?.object_ids ?? []), ...parts.object_ids])].sort();
    return { kind: 'bthome', ...common, ...moved(movement), ...parts, object_ids: ids };
  }
  const appeared = moved('began to advertise');
  if (heard.kind === 'iBeacon') {
    const beacon = parseIBeacon(bytes);
    if (beacon === undefined) return undefined;
    const { uuid, major, minor } = beacon;
    return { kind: 'iBeacon', ...common, ...appeared, uuid, major, minor };
  }
  const uid = parseEddystoneUid(bytes);
  if (uid === undefined) return undefined;
  return { kind: 'eddystone', ...common, ...appeared, namespace: uid.namespace, instance: uid.instance };
}

function bthomeParts(bytes: Uint8Array) {
  const frame = parseBthomeFrame(bytes);
  if (frame === undefined) return undefined;
  const { encrypted, triggerBased } = frame;
  const about = { encrypted, trigger_based: triggerBased };
  if (encrypted) return { ...about, object_ids: [], movement: 'sent an event (encrypted: a press, or another one)' };
  const message = parseObjects(frame.body);
  const { batteryPercent, buttons, openings } = message;
  const pressed = buttons.findIndex((pattern) => pattern !== undefined);
  return {
    ...about,
    object_ids: objectIds(frame.body).map((id) => `0x${id.toString(16).padStart(2, '0')}`),
    ...(batteryPercent === undefined ? {} : { battery_percent: batteryPercent }),
    ...(buttons.length === 0 ? {} : { buttons: buttons.length }),
    ...(openings.length === 0 ? {} : { openings: openings.length }),
    movement: pressed < 0 ? 'a button was pressed' : `button ${pressed} was pressed (${buttons[pressed]})`,
  };
}

/**
 * Several radios hear the same device: it is shown once, as the radio hears it that hears it best.
 */
export function merged(all: readonly (readonly BleStranger[])[]): BleStranger[] {
  const byIdentity = new Map<string, BleStranger>();
  for (const each of all.flat()) {
    const identity = identityOf(each);
    const other = byIdentity.get(identity);
    byIdentity.set(identity, other === undefined ? each : together(each, other));
  }
  return [...byIdentity.values()];
}

function together(one: BleStranger, other: BleStranger): BleStranger {
  const nearer = one.rssi_dbm >= other.rssi_dbm ? one : other;
  const [first, last] = [
    [one.first_heard_at, other.first_heard_at].sort()[0],
    [one.last_heard_at, other.last_heard_at].sort()[1],
  ];
  const mover = (one.moved_at ?? '') >= (other.moved_at ?? '') ? one : other;
  return {
    ...nearer,
    ...(first === undefined ? {} : { first_heard_at: first }),
    ...(last === undefined ? {} : { last_heard_at: last }),
    ...(mover.moved_at === undefined ? {} : { moved_at: mover.moved_at }),
    ...(mover.movement === undefined ? {} : { movement: mover.movement }),
    messages: Math.max(one.messages, other.messages),
  };
}

function identityOf(stranger: BleStranger): string {
  switch (stranger.kind) {
    case 'bthome':
      return stranger.address;
    case 'iBeacon':
      return `${stranger.uuid} ${stranger.major} ${stranger.minor}`;
    case 'eddystone':
      return `${stranger.namespace} ${stranger.instance}`;
  }
}
