import { setImmediate as afterTurn } from 'node:timers/promises';
import type { MonoMs } from '../../protocol/clocks.ts';
import type { GatewaySettings } from '../config/settings.ts';
import { Core } from '../core/core.ts';
import type { Effect } from '../core/effect.ts';
import type { CoreInput } from '../core/input.ts';
import type { Signal } from '../core/signal.ts';
import type { DoorPoint, Site } from '../core/site.ts';
import { bothClocks, monoMs } from '../system/clock.ts';
import { effectCodecs } from './effect-codecs.ts';

/**
 * The first press through code that has never run takes twice the time; after a few it is as fast
 * as later ones. Thousands more, through the drivers as well, made the first storm no faster.
 */
const PRESSES = 30;
/** The core of a site of thousands takes long to make. */
const DEVICES = 8;

/**
 * Runs pretended presses through a core of its own and the codecs, so that the first real press
 * finds code that has run before. It makes one in each turn of the event loop, and ends when a real
 * signal comes. Nothing leaves this function.
 *
 * @param lastHeardMs when the gateway last heard a real signal
 * @returns how many presses were rehearsed
 */
export async function rehearse(settings: GatewaySettings, lastHeardMs: () => MonoMs): Promise<number> {
  const beganMs = monoMs();
  const runCodecs = effectCodecs(settings);
  const site = rehearsedPart(settings.site);
  await afterTurn();
  const core = new Core(site, [], bothClocks());
  core.start(bothClocks());
  for (let press = 0; press < PRESSES; press++) {
    await afterTurn();
    const signal = pretendedPress(site, press);
    if (signal === undefined || lastHeardMs() >= beganMs) return press;
    pressOnce(core, runCodecs, { type: 'signal', signal });
  }
  return PRESSES;
}

/** One press from the wall to the receiver's acknowledgement and back. */
function pressOnce(core: Core, runCodecs: (effect: Effect) => void, press: CoreInput): void {
  const inputs: CoreInput[] = [press];
  for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
    for (const effect of core.handle(input, bothClocks())) {
      runCodecs(effect);
      if (effect.type === 'send') {
        const { path, attempt } = effect.attempt;
        inputs.push({ type: 'sent', path, attempt, atMs: monoMs() });
        inputs.push({ type: 'outcome', path, attempt, outcome: { type: 'receiverAcknowledged' } });
      } else if (effect.type === 'journal') {
        inputs.push({ type: 'durable', number: effect.number });
      } else if (effect.type === 'publish' && effect.number !== undefined) {
        inputs.push({ type: 'published', number: effect.number, atMs: monoMs() });
      }
    }
  }
}

/** The site with a few of its devices. */
function rehearsedPart({ canary: _, ...site }: Site): Site {
  const pressing = [...site.devices].filter(([, { buttons }]) => buttons.size > 0);
  const devices = new Map(pressing.slice(0, DEVICES));
  const isHere = (point: DoorPoint | undefined) => point === undefined || devices.has(point.device);
  return { ...site, devices, doors: site.doors.filter(({ contact, bolt }) => isHere(contact) && isHere(bolt)) };
}

/** `undefined` if the site has no button. */
function pretendedPress(site: Site, number: number): Signal | undefined {
  const devices = [...site.devices.values()];
  const device = devices[number % devices.length];
  if (device === undefined) return undefined;
  const [button = 0] = device.buttons.keys();
  return {
    input: device.input,
    device: device.id,
    authenticated: true,
    capturedMs: monoMs(),
    identity: { epoch: 1, counter: number + 1 },
    body: { type: 'press', button, pattern: 'single' },
  };
}
