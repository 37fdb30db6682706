import type { GatewaySettings } from '../../../gateway/config/settings.ts';
import { type Random, randomBelow } from '../../random.ts';
import { moodsOf } from '../far-ends/far-end-of.ts';
import type { LifeEvent } from '../life/life-shape.ts';
import { between, pick, wholeBetween } from '../streams.ts';
import { chance } from './draw.ts';
import { makeMotif } from './make-motifs.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Share of the spells with a chain of events. */
const MOTIF_SHARE = 0.7;
const DAY = 86_400 * SECOND;

type Make = (site: GatewaySettings, random: Random, atMs: number) => LifeEvent | undefined;

/** Each kind of event, and how often it comes compared with the others. */
const KINDS: readonly (readonly [weight: number, make: Make])[] = [
  [30, press],
  [6, ({ site }, random, atMs) => ofPoint(site, random, atMs)],
  [
    2,
    (settings, random, atMs) =>
      ofDevice(settings, random, (device) => ({ atMs, do: 'tamper', device, forMs: long(random) })),
  ],
  [
    2,
    (settings, random, atMs) =>
      ofDevice(settings, random, (device) => ({ atMs, do: 'battery', device, forMs: long(random) })),
  ],
  [
    4,
    (settings, random, atMs) =>
      ofDevice(settings, random, (device) => ({ atMs, do: 'reboot', device, keepsCounter: chance(random, 0.8) })),
  ],
  [
    3,
    (settings, random, atMs) =>
      ofDevice(settings, random, (device) => ({ atMs, do: 'dies', device, forMs: long(random) })),
  ],
  [
    1,
    (settings, random, atMs) =>
      ofDevice(settings, random, (device) => ({
        atMs,
        do: 'clash',
        device,
        sameKey: chance(random, 0.3),
        forMs: long(random),
      })),
  ],
  [
    3,
    ({ inputs }, random, atMs) => ({
      atMs,
      do: 'attack',
      input: pick(random, inputs).id,
      how: pick(random, ['replay', 'forge', 'cut', 'flip', 'noise']),
    }),
  ],
  [6, kill],
  [2, (_, random, atMs) => ({ atMs, do: 'stall', forMs: pick(random, [300, 3_000, 20_000, 60_000]) })],
  [
    5,
    (_, random, atMs) => ({
      atMs,
      do: 'disk',
      mood: pick(random, ['slow', 'full', 'failing', 'stuck']),
      forMs: short(random),
    }),
  ],
  [2, (_, random, atMs) => ({ atMs, do: 'clock', byMs: clockJump(random) })],
  [1, (_, random, atMs) => ({ atMs, do: 'unsynchronised', forMs: long(random) })],
  [2, (_, random, atMs) => ({ atMs, do: 'broker', forMs: short(random) })],
  [2, ({ inputs }, random, atMs) => ({ atMs, do: 'unplug', input: pick(random, inputs).id, forMs: short(random) })],
  [6, weather],
  [14, mood],
  [
    4,
    ({ paths }, random, atMs) => ({
      atMs,
      do: 'partition',
      paths: paths.filter(() => chance(random, 0.7)).map(({ id }) => id),
      forMs: short(random),
    }),
  ],
  [1, ({ paths }, random, atMs) => ({ atMs, do: 'amnesia', path: pick(random, paths).id })],
  [
    6,
    (_, random, atMs) => ({
      atMs,
      do: 'close',
      command: pick(random, ['cancel', 'resolve']),
      which: randomBelow(random, 4),
    }),
  ],
  [4, drill],
  [2, walkTest],
  [3, ({ site }, random, atMs) => enrol(site, random, atMs)],
  [1, ({ site }, _, atMs) => (site.canary === undefined ? undefined : { atMs, do: 'canary' })],
  [2, (_, random, atMs) => ({ atMs, do: 'reload', site: randomBelow(random, 2) })],
  [
    2,
    (settings, random, atMs) =>
      ofDevice(settings, random, (device) => ({
        atMs,
        do: 'wire',
        device,
        state: pick(random, ['cut', 'short']),
        forMs: long(random),
      })),
  ],
];

const ALL = KINDS.reduce((sum, [weight]) => sum + weight, 0);

/** What happens until the storm is over: quiet hours, and spells in which much comes together. */
export function makeEvents(settings: GatewaySettings, random: Random, stormMs: number): LifeEvent[] {
  const events: LifeEvent[] = [];
  for (let atMs = between(random, 10 * SECOND, 10 * MINUTE); atMs < stormMs; ) {
    const count = wholeBetween(random, 2, 30);
    const spellMs = pick(random, [5 * SECOND, MINUTE, 5 * MINUTE]);
    for (let place = 0; place < count; place++) {
      const event = makeEvent(settings, random, Math.round(atMs + random() * spellMs));
      if (event !== undefined && event.atMs < stormMs) events.push(event);
    }
    if (chance(random, MOTIF_SHARE))
      events.push(...makeMotif(settings, random, atMs).filter((event) => event.atMs < stormMs));
    atMs += spellMs + between(random, MINUTE, 60 * MINUTE);
  }
  return events.sort((one, other) => one.atMs - other.atMs);
}

