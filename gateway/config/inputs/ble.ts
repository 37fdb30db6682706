import * as z from 'zod';
import type { BleDevice, BleSettings, FobMatch } from '../../inputs/ble/settings.ts';
import { kernelName, kernelRadios, NO_ADDRESS, radioAddress } from '../../inputs/kernel-radios.ts';
import { byPlace, defaultsSchema, deviceSchema, pressKinds } from '../fields/device-schema.ts';
import { expected, flag, list, mapping, number, someOf, text, whole } from '../fields/fields.ts';
import type { Ports } from '../fields/ports.ts';
import { Unique } from '../fields/unique.ts';
import { listed, required, seconds } from '../fields/values.ts';
import type { Keys } from '../keys/keys-file.ts';
import type { View } from '../read/view.ts';
import type { InputConfig } from './input-config.ts';
import { driverName, inputId } from './input-fields.ts';
import { sparseHeartbeat } from './sparse-heartbeat.ts';

const SILENCE_SECONDS = 60;
const SILENCE_SECONDS_MAX = 3600;

const address = (about: string) =>
  text(
    /^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$/,
    'a Bluetooth address in quotes, such as "54:48:E6:8F:80:A5"',
    about,
  ).transform((written) => written.toUpperCase());

const quietSeconds = number(1, 3600, 5, 'An advertisement after at least this long a silence is a new press.').default(
  5,
);

const hexDigits = (count: number, example: string, about: string) =>
  text(new RegExp(`^[0-9A-Fa-f]{${count}}$`), `${count} hex digits in quotes, such as "${example}"`, about).transform(
    (written) => written.toLowerCase(),
  );

