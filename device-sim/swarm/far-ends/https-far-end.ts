import type { CapSettings } from '../../../gateway/paths/cap/settings.ts';
import { type AnswerRules, pollOutcome, reportOutcome } from '../../../gateway/paths/https-answer.ts';
import type { HttpsAnswer } from '../../../gateway/paths/https-message.ts';
import type { WebhookSettings } from '../../../gateway/paths/webhook/settings.ts';
import { between } from '../streams.ts';
import { displayed } from './displayed.ts';
import type { FarEnd, Flight, Network } from './network.ts';

const QUICK_MS_MAX = 120;
const SLOW_MS_MAX = 15_000;
const LOSS = 0.5;

/** Answers of a server in a mood, in the words of HTTP. */
const ANSWERS: Readonly<Record<string, Pick<HttpsAnswer, 'status' | 'headers'>>> = {
  badRequest: { status: 400, headers: {} },
  unauthorized: { status: 401, headers: {} },
  notFound: { status: 404, headers: {} },
  rateLimit: { status: 429, headers: { 'retry-after': '20' } },
  rateLimitLong: { status: 429, headers: { 'retry-after': '86400' } },
  overloaded: { status: 503, headers: { 'retry-after': '5' } },
  error: { status: 500, headers: {} },
  accepted: { status: 202, headers: {} },
};

export const HTTPS_MOODS = [
  'refuse',
  'hang',
  'slow',
  'loseRequests',
  'loseAnswers',
  'closes',
  'refusePolls',
  ...Object.keys(ANSWERS),
];

/** A server that takes alerts over HTTPS. Its answers are read by the gateway's own rules. */
export class HttpsFarEnd implements FarEnd {
  readonly #network: Network;
  readonly #rules: AnswerRules;

  constructor({ acknowledges, expect }: CapSettings | WebhookSettings, network: Network) {
    this.#network = network;
    const { clock } = network.deps;
    this.#rules = {
      secrets: [],
      nowWallMs: () => clock.now.wallMs,
      ...(acknowledges !== undefined && { acknowledges }),
      ...(expect !== undefined && { expect }),
    };
  }

  carry(flight: Flight): void {
    const network = this.#network;
    const { clock, random } = network.deps;
    const { mood } = network;
    network.sent(flight);
    if (mood === 'hang' || (mood === 'loseRequests' && random() < LOSS)) return;
    const delayMs = mood === 'slow' ? between(random, 0, SLOW_MS_MAX) : between(random, 2, QUICK_MS_MAX);
    clock.after(delayMs / 2, () => {
      if (network.isCutOff) return;
      const { status, headers } = this.#answerTo(flight);
      const { report } = flight.attempt;
      if (report !== undefined && status < 300 && mood !== 'closes') displayed(network, report);
      if (mood === 'closes')
        network.ends(flight, { type: 'failed', reason: 'closed', detail: 'the server closed the connection' });
      else if (mood !== 'loseAnswers' || random() >= LOSS)
        clock.after(delayMs / 2, () => this.#answered(flight, { status, headers }));
    });
  }

  #answerTo({ attempt }: Flight): Pick<HttpsAnswer, 'status' | 'headers'> {
    const { mood } = this.#network;
    if (mood === 'refusePolls') return { status: attempt.report === undefined ? 404 : 200, headers: {} };
    return ANSWERS[mood] ?? { status: 200, headers: {} };
  }

  #answered(flight: Flight, { status, headers }: Pick<HttpsAnswer, 'status' | 'headers'>): void {
    if (this.#network.isCutOff) return;
    const answer: HttpsAnswer = { status, headers, body: new Uint8Array(), isWhole: true };
    const isPoll = flight.attempt.report === undefined;
    this.#network.ends(
      flight,
      isPoll ? pollOutcome(answer, this.#rules) : reportOutcome(answer, this.#rules, { says: 'nothing' }),
    );
  }
}
