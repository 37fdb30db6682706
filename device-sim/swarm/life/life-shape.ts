import * as z from 'zod';

/*
 * A life: a site, and what happens at it. Plain data that a seed makes, a person edits and `sim
 * replay` reads. Each event stands alone, with its own end, so any of them can be taken out.
 */

const ms = z.number().min(0);
const chance = z.number().min(0).max(1);
const at = { atMs: ms.describe('Simulated time from the start of the life.') };
const lasting = { ...at, forMs: ms.describe('How long it lasts.') };
const device = z.string();

/** Presses and what else people and nature do to devices. */
const deviceEvents = [
  z.strictObject({
    ...at,
    do: z.literal('press'),
    device,
    button: z.number().int(),
    pattern: z.enum(['single', 'double', 'triple', 'long']),
    heldMs: ms.describe('How long the button is held.'),
  }),
  z.strictObject({ ...at, do: z.literal('point'), device, point: z.number().int(), active: z.boolean() }),
  z.strictObject({ ...lasting, do: z.literal('tamper'), device }),
  z.strictObject({ ...lasting, do: z.literal('battery'), device }),
  z.strictObject({ ...lasting, do: z.literal('wire'), device, state: z.enum(['cut', 'short']) }),
  z.strictObject({ ...at, do: z.literal('reboot'), device, keepsCounter: z.boolean() }),
  z.strictObject({ ...lasting, do: z.literal('dies'), device }),
  z.strictObject({
    ...lasting,
    do: z.literal('clash'),
    device,
    sameKey: z.boolean().describe('The second node at its address has its key, too.'),
  }),
  z.strictObject({
    ...at,
    do: z.literal('attack'),
    input: z.string(),
    how: z.enum(['replay', 'forge', 'cut', 'flip', 'noise']),
  }),
] as const;

/** What happens to the machine that the gateway runs on. */
const machineEvents = [
  z.strictObject({
    ...at,
    do: z.literal('kill'),
    how: z.enum(['kill', 'powerCut', 'stop']),
    downMs: ms,
    afterEffects: z.number().int().min(0).describe('It ends when it has carried out so many more effects.'),
  }),
  z.strictObject({ ...lasting, do: z.literal('stall') }),
  z.strictObject({ ...lasting, do: z.literal('disk'), mood: z.enum(['slow', 'full', 'failing', 'stuck']) }),
  z.strictObject({ ...at, do: z.literal('clock'), byMs: z.number() }),
  z.strictObject({ ...lasting, do: z.literal('unsynchronised') }),
  z.strictObject({ ...lasting, do: z.literal('broker') }),
] as const;

/** What happens to wires and far ends. */
const linkEvents = [
  z.strictObject({ ...lasting, do: z.literal('unplug'), input: z.string() }),
  z.strictObject({
    ...lasting,
    do: z.literal('weather'),
    input: z.string(),
    loss: chance,
    flip: chance,
    duplicate: chance,
    delayMs: ms.describe('The longest delay of a frame; frames may overtake each other.'),
  }),
  z.strictObject({ ...lasting, do: z.literal('mood'), path: z.string(), mood: z.string() }),
  z.strictObject({ ...lasting, do: z.literal('partition'), paths: z.array(z.string()) }),
  z.strictObject({ ...at, do: z.literal('amnesia'), path: z.string() }),
] as const;

/** What operators do. */
const operatorEvents = [
  z.strictObject({
    ...at,
    do: z.literal('close'),
    command: z.enum(['cancel', 'resolve']),
    which: z.number().int().min(0).describe('Which of the alerts that were published, from the newest.'),
  }),
  z.strictObject({
    ...at,
    do: z.literal('drill'),
    action: z.enum(['start', 'stop']),
    scope: z.string(),
    minutes: z.number().int(),
  }),
  z.strictObject({
    ...at,
    do: z.literal('walkTest'),
    action: z.enum(['start', 'stop']),
    scope: z.string(),
    minutes: z.number().int(),
  }),
  z.strictObject({ ...at, do: z.literal('enrol'), device, minutes: z.number().int() }),
  z.strictObject({ ...at, do: z.literal('canary') }),
  z.strictObject({ ...at, do: z.literal('reload'), site: z.number().int().min(0).describe('Place in `sites`.') }),
] as const;

const event = z.discriminatedUnion('do', [...deviceEvents, ...machineEvents, ...linkEvents, ...operatorEvents]);

/** The content of `site.yaml` and of `keys.yaml`. Whether it is right is for the loader to say. */
const siteFiles = z.strictObject({
  site: z.record(z.string(), z.unknown()),
  keys: z.record(z.string(), z.unknown()),
});

export const lifeShape = z.strictObject({
  version: z.literal(1),
  seed: z.number().int().describe('What wires, devices and far ends draw their random numbers from.'),
  stormMs: ms.describe('Until then things go wrong. Then all is repaired.'),
  clearMs: ms.describe('How long the life goes on after that.'),
  sites: z.array(siteFiles).min(1).describe('The first is there at the start; reloads name the others.'),
  events: z.array(event),
});

export type Life = z.infer<typeof lifeShape>;
export type LifeEvent = Life['events'][number];
export type EventOf<D extends LifeEvent['do']> = Extract<LifeEvent, { readonly do: D }>;
export type SiteFiles = Life['sites'][number];
