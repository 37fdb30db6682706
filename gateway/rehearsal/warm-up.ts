import type { GatewaySettings } from '../config/settings.ts';
import { Core } from '../core/core.ts';
import type { Effect } from '../core/effect.ts';
import type { CoreInput } from '../core/input.ts';
import { bothClocks, monoMs } from '../system/clock.ts';
import { pretendedPress, rehearsedPart } from './rehearsal.ts';

/** Sends one pretended effect through the code of a real one, without any input or output. */
export type WarmCodecs = (effect: Effect) => void;

/** Enough for the compiler to have seen the alert path. No start takes longer because of it. */
const PRESSES = 400;
const DURATION_MS_MAX = 400;

/**
 * Runs pretended presses through a core of its own and the codecs, while the other threads start:
 * the first real press then finds compiled code. Nothing leaves this function.
 *
 * @param warmCodecs the drivers' encoders
 */
export function warmUp(settings: GatewaySettings, warmCodecs: WarmCodecs): void {
  const startMs = monoMs();
  const site = rehearsedPart(settings.site);
  const core = new Core(site, [], bothClocks());
  core.start(bothClocks());
  for (let press = 0; press < PRESSES && monoMs() - startMs < DURATION_MS_MAX; press++) {
    const signal = pretendedPress(site, press);
    if (signal !== undefined) pressOnce(core, warmCodecs, { type: 'signal', signal });
  }
}

/** One press from the wall to the receiver's acknowledgement and back. */
function pressOnce(core: Core, warmCodecs: WarmCodecs, press: CoreInput): void {
  const inputs: CoreInput[] = [press];
  for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
    for (const effect of core.handle(input, bothClocks())) {
      warmCodecs(effect);
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
