import type { Outcome } from '../../../gateway/core/report.ts';
import { between } from '../streams.ts';
import { displayed } from './displayed.ts';
import type { FarEnd, Flight, Network } from './network.ts';

/** A call over a modem or a paging line takes this long. */
const CALL_MS = [800, 6_000] as const;
const SLOW_MS_MAX = 40_000;
const LOSS = 0.5;

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  rejectsPage: { type: 'notUnderstood', detail: 'RS: the terminal rejects the page' },
  badLogin: { type: 'failed', reason: 'refused', detail: 'the terminal answered the login with ESC EOT' },
  busy: { type: 'failed', reason: 'refused', detail: '550 try again later', retryAfterMs: 30_000 },
  noCarrier: { type: 'failed', reason: 'unreachable', detail: 'NO CARRIER' },
  hangsUp: { type: 'failed', reason: 'closed', detail: 'the terminal hung up' },
};

export const PAGER_MOODS = ['refuse', 'hang', 'slow', 'loseAnswers', ...Object.keys(OUTCOMES)];

/** A paging terminal, a paging server or a modem: it takes a page, and nobody confirms it. */
export class PagerFarEnd implements FarEnd {
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
  }

  carry(flight: Flight): void {
    const network = this.#network;
    const { clock, random } = network.deps;
    network.sent(flight);
    if (network.mood === 'hang') return;
    const [least, most] = CALL_MS;
    const delayMs = between(random, least, network.mood === 'slow' ? SLOW_MS_MAX : most);
    clock.after(delayMs, () => {
      if (network.isCutOff) return;
      const refused = OUTCOMES[network.mood];
      if (refused !== undefined) return network.ends(flight, refused);
      // The terminal has the page, whether or not the gateway waits for its answer any more.
      if (flight.attempt.report !== undefined) displayed(network, flight.attempt.report);
      if (network.mood === 'loseAnswers' && random() < LOSS) return;
      network.ends(
        flight,
        flight.attempt.report === undefined ? { type: 'receiverAcknowledged' } : { type: 'handedOver' },
      );
    });
  }
}
