import type { GatewaySettings } from '../../../gateway/config/settings.ts';
import { type Random, randomBelow } from '../../random.ts';
import type { LifeEvent } from '../life/life-shape.ts';
import { pick, wholeBetween } from '../streams.ts';
import { chance } from './draw.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const YEAR = 365 * 86_400 * SECOND;

type Motif = (settings: GatewaySettings, random: Random, atMs: number) => (LifeEvent | undefined)[];

/** Chains of events that belong together. Chance alone would make them too seldom. */
const MOTIFS: readonly Motif[] = [
  ...[storm, storm, clockSetWhileOpen, cancelledUnheard, drillEndsUnheard, newBattery, reloadWhileOpen],
  ...[refusedThenAccepted, blackout, diskLost, stalledWithPress, stopWhileOpen, awayDuringDrill],
];

export function makeMotif(settings: GatewaySettings, random: Random, atMs: number): LifeEvent[] {
  const motif = pick(random, MOTIFS);
  return motif(settings, random, Math.round(atMs)).filter((event) => event !== undefined);
}

/** All far ends are cut off. */
function cutOff({ paths }: GatewaySettings, atMs: number, forMs: number): LifeEvent {
  return { atMs, do: 'partition', paths: paths.map(({ id }) => id), forMs };
}

function press({ site }: GatewaySettings, random: Random, atMs: number): LifeEvent | undefined {
  const devices = [...site.devices.values()].filter(
    ({ id, buttons }) => buttons.size > 0 && id !== site.canary?.device,
  );
  if (devices.length === 0) return undefined;
  const { id, buttons } = pick(random, devices);
  return { atMs, do: 'press', device: id, button: pick(random, [...buttons.keys()]), pattern: 'single', heldMs: 200 };
}

/** Many presses at once: a slow path sends them together, and the gateway may end meanwhile. */
function storm(settings: GatewaySettings, random: Random, atMs: number): (LifeEvent | undefined)[] {
  const presses = Array.from({ length: wholeBetween(random, 6, 16) }, (_, place) =>
    press(settings, random, atMs + 250 * place),
  );
  const slow = settings.paths.map(
    (path): LifeEvent => ({
      atMs,
      do: 'mood',
      path: path.id,
      mood: path.driver === 'radio' ? 'noisy' : 'slow',
      forMs: 2 * MINUTE,
    }),
  );
  const kill: LifeEvent = {
    atMs: atMs + wholeBetween(random, 5, 40) * SECOND,
    do: 'kill',
    how: pick(random, ['kill', 'powerCut']),
    downMs: 2 * SECOND,
    afterEffects: 0,
  };
  return [...presses, ...slow, chance(random, 0.6) ? kill : undefined];
}

function clockSetWhileOpen(settings: GatewaySettings, random: Random, atMs: number): (LifeEvent | undefined)[] {
  const byMs = pick(random, [YEAR, -YEAR]);
  return [
    cutOff(settings, atMs, MINUTE),
    press(settings, random, atMs + SECOND),
    { atMs: atMs + 5 * SECOND, do: 'clock', byMs },
  ];
}

function cancelledUnheard(settings: GatewaySettings, random: Random, atMs: number): (LifeEvent | undefined)[] {
  const cancel: LifeEvent = {
    atMs: atMs + 8 * SECOND,
    do: 'close',
    command: pick(random, ['cancel', 'resolve']),
    which: 0,
  };
  return [cutOff(settings, atMs, MINUTE), press(settings, random, atMs + SECOND), cancel];
}

function drillEndsUnheard(settings: GatewaySettings, random: Random, atMs: number): (LifeEvent | undefined)[] {
  const drill: LifeEvent = { atMs, do: 'drill', action: 'start', scope: 'site', minutes: 5 };
  const stop: LifeEvent = { atMs: atMs + 20 * SECOND, do: 'drill', action: 'stop', scope: 'site', minutes: 0 };
  return [drill, cutOff(settings, atMs + 10, MINUTE), press(settings, random, atMs + SECOND), stop];
}

/** The gateway is away, and nodes keep what was pressed. */
function awayDuringDrill(settings: GatewaySettings, random: Random, atMs: number): (LifeEvent | undefined)[] {
  const drill: LifeEvent = { atMs, do: 'drill', action: 'start', scope: 'site', minutes: 10 };
  const kill: LifeEvent = {
    atMs: atMs + SECOND,
    do: 'kill',
    how: pick(random, ['kill', 'stop']),
    downMs: 20 * SECOND,
    afterEffects: 0,
  };
  return [drill, kill, press(settings, random, atMs + 3 * SECOND), press(settings, random, atMs + 4 * SECOND)];
}

