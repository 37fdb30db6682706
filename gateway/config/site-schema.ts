import * as z from 'zod';
import {
  choice,
  expected,
  filePath,
  flag,
  ID_PATTERN,
  id,
  label,
  list,
  mapping,
  number,
  place,
  someOf,
  text,
  whole,
} from './fields.ts';

const zone = whole(0, 999, 101, "Number of the place in the receiver's list, 0…999; 0 = none.");

const room = mapping(
  {
    number: place("Room number as on the door and on the responders' map; unique in its building."),
    name: label('What the room is called, for example Reception.').optional(),
  },
  '{ number: "101", name: Reception }',
);

const floor = mapping(
  {
    id: place('Short name used in locations, for example 1.'),
    name: label('What people call the floor; default "Floor <id>".').optional(),
    rooms: list(room, '- { number: "101", name: Reception }', 'Every room a device hangs in.').default([]),
  },
  '{ id: "1", name: First floor, rooms: [] }',
);

const building = mapping(
  {
    id: place('Short name used in locations, for example A.'),
    name: label('What people call the building; default "Building <id>".').optional(),
    floors: list(floor, '- { id: "1", name: First floor }', 'Floors with their rooms.').default([]),
  },
  '{ id: A, name: Main building }',
);

const eventCode = (about: string) => text(/^[A-Z]{2}$/, 'a two-letter SIA code in capitals, such as PA', about);

const kind = mapping(
  {
    name: label('Plain language, for example Lockdown.').optional(),
    sia: eventCode(
      'SIA DC-03 event code of the alarm: PA panic, HA hold-up, MA medical, FA fire, QA assistance.',
    ).optional(),
    restore: eventCode('SIA DC-03 code of its end; default: the alarm code with R for A.').optional(),
    contactId: text(
      /^\d{3}$/,
      'a three-digit Contact ID code, such as "120"',
      'Contact ID (SIA DC-05) event code: 120 panic, 122 silent panic, 100 medical, 110 fire, 101 assistance.',
    ).optional(),
    silent: flag('True: nothing at the wall or in the room may give the press away. Default false.').optional(),
  },
  '{ name: Lockdown, sia: PA, contactId: "120" }',
);

const input = mapping(
  {
    id: id('Name of the input, for example bus-1.'),
    driver: choice(['button-bus'], 'button-bus: RS-485 or UART line of Callpoint wall nodes.'),
    port: text(
      /^[^\p{Cc}]{1,4096}$/u,
      'the port as listed in /dev/serial/by-id/',
      'Serial port, by its stable name: /dev/serial/by-id/… (ls -l /dev/serial/by-id).',
    ),
    baudRate: whole(1200, 4_000_000, 115_200, 'Bits a second on the line.').default(115_200),
  },
  '{ id: bus-1, driver: button-bus, port: /dev/serial/by-id/… }',
);

const kindOf = (about: string) =>
  text(ID_PATTERN, 'a kind of alert: intruder, hold-up, medical, fire, assistance or one under kinds:', about);

const button = mapping(
  {
    id: id('Name of the button, for example button-1.'),
    number: whole(0, 15, 0, 'Number of the button on its node, 0…15.'),
    kind: kindOf('Kind of alert a press raises. Default hold-up: silent.').default('hold-up'),
    longPress: kindOf('Kind of alert a long press raises; absent: the same.').optional(),
    zone: whole(1, 999, 101, "Number of the place in the receiver's list, 1…999; no two rooms may share it."),
  },
  '{ id: button-1, number: 0, kind: hold-up, zone: 101 }',
);

const point = mapping(
  {
    id: id('Name of the point, for example door.'),
    number: whole(0, 15, 0, 'Number of the point on its node, 0…15.'),
    type: choice(['doorContact', 'bolt', 'tamper'], 'What the contact watches.'),
    zone: zone.default(0),
    debounceMilliseconds: whole(0, 10_000, 50, 'A change must hold this long before it is believed.').default(50),
  },
  '{ id: door, number: 0, type: doorContact, zone: 201 }',
);

