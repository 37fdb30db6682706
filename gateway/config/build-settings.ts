import { resolve } from 'node:path';
import type { PressPattern } from '../../protocol/mqtt-documents.ts';
import type { Button, Device, Location, Path, Point, Site } from '../core/site.ts';
import type { ButtonBusNode } from '../inputs/button-bus/settings.ts';
import type { JournalSettings } from '../journal/settings.ts';
import type { EmbeddedBroker, ExternalBroker, MqttSettings } from '../mqtt/settings.ts';
import type { Dc09Settings } from '../paths/dc09/settings.ts';
import { splitHostPort } from './check-mqtt.ts';
import type { Keys } from './keys-file.ts';
import { mergeKinds } from './kinds.ts';
import type { PemFiles } from './pem-files.ts';
import type { GatewaySettings } from './settings.ts';
import type { SiteFile } from './site-schema.ts';

type WrittenDevice = SiteFile['devices'][number];
type WrittenPath = SiteFile['paths'][number];

/** What the gateway runs on, from files in which no error was found. */
export function buildSettings(file: SiteFile, keys: Keys, pem: PemFiles, dataDirectory: string): GatewaySettings {
  return {
    site: buildSite(file),
    inputs: file.inputs.map(({ id, driver, port, baudRate }) => {
      return { driver, id, port, baudRate, nodes: nodesOf(id, file.devices, keys) };
    }),
    paths: file.paths.map((path) => dc09Settings(path, keys)),
    mqtt: mqttSettings(file, keys, pem),
    journal: journalSettings(file.journal, dataDirectory),
  };
}

function buildSite(file: SiteFile): Site {
  const kinds = mergeKinds(file.kinds);
  return {
    gateway: file.gateway,
    name: file.site.name,
    deadlines: {
      nextPathMs: ms(file.deadlines.nextPathSeconds),
      notConfirmedMs: ms(file.deadlines.notConfirmedSeconds),
      autoResolveMs: ms(file.deadlines.autoResolveHours * 3600),
    },
    kinds,
    inputs: file.inputs.map(({ id }) => ({ id })),
    devices: new Map(file.devices.map((device) => [device.id, buildDevice(device, file, kinds)])),
    outputs: [],
    paths: file.paths.map(buildPath),
  };
}

function buildDevice(device: WrittenDevice, file: SiteFile, kinds: Site['kinds']): Device {
  const { id, input, zone, area, missedHeartbeats } = device;
  const buttons = device.buttons.map(buildButton);
  return {
    id,
    input,
    location: locate(device.location, file.buildings),
    zone,
    area,
    heartbeatMs: ms(device.heartbeatSeconds),
    missedHeartbeats,
    counterOnly: false,
    silent: device.silent ?? raisesSilentKind(buttons, kinds),
    buttons: new Map(buttons.map((button) => [button.number, button])),
    points: new Map(device.points.map((point) => [point.number, buildPoint(point)])),
  };
}

function buildButton(button: WrittenDevice['buttons'][number]): Button {
  const { id, number, zone, kind, longPress } = button;
  return { id, number, zone, kind, ...(longPress === undefined ? {} : { patternKinds: longPressKinds(longPress) }) };
}

function longPressKinds(kind: string): Map<PressPattern, string> {
  const patterns: readonly PressPattern[] = ['long', 'longDouble', 'longTriple', 'hold'];
  return new Map(patterns.map((pattern) => [pattern, kind]));
}

/** A lamp that answers a hold-up gives it away. */
function raisesSilentKind(buttons: readonly Button[], kinds: Site['kinds']): boolean {
  const raised = buttons.flatMap(({ kind, patternKinds }) => [kind, ...(patternKinds?.values() ?? [])]);
  return raised.some((kind) => kinds.get(kind)?.silent === true);
}

function buildPoint({ id, number, type, zone, debounceMilliseconds }: WrittenDevice['points'][number]): Point {
  return { id, number, type, zone, debounceMs: debounceMilliseconds };
}