function makeEvent(settings: GatewaySettings, random: Random, atMs: number): LifeEvent | undefined {
  let dice = random() * ALL;
  for (const [weight, make] of KINDS) {
    dice -= weight;
    if (dice < 0) return make(settings, random, atMs);
  }
  return undefined;
}

function short(random: Random): number {
  return pick(random, [500, 3 * SECOND, 15 * SECOND, MINUTE, 4 * MINUTE]);
}

function long(random: Random): number {
  return pick(random, [5 * SECOND, MINUTE, 15 * MINUTE, 60 * MINUTE]);
}

function clockJump(random: Random): number {
  return pick(random, [-365 * DAY, -DAY, -90 * SECOND, -2 * SECOND, 2 * SECOND, 90 * SECOND, DAY, 365 * DAY]);
}

function ofDevice(
  { site }: GatewaySettings,
  random: Random,
  make: (device: string) => LifeEvent,
): LifeEvent | undefined {
  const ids = [...site.devices.keys()];
  return ids.length === 0 ? undefined : make(pick(random, ids));
}

function press({ site }: GatewaySettings, random: Random, atMs: number): LifeEvent | undefined {
  const devices = [...site.devices.values()].filter(({ buttons }) => buttons.size > 0);
  if (devices.length === 0) return undefined;
  const { id, buttons } = pick(random, devices);
  const button = pick(random, [...buttons.keys()]);
  const pattern = pick(random, ['single', 'single', 'single', 'double', 'long'] as const);
  return { atMs, do: 'press', device: id, button, pattern, heldMs: pick(random, [80, 300, 1_500, 90_000]) };
}

function ofPoint(site: GatewaySettings['site'], random: Random, atMs: number): LifeEvent | undefined {
  const devices = [...site.devices.values()].filter(({ points }) => points.size > 0);
  if (devices.length === 0) return undefined;
  const { id, points } = pick(random, devices);
  return { atMs, do: 'point', device: id, point: pick(random, [...points.keys()]), active: chance(random, 0.5) };
}

function kill(_: GatewaySettings, random: Random, atMs: number): LifeEvent {
  const how = pick(random, ['kill', 'kill', 'powerCut', 'stop'] as const);
  const downMs = pick(random, [10, 500, 5 * SECOND, 2 * MINUTE]);
  return { atMs, do: 'kill', how, downMs, afterEffects: chance(random, 0.5) ? 0 : randomBelow(random, 12) };
}

function weather({ inputs }: GatewaySettings, random: Random, atMs: number): LifeEvent {
  const share = () => pick(random, [0, 0, 0.1, 0.4]);
  const loss = chance(random, 0.15) ? 1 : share();
  const delayMs = pick(random, [5, 5, 200, 2_000]);
  return {
    atMs,
    do: 'weather',
    input: pick(random, inputs).id,
    loss,
    flip: share(),
    duplicate: share(),
    delayMs,
    forMs: short(random),
  };
}

function mood({ paths }: GatewaySettings, random: Random, atMs: number): LifeEvent {
  const path = pick(random, paths);
  return { atMs, do: 'mood', path: path.id, mood: pick(random, moodsOf(path.driver)), forMs: short(random) };
}

function drill({ site }: GatewaySettings, random: Random, atMs: number): LifeEvent {
  const buildings = [...site.devices.values()].map(({ location }) => `building:${location.building}`);
  const scope = chance(random, 0.5) || buildings.length === 0 ? 'site' : pick(random, buildings);
  const action = pick(random, ['start', 'start', 'stop'] as const);
  return { atMs, do: 'drill', action, scope, minutes: action === 'stop' ? 0 : wholeBetween(random, 1, 10) };
}

function walkTest({ site }: GatewaySettings, random: Random, atMs: number): LifeEvent {
  const devices = [...site.devices.values()];
  const scope =
    chance(random, 0.5) || devices.length === 0 ? 'site' : `building:${pick(random, devices).location.building}`;
  const action = pick(random, ['start', 'start', 'stop'] as const);
  return { atMs, do: 'walkTest', action, scope, minutes: action === 'stop' ? 0 : wholeBetween(random, 1, 20) };
}

/** A tag gets another battery, with an enrolment around it; or nobody changes it. */
function enrol(site: GatewaySettings['site'], random: Random, atMs: number): LifeEvent | undefined {
  const tags = [...site.devices.values()].filter(({ counterOnly }) => counterOnly);
  if (tags.length === 0) return undefined;
  return { atMs, do: 'enrol', device: pick(random, tags).id, minutes: wholeBetween(random, 1, 10) };
}