const device = mapping(
  {
    id: id('Name of the device, for example wb-101.'),
    input: id('Input the device is wired to.'),
    address: whole(1, 254, 17, 'Address of the node on its line, 1…254.'),
    location: text(
      /^[^/\p{Cc}]+\/[^/\p{Cc}]+\/[^/\p{Cc}]+$/u,
      'building/floor/room number, such as A/1/101',
      'Where it hangs: building/floor/room number, as under buildings:.',
    ),
    zone: zone.default(0).describe("Zone of the device's own troubles: tamper, battery, missing."),
    area: whole(0, 99, 1, 'Area (partition) at the receiver; 0 = none.').default(0),
    heartbeatSeconds: number(1, 3600, 30, 'How often the node tells it is alive.').default(30),
    missedHeartbeats: whole(1, 100, 3, 'Heartbeats missed before the device is reported missing.').default(3),
    silent: flag(
      'True: the wall shows and sounds nothing, whatever becomes of a press. Default: true if one of the buttons raises a silent kind.',
    ).optional(),
    buttons: list(button, '- { id: button-1, number: 0, kind: hold-up, zone: 101 }', 'Panic buttons.').default([]),
    points: list(point, '- { id: door, number: 0, type: doorContact }', 'Contacts.').default([]),
  },
  '{ id: wb-101, input: bus-1, address: 17, location: A/1/101 }',
);

const hex = (min: number, max: number, example: string, about: string) =>
  text(
    new RegExp(`^[0-9A-F]{${min},${max}}$`),
    `${min} to ${max} hex digits, capitals, in quotes, such as "${example}"`,
    about,
  );

const supervision = mapping(
  {
    mode: choice(
      ['auto', 'null', 'test', 'off'],
      'auto: NULL polls until the receiver refuses one, then test events.',
    ).default('auto'),
    intervalSeconds: number(5, 86_400, 20, 'Between two proofs that the path works; at least 5.').default(20),
    testIntervalSeconds: number(60, 86_400, 900, 'Between test events once auto has fallen back to them.').default(900),
    downAfter: whole(1, 100, 2, 'Failures in a row before the path is down.').default(2),
    upAfter: whole(1, 100, 2, 'Successes in a row before it is up again.').default(2),
  },
  '{ mode: auto, intervalSeconds: 20 }',
);