/** "A/1/101" and its names: "Main building, First floor, Rm 101 Reception". */
function locate(location: string, buildings: SiteFile['buildings']): Location {
  const [buildingId = '', floorId = '', roomNumber = ''] = location.split('/');
  const building = buildings.find(({ id }) => id === buildingId);
  const floor = building?.floors.find(({ id }) => id === floorId);
  const room = floor?.rooms.find(({ number }) => number === roomNumber);
  const text = [
    building?.name ?? `Building ${buildingId}`,
    floor?.name ?? `Floor ${floorId}`,
    room?.name === undefined ? `Rm ${roomNumber}` : `Rm ${roomNumber} ${room.name}`,
  ].join(', ');
  return { building: buildingId, floor: floorId, room: roomNumber, text };
}

function buildPath(path: WrittenPath): Path {
  const { mode, intervalSeconds, testIntervalSeconds, downAfter, upAfter } = path.supervision;
  return {
    id: path.id,
    parallel: path.connections,
    formats: path.formats.length,
    attemptTimeoutMs: ms(path.answerTimeoutSeconds),
    attemptTimeoutMaxMs: 20_000,
    retryMs: 500,
    retryMaxMs: 30_000,
    supervision: { mode, intervalMs: ms(intervalSeconds), testIntervalMs: ms(testIntervalSeconds), downAfter, upAfter },
  };
}

function nodesOf(input: string, devices: readonly WrittenDevice[], keys: Keys): ButtonBusNode[] {
  return devices
    .filter((device) => device.input === input)
    .map(({ id, address }) => ({ device: id, address, key: required(keys.devices.get(id), `key of device ${id}`) }));
}

function dc09Settings(path: WrittenPath, keys: Keys): Dc09Settings {
  const { driver, id, host, port, account, prefix, receiver, formats, connections, timestamp } = path;
  const own = { driver, id, host, port, account, prefix, receiver, formats, connections, timestamp };
  const connectTimeoutMs = ms(path.connectTimeoutSeconds);
  if (!path.encrypted) return { ...own, connectTimeoutMs };
  return { ...own, connectTimeoutMs, key: required(keys.paths.get(id), `key of path ${id}`) };
}

function mqttSettings({ gateway, mqtt }: SiteFile, keys: Keys, pem: PemFiles): MqttSettings {
  const broker = mqtt.broker === 'embedded' ? embedded(mqtt, keys, pem) : external(mqtt, keys, pem);
  const prefix = mqtt.homeAssistant === true ? 'homeassistant' : mqtt.homeAssistant;
  return prefix === false ? { gateway, broker } : { gateway, broker, homeAssistantPrefix: prefix };
}

function embedded(mqtt: SiteFile['mqtt'], keys: Keys, { tls }: PemFiles): EmbeddedBroker {
  const clients = mqtt.clients.map(({ name, role }) => {
    return { name, role, password: required(keys.mqtt.get(name), `password of ${name}`) };
  });
  return { type: 'embedded', ...splitHostPort(mqtt.listen), clients, ...(tls === undefined ? {} : { tls }) };
}

function external(mqtt: SiteFile['mqtt'], keys: Keys, { ca }: PemFiles): ExternalBroker {
  const { username } = mqtt;
  const login =
    username === undefined ? {} : { username, password: required(keys.mqtt.get(username), 'broker password') };
  return { type: 'external', url: mqtt.broker, ...login, ...(ca === undefined ? {} : { ca }) };
}

function journalSettings(journal: SiteFile['journal'], dataDirectory: string): JournalSettings {
  const written = [journal.directory, ...(journal.secondDirectory === undefined ? [] : [journal.secondDirectory])];
  return {
    directories: written.map((directory) => resolve(dataDirectory, directory)),
    segmentBytes: 8 * 1024 * 1024,
    retainMs: journal.retainDays * 86_400_000,
    retainBytes: Math.floor(journal.retainMegabytes * 1024 * 1024),
  };
}

function ms(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** The checks before have seen to it; if one has a hole, starting without a key must still be impossible. */
function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the ${what} is missing although the check passed`);
  return value;
}
