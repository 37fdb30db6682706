import type { Outcome } from '../../../gateway/core/report.ts';
import { interpretAnswer } from '../../../gateway/paths/dc09/answer.ts';
import { AttemptFrames } from '../../../gateway/paths/dc09/attempt-frame.ts';
import type { Dc09Settings, Dc09UdpSettings } from '../../../gateway/paths/dc09/settings.ts';
import { Dc09Scanner } from '../../../protocol/dc09/scanner.ts';
import { type Random, randomBelow } from '../../random.ts';
import type { ReceiverBehaviour } from '../../receiver/behaviour.ts';
import { Desk } from '../../receiver/desk.ts';
import { spoil } from '../../receiver/spoiled-answer.ts';
import { type EventRead, encodeVerdict, type Verdict, verdictOn } from '../../receiver/verdict.ts';
import { between } from '../streams.ts';
import type { FarEnd, Flight, Network } from './network.ts';

/** Contact ID and SIA codes of tests and drills (DC-03, DC-05). */
const EXERCISE_CODES = /^(RX|RP|TS|TE|RY|60\d)$/;
const CLOCK_OFF_MS = 90_000;
const SLOW_MS_MAX = 9_000;
const QUICK_MS_MAX = 60;
const LOSS = 0.5;

/** How a mood changes what a proper receiver answers. */
const SPOILT: Readonly<Record<string, ReceiverBehaviour>> = {
  bareNak: { type: 'bareNak' },
  badCrc: { type: 'badCrc' },
  garbage: { type: 'garbage' },
  wrongSequence: { type: 'wrongSequence' },
  wrongAccount: { type: 'wrongAccount' },
  oddSpelling: { type: 'oddSpelling' },
  halfFrame: { type: 'halfFrameThenClose' },
};

export const DC09_MOODS = [
  ...[
    'refuse',
    'hang',
    'slow',
    'loseRequests',
    'loseAnswers',
    'nak',
    'duh',
    'nakThenDuh',
    'nakFormat',
    'duhFormat',
    'clockOff',
  ],
  ...['refusePolls', 'refuseReports', 'closeMidFrame', ...Object.keys(SPOILT)],
] as const;

/** A DC-09 receiver: it parses the bytes of each frame, and answers in bytes. */
export class Dc09FarEnd implements FarEnd {
  readonly #network: Network;
  readonly #settings: Dc09Settings | Dc09UdpSettings;
  readonly #frames: AttemptFrames;
  #desk = new Desk();
  #refused = 0;

  constructor(settings: Dc09Settings | Dc09UdpSettings, network: Network) {
    this.#network = network;
    this.#settings = settings;
    const { clock, random } = network.deps;
    this.#frames = new AttemptFrames(settings, () => clock.nowMs, padOf(random));
  }

  forget(): void {
    this.#desk = new Desk();
  }

  behave(): void {
    this.#refused = 0;
  }

  carry(flight: Flight): void {
    const { clock, random } = this.#network.deps;
    const stampMs = (clock.now.wallMs + flight.attempt.clockOffsetMs) as typeof clock.now.wallMs;
    const frame = this.#frames.encode(flight.attempt, stampMs);
    this.#network.sent(flight);
    if (this.#network.mood === 'hang' || (this.#network.mood === 'loseRequests' && random() < LOSS)) return;
    const delayMs = this.#network.mood === 'slow' ? between(random, 0, SLOW_MS_MAX) : between(random, 1, QUICK_MS_MAX);
    clock.after(delayMs / 2, () => {
      // What was sent arrives, even if the gateway drops the connection meanwhile.
      if (this.#network.isCutOff) return;
      if (this.#network.mood === 'closeMidFrame')
        return this.#network.ends(flight, closed('in the middle of the frame'));
      this.#arrived(flight, frame, stampMs, delayMs / 2);
    });
  }

  #arrived(flight: Flight, frame: Uint8Array, stampMs: number, backMs: number): void {
    const { clock, random } = this.#network.deps;
    // Without LF and CR, as the scanner cuts it out of the stream.
    for (const body of new Dc09Scanner().push(frame)) {
      const verdict = this.#judge(body);
      if (verdict.answer === 'ack') for (const event of verdict.events) this.#display(event);
      const wallMs = this.#wallMs();
      const proper = encodeVerdict(verdict, wallMs);
      if (proper === undefined || (this.#network.mood === 'loseAnswers' && random() < LOSS)) return;
      const answer = spoil(SPOILT[this.#network.mood] ?? { type: 'normal' }, proper, verdict, wallMs);
      clock.after(backMs, () => this.#answered(flight, answer, stampMs));
    }
  }

  #judge(body: Uint8Array): Verdict {
    const { account, key } = this.#settings;
    const accounts = new Map([[account, key === undefined ? { account } : { account, key }]]);
    const pad = padOf(this.#network.deps.random);
    const nullPolicy = this.#network.mood === 'refusePolls' ? 'duh' : 'accept';
    const verdict = verdictOn({ accounts, nullPolicy, random: pad }, body, this.#wallMs());
    if (verdict.answer !== 'ack') return verdict;
    const refused = (answer: 'nak' | 'duh'): Verdict => ({ ...verdict, answer, events: [] });
    switch (this.#network.mood) {
      case 'nak':
        return refused('nak');
      case 'duh':
        return refused('duh');
      case 'nakThenDuh': {
        this.#refused += 1;
        return this.#refused > 4 ? verdict : refused(this.#refused % 2 === 1 ? 'nak' : 'duh');
      }
      case 'duhFormat':
        return verdict.envelope?.token === this.#settings.formats[0] ? refused('duh') : verdict;
      case 'nakFormat':
        return verdict.envelope?.token === this.#settings.formats[0] ? refused('nak') : verdict;
      case 'refuseReports':
        return verdict.poll ? verdict : refused('duh');
      case 'bareNak':
        return { ...verdict, events: [] };
      default:
        return verdict;
    }
  }

  #display(event: EventRead): void {
    const { reportId, text = '', code } = event;
    if (reportId === undefined) return;
    const { clock } = this.#network.deps;
    this.#desk.accept({ ...event, firstByteMs: clock.nowMs, receivedMs: clock.now.wallMs });
    const isExercise = EXERCISE_CODES.test(code);
    this.#network.deps.observe({ type: 'displayed', path: this.#network.id, report: reportId, text, isExercise });
  }

  #answered(flight: Flight, answer: Uint8Array, stampMs: number): void {
    if (flight.isOver || this.#network.isCutOff) return;
    const scanner = new Dc09Scanner();
    const [frame] = scanner.push(answer);
    const whole = frame ?? scanner.takeUnended();
    const expected = this.#frames.expected(flight.attempt, stampMs as never, []);
    const outcome = whole === undefined ? closed('before its answer was whole') : interpretAnswer(whole, expected);
    if (outcome === undefined) return;
    this.#network.ends(flight, outcome);
  }

  /** The receiver's clock is right; only ours may be wrong. */
  #wallMs(): number {
    const { clock } = this.#network.deps;
    return clock.trueWallMs + (this.#network.mood === 'clockOff' ? CLOCK_OFF_MS : 0);
  }
}

function closed(when: string): Outcome {
  return { type: 'failed', reason: 'closed', detail: `the receiver closed the connection ${when}` };
}

/** Pads of sealed frames: random, and the same for the same seed. */
function padOf(random: Random): (count: number) => Uint8Array {
  return (count) => {
    const pad = new Uint8Array(count);
    for (let place = 0; place < count; place++) pad[place] = randomBelow(random, 256);
    return pad;
  };
}