const path = mapping(
  {
    id: id('Name of the path, for example central.'),
    driver: choice(['dc09-tcp'], 'dc09-tcp: SIA DC-09 over TCP to a monitoring centre.'),
    host: text(
      /^[A-Za-z0-9._-]{1,253}$|^[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*$/,
      'a host name or address alone, such as 10.0.0.5',
      'Name or address.',
    ),
    port: whole(1, 65_535, 7700, 'TCP port of the receiver.'),
    account: hex(3, 16, '1234', 'Account the monitoring centre gave you.'),
    prefix: hex(1, 6, '0', 'Account prefix (L field); 0 when the centre names none.').default('0'),
    receiver: hex(1, 6, '0', 'Receiver number (R field); 0 when the centre names none.').default('0'),
    encrypted: flag('AES with the key in keys.yaml. Default true.').default(true),
    connections: whole(1, 16, 4, 'Parallel connections; one frame is under way on each.').default(4),
    formats: someOf(
      choice(['SIA-DCS', 'ADM-CID'], 'Message format.'),
      'a list of at least one of: SIA-DCS, ADM-CID',
      'Tried in order; the next one when the receiver does not understand.',
    ).default(['SIA-DCS', 'ADM-CID']),
    timestamp: flag('Time stamps on plain messages too; encrypted ones always have them.').default(true),
    connectTimeoutSeconds: number(0.1, 60, 3, 'Longest wait for a connection.').default(3),
    answerTimeoutSeconds: number(0.1, 20, 4, 'Longest wait for the first answer; doubles up to 20 s.').default(4),
    supervision: supervision.prefault({}).describe('How the path is proved while nothing happens.'),
  },
  '{ id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234" }',
);

const deadlines = mapping(
  {
    nextPathSeconds: number(0.1, 60, 3, 'Without an acknowledgement after this long, the next path joins.').default(3),
    notConfirmedSeconds: number(1, 600, 10, 'Without any acknowledgement after this long: NOT CONFIRMED.').default(10),
    autoResolveHours: number(
      0.1,
      8760,
      24,
      'An acknowledged alert nobody resolved is resolved after this long.',
    ).default(24),
  },
  '{ nextPathSeconds: 3, notConfirmedSeconds: 10 }',
);

const mqttClient = mapping(
  {
    name: id('User name; its password stands in keys.yaml under mqtt:.'),
    role: choice(['viewer', 'operator'], 'viewer may read; operator may also resolve and cancel alerts.').default(
      'viewer',
    ),
  },
  '{ name: console, role: viewer }',
);

const mqtt = mapping(
  {
    broker: text(
      /^(embedded|mqtts?:\/\/[A-Za-z0-9._-]+(:\d{1,5})?|mqtts?:\/\/\[[0-9A-Fa-f:.]+\](:\d{1,5})?)$/,
      'embedded, or mqtts://host:8883 (a user name goes into username:, its password into keys.yaml)',
      'embedded: the broker inside the gateway; mqtts://host:8883: an external one instead.',
    ).default('embedded'),
    listen: text(
      /^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/,
      'address:port, such as 127.0.0.1:1883',
      'Where the embedded broker listens. Beyond loopback it needs tls.',
    ).default('127.0.0.1:1883'),
    tls: mapping(
      { certificate: filePath('PEM file of the certificate chain.'), key: filePath('PEM file of its private key.') },
      '{ certificate: cert.pem, key: key.pem }',
    )
      .describe('Certificate of the embedded broker.')
      .optional(),
    clients: list(mqttClient, '- { name: console, role: viewer }', 'Who may log in at the embedded broker.').default(
      [],
    ),
    username: text(
      /^[^\p{Cc}]{1,64}$/u,
      'a user name of 1 to 64 characters',
      'Who the gateway is at an external broker; the password stands in keys.yaml under mqtt:.',
    ).optional(),
    ca: filePath("PEM file of the authority that signed an external broker's certificate.").optional(),
    homeAssistant: z
      .union(
        [z.boolean(), z.string().regex(/^[A-Za-z0-9_-]{1,64}$/)],
        expected('true, false, or the discovery prefix, such as homeassistant'),
      )
      .describe('Announce the devices to Home Assistant: true, or its discovery prefix.')
      .default(false),
  },
  '{ broker: embedded }',
);

const journal = mapping(
  {
    directory: filePath('Where the journal is kept; relative to the data directory.').default('journal'),
    secondDirectory: filePath('Used when the first fails; best on another disk.').optional(),
    retainDays: number(1, 36_500, 400, 'Closed records older than this may go.').default(400),
    retainMegabytes: number(
      16,
      1_048_576,
      512,
      'The oldest closed records go while all together are larger (MiB).',
    ).default(512),
  },
  '{ directory: journal, retainDays: 400 }',
);

/** `site.yaml`, every field of it. What spans several fields is checked in `checks.ts`. */
export const siteSchema = mapping(
  {
    version: z.literal(1, expected('1, the version of this file format')).describe('Version of this file format: 1.'),
    gateway: id('Name of this gateway, for example gw-1; stands in every MQTT topic.'),
    site: mapping({ name: label('Name of the site, for example Northfield School.') }, '{ name: Northfield School }'),
    keys: filePath('The file with the keys, readable by its owner only.').default('keys.yaml'),
    buildings: list(building, '- { id: A, name: Main building }', 'Buildings with floors and rooms.').default([]),
    kinds: z
      .record(
        z.string().regex(ID_PATTERN, expected('a name of a-z, 0-9 and -, such as lockdown')),
        kind,
        expected('names with values'),
      )
      .describe(
        'Kinds of alert beside the built-in intruder, hold-up, medical, fire and assistance, or changes to those.',
      )
      .default({}),
    inputs: list(input, '- { id: bus-1, driver: button-bus, port: … }', 'Where signals come in.').default([]),
    devices: list(device, '- { id: wb-101, input: bus-1, … }', 'Wall nodes.').default([]),
    paths: someOf(
      path,
      'at least one path, "- { id: central, driver: dc09-tcp, … }": without one no press reaches anyone',
      'Where alerts go, in order of preference.',
    ),
    deadlines: deadlines.prefault({}).describe('How long to wait for a receiver.'),
    mqtt: mqtt.prefault({}).describe('The local message bus.'),
    journal: journal.prefault({}).describe('The durable record.'),
  },
  'version: 1',
);

export type SiteFile = z.output<typeof siteSchema>;
