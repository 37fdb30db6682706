import { messageOutcome, pollOutcome } from '../../../gateway/paths/sip/answer.ts';
import type { SipResponse } from '../../../protocol/sip/message.ts';
import { between } from '../streams.ts';
import { displayed } from './displayed.ts';
import type { FarEnd, Flight, Network } from './network.ts';

const QUICK_MS_MAX = 200;
const SLOW_MS_MAX = 12_000;
const LOSS = 0.5;

const ANSWERS: Readonly<
  Record<string, readonly [status: number, reason: string, headers: readonly (readonly [string, string])[]]>
> = {
  forbidden: [403, 'Forbidden', []],
  notFound: [404, 'Not Found', []],
  busy: [486, 'Busy Here', []],
  badLocation: [424, 'Bad Location Information', []],
  badAlert: [425, 'Bad Alert Message', [['AlertMsg-Error', '100;AlertMsg-Text="Cannot process the alert payload"']]],
  overloaded: [503, 'Service Unavailable', [['Retry-After', '10']]],
  relays: [202, 'Accepted', []],
  declines: [603, 'Decline', []],
};

export const SIP_MOODS = ['refuse', 'hang', 'slow', 'loseRequests', 'loseAnswers', ...Object.keys(ANSWERS)];

/** A PSAP or aggregator that speaks SIP. Its responses are read by the gateway's own rules. */
export class SipFarEnd implements FarEnd {
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
  }

  carry(flight: Flight): void {
    const network = this.#network;
    const { clock, random } = network.deps;
    const { mood } = network;
    network.sent(flight);
    if (mood === 'hang' || (mood === 'loseRequests' && random() < LOSS)) return;
    const delayMs = between(random, 2, mood === 'slow' ? SLOW_MS_MAX : QUICK_MS_MAX);
    clock.after(delayMs / 2, () => {
      if (network.isCutOff) return;
      const [status, reason, headers] = ANSWERS[mood] ?? [200, 'OK', []];
      const { report } = flight.attempt;
      if (report !== undefined && status === 200) displayed(network, report);
      if (mood === 'loseAnswers' && random() < LOSS) return;
      clock.after(delayMs / 2, () => this.#answered(flight, responseOf(status, reason, headers)));
    });
  }

  #answered(flight: Flight, response: SipResponse): void {
    if (this.#network.isCutOff) return;
    this.#network.ends(flight, flight.attempt.report === undefined ? pollOutcome(response) : messageOutcome(response));
  }
}

function responseOf(status: number, reason: string, headers: readonly (readonly [string, string])[]): SipResponse {
  const written = headers.map(([name, value]) => ({ name, value }));
  return { type: 'response', status, reason, headers: written, body: new Uint8Array() };
}
