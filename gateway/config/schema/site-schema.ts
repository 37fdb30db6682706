import * as z from 'zod';
import { choice, expected, filePath, ID_PATTERN, id, label, list, mapping, number, someOf } from '../fields/fields.ts';
import { mqtt } from '../fields/mqtt-schema.ts';
import type { WrittenDevice, WrittenInput, WrittenOutput } from '../inputs/input-drivers.ts';
import type { WrittenPath } from '../paths/path-drivers.ts';
import { door } from './door-schema.ts';
import { kind } from './kind-schema.ts';
import { address, building } from './place-schema.ts';
import { canary, drills, plan, walkTest } from './plan-schema.ts';

const deadlines = mapping(
  {
    nextPathSeconds: number(0.1, 60, 3, 'Without an acknowledgement after this long, the next path joins.').default(3),
    notConfirmedSeconds: number(1, 600, 10, 'Without any acknowledgement after this long: NOT CONFIRMED.').default(10),
    autoResolveHours: number(
      0.1,
      8760,
      24,
      'The gateway resolves an acknowledged alert after this long. If more than 4,096 are open, it resolves old ones whose button has another alert.',
    ).default(24),
    unsynchronisedHours: number(
      0.1,
      8760,
      24,
      'If the clock of this machine has followed no time server for this long, that is a trouble. A site with no time server at all, whose clock is set by hand: 8760.',
    ).default(24),
  },
  '{ nextPathSeconds: 3, notConfirmedSeconds: 10 }',
);

const journal = mapping(
  {
    directory: filePath('Where the journal is kept; relative to the data directory.').default('journal'),
    secondDirectory: filePath('Used when the first fails; best on another disk.').optional(),
    retainDays: number(1, 36_500, 400, 'Closed records older than this may be deleted.').default(400),
    retainMegabytes: number(
      16,
      1_048_576,
      512,
      'The oldest closed records are deleted while all together are larger (MiB).',
    ).default(512),
  },
  '{ directory: journal, retainDays: 400 }',
);

/** The lists whose entries depend on the driver. */
export const sections = {
  inputs: <T extends z.ZodType>(entry: T) =>
    list(entry, '- { id: bus-1, driver: button-bus, port: … }', 'Where signals come in.').default([]),
  devices: <T extends z.ZodType>(entry: T) =>
    list(entry, '- { id: wb-101, input: bus-1, … }', 'Buttons, sensors and modules.').default([]),
  outputs: <T extends z.ZodType>(entry: T) =>
    list(
      entry,
      '- { id: trouble-relay, input: header, … }',
      'Relays and LEDs that show the state of the site.',
    ).default([]),
  paths: <T extends z.ZodType>(entry: T) =>
    someOf(
      entry,
      'at least one path, "- { id: central, driver: dc09-tcp, … }": without one no press reaches anyone',
      'Where alerts go, in order of preference.',
    ),
};

/**
 * `site.yaml` without the entries of `inputs`, `devices`, `outputs` and `paths`, which are each
 * driver's own. `checks.ts` checks what spans several fields.
 */
export const siteSchema = mapping(
  {
    version: z.literal(1, expected('1, the version of this file format')).describe('Version of this file format: 1.'),
    gateway: id('Name of this gateway, for example gw-1; part of every MQTT topic.'),
    site: mapping(
      {
        name: label('Name of the site, for example Northfield School.'),
        address: address.optional().describe('Where responders are sent.'),
      },
      '{ name: Northfield School }',
    ).describe('What the site is called, and where it is.'),
    keys: filePath('The file with the keys, readable by its owner only.').default('keys.yaml'),
    buildings: list(building, '- { id: A, name: Main building }', 'Buildings with floors and rooms.').default([]),
    kinds: z
      .record(
        z.string().regex(ID_PATTERN, expected('a name of a-z, 0-9 and -, such as lockdown')),
        kind,
        expected('names with values'),
      )
      .describe(
        'Kinds of alert besides the built-in intruder, hold-up, medical, fire and assistance, or changes to those.',
      )
      .default({}),
    inputs: sections.inputs(z.unknown()),
    devices: sections.devices(z.unknown()),
    doors: list(
      door,
      '- { id: door-101, contact: wb-101/door, bolt: wb-101/bolt }',
      'Doors. A device with one door contact, one bolt or one of each that no entry names is a door by itself.',
    ).default([]),
    outputs: sections.outputs(z.unknown()),
    paths: sections.paths(z.unknown()),
    plan: list(
      plan,
      '- { kinds: [medical], start: [central], join: [{ path: sms, afterSeconds: 5 }] }',
      'Which paths carry which kinds of alert; default: all, one after the other.',
    ).default([]),
    drills: drills.prefault({}).describe('Exercises.'),
    walkTest: walkTest.prefault({}).describe('Walk tests, and how often everything must be proven.'),
    canary: canary.optional().describe('A press that the gateway makes itself, to prove the whole way.'),
    unauthenticatedMark: choice(
      ['always', 'unproven', 'never'],
      'Which alerts say "(unauthenticated)" in their text. unproven: those of a device that has a key and did not prove itself. always: also those of contacts and other devices without a key.',
    ).default('unproven'),
    deadlines: deadlines.prefault({}).describe('How long to wait for a receiver.'),
    mqtt: mqtt.prefault({}).describe('The local message bus.'),
    journal: journal.prefault({}).describe('The durable record.'),
  },
  'version: 1',
);

/** A whole site file, read. */
export interface SiteFile extends Omit<z.output<typeof siteSchema>, 'inputs' | 'devices' | 'outputs' | 'paths'> {
  readonly inputs: readonly WrittenInput[];
  readonly devices: readonly WrittenDevice[];
  readonly outputs: readonly WrittenOutput[];
  readonly paths: readonly WrittenPath[];
}
