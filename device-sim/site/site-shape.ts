import { z } from 'zod';
import { withInputDefaults } from '../../protocol/input-defaults.ts';

/*
 * The part of site.yaml and keys.yaml that the simulator reads. Whatever `callpoint check` accepts
 * is accepted here, and whether the rest is right is for that command to say.
 */

/** The gateway, too, takes a number or a flag without quotes for a text: `account: 4711`. */
export const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const texts = z.union([text.transform((one) => [one]), z.array(text)]);

const path = z.union([text, z.array(text)]);

const availabilityShape = z.object({
  topic: text.optional(),
  path: path.optional(),
  online: texts.default(['online']),
  offline: texts.default(['offline']),
});
const availabilities = z.union([availabilityShape.transform((one) => [one]), z.array(availabilityShape)]).optional();

const contactShape = z.object({
  id: text,
  number: z.number().optional(),
  type: text.optional(),
  pin: text.optional(),
  cutPin: text.optional(),
  contact: text.default('normallyOpen'),
  pull: text.default('up'),
  topic: text.optional(),
  path: path.optional(),
  channel: text.optional(),
  when: z.record(z.string(), texts).optional(),
  press: z.record(z.string(), text).optional(),
  kind: text.optional(),
  longPress: text.optional(),
  active: texts.optional(),
  normal: texts.optional(),
});

const numbering = <T extends { number?: number | undefined }>(all: readonly T[]) =>
  all.map((each, index) => ({ ...each, number: each.number ?? index }));
const contacts = z.array(contactShape).default([]).transform(numbering);

const inputShape = z.object({
  id: text,
  driver: text,
  port: text.optional(),
  chip: text.optional(),
  adapters: z.array(text).default([]),
  beacons: z.array(text).default([]),
  baudRate: z.number().optional(),
});

const deviceShape = z.object({
  id: text,
  input: text,
  address: z.union([z.number(), z.string()]).optional(),
  location: text.default(''),
  heartbeatSeconds: z.number().optional(),
  topic: text.optional(),
  profile: text.optional(),
  component: text.optional(),
  fob: z.record(z.string(), text).optional(),
  table: z.enum(['discreteInputs', 'coils', 'holdingRegisters', 'inputRegisters']).optional(),
  firstAddress: z.number().optional(),
  inputCount: z.number().optional(),
  inputsPerRegister: z.union([z.literal(1), z.literal(8), z.literal(16)]).optional(),
  availability: availabilities,
  silent: z.boolean().optional().catch(undefined),
  buttons: contacts,
  points: contacts,
});

/** Names for a person. What is wrong about them is for `callpoint check` to say. */
const roomShape = z.object({ number: text, name: text.default('') });
const floorShape = z.object({ id: text, name: text.default(''), rooms: z.array(roomShape).default([]) });
const buildingShape = z.object({ id: text, name: text.default(''), floors: z.array(floorShape).default([]) });

const wholeSite = z.object({
  site: z.object({ name: text.default('') }).catch({ name: '' }),
  buildings: z.array(buildingShape).catch([]),
  keys: text.default('keys.yaml'),
  inputs: z.array(inputShape).default([]),
  devices: z.array(deviceShape).default([]),
  kinds: z.record(z.string(), z.object({ silent: z.boolean().optional() })).catch({}),
  paths: z.array(z.looseObject({ id: text, driver: text.default('dc09-tcp') })).default([]),
  mqtt: z
    .object({
      broker: text.default('embedded'),
      listen: text.default('127.0.0.1:1883'),
      tls: z.unknown().optional(),
      clients: z.array(z.object({ name: text, role: text.optional(), topics: z.array(text).default([]) })).default([]),
    })
    .prefault({}),
});

export const siteShape = z.preprocess(withInputDefaults, wholeSite);

/** What is neither is missing to the far end, which says so. */
export const accountShape = z.object({
  account: text.optional().catch(undefined),
  encrypted: z.boolean().optional().catch(undefined),
});
const pathKey = z.union([z.string(), z.object({ text: z.string() })]);
// A section without lines is read as text.
const section = <T extends z.ZodType>(value: T) =>
  z.preprocess((written) => (written === '' ? undefined : written), z.record(z.string(), value).default({}));
export const keysShape = z.object({ devices: section(z.string()), paths: section(pathKey), mqtt: section(z.string()) });

export type BuildingShape = z.infer<typeof buildingShape>;
export type SiteShape = z.infer<typeof siteShape>;
export type InputShape = z.infer<typeof inputShape>;
export type DeviceShape = z.infer<typeof deviceShape>;
export type ContactShape = z.infer<typeof contactShape>;
export type KeysShape = z.infer<typeof keysShape>;