function newBattery({ site }: GatewaySettings, random: Random, atMs: number): (LifeEvent | undefined)[] {
  const tags = [...site.devices.values()].filter(({ counterOnly }) => counterOnly);
  if (tags.length === 0) return [];
  const device = pick(random, tags).id;
  const used = (afterMs: number): LifeEvent => ({
    atMs: atMs + afterMs,
    do: 'press',
    device,
    button: 0,
    pattern: 'single',
    heldMs: 0,
  });
  const enrol: LifeEvent = { atMs: atMs + 10 * SECOND, do: 'enrol', device, minutes: 2 };
  const change: LifeEvent = { atMs: atMs + 20 * SECOND, do: 'reboot', device, keepsCounter: false };
  return [used(0), used(5 * SECOND), enrol, chance(random, 0.7) ? change : undefined, used(40 * SECOND)];
}

function reloadWhileOpen(settings: GatewaySettings, random: Random, atMs: number): (LifeEvent | undefined)[] {
  const reload = (afterMs: number): LifeEvent => ({ atMs: atMs + afterMs, do: 'reload', site: randomBelow(random, 2) });
  return [
    cutOff(settings, atMs, MINUTE),
    press(settings, random, atMs + SECOND),
    reload(3_000),
    reload(4_000),
    reload(5_000),
  ];
}

function refusedThenAccepted(settings: GatewaySettings, random: Random, atMs: number): (LifeEvent | undefined)[] {
  const { id, driver } = pick(random, settings.paths);
  const isCentre = driver === 'dc09-tcp' || driver === 'dc09-udp';
  const mood = isCentre
    ? pick(random, ['nakThenDuh', 'duhFormat', 'duh'])
    : pick(random, ['overloaded', 'rateLimit', 'busy', 'rejects']);
  const others = settings.paths.filter((path) => path.id !== id).map((path) => path.id);
  const forMs = pick(random, [10 * SECOND, MINUTE]);
  return [
    { atMs, do: 'mood', path: id, mood, forMs },
    { atMs, do: 'partition', paths: others, forMs: 2 * MINUTE },
    press(settings, random, atMs + SECOND),
  ];
}

/** Every device of one input loses its power, and so does the bridge, which comes back first. */
function blackout({ site, inputs }: GatewaySettings, random: Random, atMs: number): (LifeEvent | undefined)[] {
  const picked = pick(random, inputs);
  const { id: input, driver } = inputs.find((each) => each.driver === 'mqtt') ?? picked;
  const devices = [...site.devices.values()].filter((device) => device.input === input);
  const away: LifeEvent = {
    ...{ atMs, do: 'weather', input, loss: 1, flip: 0, duplicate: 0 },
    ...{ delayMs: 5, forMs: 3 * MINUTE },
  };
  const dead = devices.map(({ id }): LifeEvent => ({ atMs, do: 'dies', device: id, forMs: 25 * MINUTE }));
  return [driver === 'mqtt' ? away : undefined, ...dead];
}

function diskLost(settings: GatewaySettings, random: Random, atMs: number): (LifeEvent | undefined)[] {
  const mood = pick(random, ['full', 'failing', 'stuck'] as const);
  const cut: LifeEvent = { atMs: atMs + 20 * SECOND, do: 'kill', how: 'powerCut', downMs: SECOND, afterEffects: 0 };
  return [
    { atMs, do: 'disk', mood, forMs: pick(random, [15 * SECOND, 15 * MINUTE]) },
    press(settings, random, atMs + SECOND),
    press(settings, random, atMs + 9 * SECOND),
    chance(random, 0.5) ? cut : undefined,
  ];
}

function stalledWithPress(settings: GatewaySettings, random: Random, atMs: number): (LifeEvent | undefined)[] {
  return [press(settings, random, atMs), { atMs: atMs + 1, do: 'stall', forMs: pick(random, [3 * SECOND, MINUTE]) }];
}

function stopWhileOpen(settings: GatewaySettings, random: Random, atMs: number): (LifeEvent | undefined)[] {
  const stop: LifeEvent = { atMs: atMs + 3 * SECOND, do: 'kill', how: 'stop', downMs: 2 * SECOND, afterEffects: 0 };
  return [cutOff(settings, atMs, MINUTE), press(settings, random, atMs + SECOND), stop];
}