const uuid = text(
  /^[0-9A-Fa-f]{8}-?([0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}$/,
  '32 hex digits in quotes, such as "f7826da6-4fa2-4e98-8024-bc5b71e0893e"',
  "The fob's UUID.",
).transform((written) => written.replaceAll('-', '').toLowerCase());

const ofFamily = (about: string) => whole(0, 65_535, 1, about).optional();

const fobType = <const T extends string>(type: T) =>
  z.literal(type, expected(type)).describe('What the fob sends: iBeacon or eddystone.');

const fob = z
  .discriminatedUnion(
    'type',
    [
      z.strictObject({
        type: fobType('iBeacon'),
        uuid,
        major: ofFamily('Major number; absent: any.'),
        minor: ofFamily('Minor number; absent: any.'),
        quietSeconds,
      }),
      z.strictObject({
        type: fobType('eddystone'),
        namespace: hexDigits(20, '00112233445566778899', "The fob's namespace (Eddystone-UID)."),
        instance: hexDigits(12, '00112233aabb', 'Its instance; absent: any.').optional(),
        quietSeconds,
      }),
    ],
    expected('{ type: iBeacon, uuid: …, major: 1, minor: 7 } or { type: eddystone, namespace: …, instance: … }'),
  )
  .describe('A fob that begins to advertise when it is pressed, identified by its advertisement. It proves nothing.')
  .optional();

const own = {
  device: {
    address: address('Bluetooth address of a BTHome device, as on its label.').optional(),
    fob,
    encrypted: flag(
      'BTHome encryption with the key in keys.yaml. Default true; false: anybody can forge its presses.',
    ).optional(),
    lowBatteryPercent: whole(0, 100, 15, 'Below this the battery is low.').optional(),
    heartbeatSeconds: sparseHeartbeat(
      'How often it advertises while idle (beacon mode); 0, the default: never, so its loss can’t be detected.',
    ),
  },
  button: { ...byPlace, ...pressKinds },
  point: byPlace,
};
const input = mapping(
  {
    id: inputId,
    driver: driverName('ble', 'Bluetooth LE: BTHome buttons and sensors, iBeacon and Eddystone fobs.'),
    adapters: someOf(
      // The last part of the name becomes part of an MQTT topic, where + and # have a meaning.
      text(
        /^(hci\d{1,2}|usb:\d{1,3}-\d{1,3}(\.\d{1,3}){0,6}|address:[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}|\/[^\p{Cc}+#]{1,4096})$/u,
        "usb:1-1.4 for the radio in that USB port, address:B8:27:EB:12:34:56 for the one with that address, hci0 for a radio by its number, or the full path of a controller's serial port",
        'usb:1-1.4 for the radio in that USB port, address:B8:27:EB:12:34:56 for the one with that address, hci0 for one by its number, or the serial port of a controller that speaks HCI (H4).',
      ),
      'a list of at least one radio, such as [hci0]',
      'Radios; all of them listen.',
    ).default(['hci0']),
    baudRate: whole(1200, 4_000_000, 1_000_000, 'Bits a second to controllers on serial ports.').default(1_000_000),
    beacons: list(
      address('Address of a beacon.'),
      '- "C0:FF:EE:00:00:01"',
      'Addresses of devices that advertise all the time, and so prove reception. None: any known device does, and an empty building looks like a deaf radio.',
    ).default([]),
    silenceSeconds: number(
      5,
      SILENCE_SECONDS_MAX,
      SILENCE_SECONDS,
      'A radio that hears nothing that proves reception for this long is restarted.',
    ).default(SILENCE_SECONDS),
    defaults: defaultsSchema(own),
  },
  '{ id: radio-1, driver: ble, adapters: [hci0] }',
);

const device = deviceSchema(own);

type Device = z.output<typeof device>;

export const ble: InputConfig<z.output<typeof input>, Device, never, BleSettings> = {
  input,
  device,
  own,
  check(view, { devices }, { ports }) {
    checkAdapters(view, ports);
    checkProofs(view, devices);
    const used = new Unique('give each device an address or fob of its own');
    for (const each of devices) checkDevice(each, used);
    const unwatched = devices.filter((each) => !each.has('heartbeatSeconds')).map((each) => each.text('id') ?? '?');
    if (unwatched.length > 0) {
      view.warn(
        'id',
        `without a beacon, an empty battery is not noticed: ${listed(unwatched)}`,
        'switch their beacon mode on and write heartbeatSeconds: 60; or write heartbeatSeconds: 0 to accept it',
      );
    }
  },
  hasKey: (view) => !view.has('fob') && view.flag('encrypted') !== false,
  traits: (_, written) => {
    const isKeyed = isEncrypted(written);
    const saysHowHoldEnds = written.fob === undefined;
    return {
      heartbeatSeconds: written.heartbeatSeconds ?? 0,
      counterOnly: isKeyed,
      keyed: isKeyed,
      ...(saysHowHoldEnds && { saysHowHoldEnds }),
    };
  },
  settings: (written, devices, _, { keys }) => ({
    driver: written.driver,
    id: written.id,
    adapters: written.adapters.map((name) => ({
      name,
      ...(written.adapters.length > 1 ? { input: healthInput(written.id, name) } : {}),
      baudRate: written.baudRate,
    })),
    devices: devices.map((each) => bleDevice(each, keys)),
    beacons: written.beacons,
    silenceMs: seconds(written.silenceSeconds),
  }),
  healthInputs: ({ id, adapters }) => (adapters.length > 1 ? adapters.map((name) => healthInput(id, name)) : []),
};

function bleDevice(written: Device, keys: Keys): BleDevice {
  const { id, address, fob, points } = written;
  if (fob !== undefined) return { format: 'fob', device: id, match: matchOf(fob), quietMs: seconds(fob.quietSeconds) };
  return {
    format: 'bthome',
    device: id,
    address: required(address, `address of device ${id}`),
    ...(isEncrypted(written) ? { key: required(keys.devices.get(id), `key of device ${id}`) } : {}),
    lowBatteryPercent: written.lowBatteryPercent ?? 15,
    points: points.map(({ number, type }) => ({ number, type })),
  };
}

function matchOf(fob: NonNullable<Device['fob']>): FobMatch {
  if (fob.type === 'eddystone') {
    const { type, namespace, instance } = fob;
    return { type, namespace, ...(instance === undefined ? {} : { instance }) };
  }
  const { type, uuid, major, minor } = fob;
  return { type, uuid, ...(major === undefined ? {} : { major }), ...(minor === undefined ? {} : { minor }) };
}

function isEncrypted({ fob, encrypted }: Device): boolean {
  return fob === undefined && encrypted !== false;
}

function healthInput(id: string, adapter: string): string {
  const last = adapter.slice(adapter.lastIndexOf('/') + 1);
  return `${id}.${radioAddress(adapter) === undefined ? last.replace(':', '-') : last.replaceAll(':', '-')}`;
}

/**
 * Only what advertises all the time tells a radio that hears nothing from a building without
 * people.
 */
function checkProofs(input: View, devices: readonly View[]): void {
  if (input.items('beacons').keys().length > 0) return;
  const id = input.text('id') ?? 'the input';
  const beats = devices.map((each) => each.number('heartbeatSeconds') ?? 0).filter((every) => every > 0);
  const shortest = Math.min(...beats);
  const silence = input.number('silenceSeconds') ?? SILENCE_SECONDS;
  if (beats.length === 0) {
    input.warn(
      'id',
      `${id} has no beacon and no device with heartbeatSeconds: an empty building, as at night, looks like a deaf radio, and a deaf radio like an empty building`,
      'put a beacon near each radio and list them under beacons:, or switch on the beacon mode of a tag that stays there and write its heartbeatSeconds',
    );
  } else if (silence < 2 * shortest) {
    input.warn(
      input.has('silenceSeconds') ? 'silenceSeconds' : 'id',
      `${id} has no beacon, and its devices speak every ${shortest} s at most: in an empty building one lost advertisement makes ${silence} s of silence, which looks like a deaf radio`,
      `write silenceSeconds: ${Math.min(SILENCE_SECONDS_MAX, 3 * shortest)}, or put a beacon near each radio and list them under beacons:`,
    );
  }
}

function checkAdapters(input: View, ports: Ports): void {
  const adapters = input.items('adapters');
  const healthNames = new Map<string, string>();
  for (const place of adapters.keys()) {
    const name = adapters.text(place);
    if (name === undefined) continue;
    if (name.startsWith('/')) ports.add(adapters, place, name);
    else if (radioAddress(name) !== undefined) checkAddress(adapters, place, name, ports);
    else checkRadio(adapters, place, name, ports);
    const health = healthInput('', name);
    const first = healthNames.get(health);
    if (first === undefined) healthNames.set(health, name);
    else if (first !== name)
      adapters.wrong(
        place,
        `${first} and ${name} end in the same name`,
        'each has its health under that name: make a link of another name to one of them (ln -s), and write the link',
      );
  }
}

/**
 * Whether it is present is not checked here: only a socket reveals addresses, and the scanner
 * process opens it.
 */
function checkAddress(adapters: View, place: string, written: string, ports: Ports): void {
  const address = radioAddress(written)?.toUpperCase();
  const name = `address:${address}`;
  ports.addRadio(adapters, place, name);
  if (written !== name) adapters.wrong(place, `${written} has small letters`, `write it in capitals: ${name}`);
  if (address === NO_ADDRESS)
    adapters.wrong(place, 'this is what a radio without an address has', 'name it by its USB port: usb:1-1.4');
}

function checkRadio(adapters: View, place: string, name: string, ports: Ports): void {
  const radio = kernelName(name);
  // One adapter named by its number and by its port is the same radio.
  ports.addRadio(adapters, place, radio ?? name);
  if (radio !== undefined) return;
  const here = kernelRadios().map((each) => (each.port === undefined ? each.name : `usb:${each.port} (${each.name})`));
  const known = here.length === 0 ? '' : `; here: ${listed(here)}`;
  adapters.warn(place, `this machine has no radio ${name} at the moment`, `plug it in, or correct the name${known}`);
}

function checkDevice(device: View, used: Unique): void {
  const id = device.text('id') ?? 'the device';
  const address = device.text('address')?.toUpperCase();
  used.add(device, 'address', address, `address ${address}`);
  if (device.has('fob')) {
    checkFob(device, id, used);
    return;
  }
  if (!device.has('address')) {
    const hint = 'write address: "54:48:E6:8F:80:A5", or fob: { type: iBeacon, uuid: … }';
    device.wrong('id', `${id} has neither an address nor a fob to know it by`, hint);
  }
  checkTypes(device, id);
  for (const button of device.list('buttons')) checkHold(button, id);
}

/** Tags say `hold` while a button is held, and `long` when it is let go: both of one press. */
function checkHold(button: View, id: string): void {
  const patterns = button.child('patterns');
  const hold = patterns.text('hold');
  const long = patterns.text('long') ?? button.text('longPress') ?? button.text('kind');
  if (hold === undefined || hold === long) return;
  patterns.warn(
    'hold',
    `${id} says hold while a button is held and long when it is let go: held for more than 3 s it raises ${hold}, and then ${long} too`,
    `write longPress: ${hold} in place of hold:, or give both the same kind`,
  );
}

function checkFob(device: View, id: string, used: Unique): void {
  for (const key of ['address', 'encrypted', 'lowBatteryPercent']) {
    if (device.has(key)) device.wrongName(key, `${key} means nothing beside fob`, 'remove one of the two');
  }
  if ((device.number('heartbeatSeconds') ?? 0) > 0)
    device.wrong('heartbeatSeconds', `${id} is heard only while it is pressed`, 'write heartbeatSeconds: 0');
  const [button, ...more] = device.list('buttons');
  if (more.length > 0 || device.list('points').length > 0)
    device.wrong('id', `${id} is a fob, which has one button and no points`, 'list one button under buttons:');
  if ((button?.number('number') ?? 0) > 0) button?.wrong('number', "a fob's button is number 0", 'remove number:');
  const fob = device.child('fob');
  const says = ['type', 'uuid', 'major', 'minor', 'namespace', 'instance'];
  used.add(device, 'fob', says.map((key) => fob.text(key)?.replaceAll('-', '').toLowerCase()).join(' '), 'this fob');
}

/** BTHome identifies objects by their type, so two doors of one device are the same object. */
function checkTypes(device: View, id: string): void {
  const types = new Unique('a BTHome device tells one of a kind; list the one it has');
  for (const point of device.list('points')) {
    const type = point.text('type');
    types.add(point, 'type', type, `a ${type} of ${id}`);
  }
}
