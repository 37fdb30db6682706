import { RadioFrames } from '../../../gateway/paths/radio/frames.ts';
import { type Answer, MessageIds, messageId } from '../../../gateway/paths/radio/message-ids.ts';
import type { RadioSettings } from '../../../gateway/paths/radio/settings.ts';
import { encodeAprsMessage, parseAprsMessage } from '../../../protocol/radio/aprs-message.ts';
import { type Ax25Address, encodeUi, parseAddress, parseUi } from '../../../protocol/radio/ax25.ts';
import { encodeKiss, KISS_COMMANDS, KissScanner } from '../../../protocol/radio/kiss.ts';
import { between } from '../streams.ts';
import type { FarEnd, Flight, Network } from './network.ts';

/** At 1,200 Bd a byte takes so long on the air. */
const BYTE_MS = 8 / 1.2;
const KEY_UP_MS = 400;
const ANSWER_MS = [200, 1_500] as const;
const BUSY_MS_MAX = 40_000;
const NOISE = 0.4;

export const RADIO_MOODS = ['jammed', 'noisy', 'busy', 'rejects', 'deaf', 'digipeated', 'otherStation', 'hang'];

/**
 * A receiving station on a radio channel: frames of AX.25 that take their time, one at a time, and
 * are lost, repeated by a digipeater, or answered by somebody else.
 */
export class RadioFarEnd implements FarEnd {
  readonly #settings: RadioSettings;
  readonly #network: Network;
  readonly #frames: RadioFrames;
  readonly #ids = new MessageIds();
  readonly #flights = new Map<number, Flight>();
  /** The channel is taken until then: half duplex. */
  #busyToMs = 0;

  constructor(settings: RadioSettings, network: Network) {
    this.#settings = settings;
    this.#network = network;
    this.#frames = new RadioFrames(settings);
  }

  carry(flight: Flight): void {
    const { attempt } = flight;
    const { clock } = this.#network.deps;
    const id = messageId(attempt.sequence);
    const answer = attempt.report && this.#ids.takeAnswer(id, attempt.report.id);
    if (answer !== undefined) {
      clock.after(1, () => this.#network.ends(flight, outcomeOf(answer)));
      return;
    }
    this.#ids.begin(id, attempt.report?.id, attempt.attempt, clock.nowMs);
    this.#flights.set(attempt.attempt, flight);
    this.#network.sent(flight);
    const frame = this.#frames.attempt(attempt);
    this.#onAir(frame, () => this.#heardThere(flight, frame));
  }

  /** Each transmission waits for a free channel, and keeps it for its length. */
  #onAir(frame: Uint8Array, heard: () => void): void {
    const { clock, random } = this.#network.deps;
    const { mood } = this.#network;
    const waitMs = mood === 'busy' ? between(random, 0, BUSY_MS_MAX) : 0;
    const startMs = Math.max(clock.nowMs, this.#busyToMs) + waitMs;
    this.#busyToMs = startMs + KEY_UP_MS + frame.length * BYTE_MS;
    const isLost = mood === 'jammed' || this.#network.isCutOff || (mood === 'noisy' && random() < NOISE);
    if (isLost) return;
    clock.at(this.#busyToMs, heard);
    if (mood === 'digipeated') clock.at(this.#busyToMs + KEY_UP_MS + frame.length * BYTE_MS, heard);
  }

  #heardThere({ attempt }: Flight, frame: Uint8Array): void {
    const { deps, id: path, mood } = this.#network;
    if (mood === 'deaf') return;
    for (const { payload } of new KissScanner().push(frame)) {
      const ui = parseUi(payload);
      const message = ui && parseAprsMessage(ui.info);
      if (message?.type !== 'message' || message.id === undefined) continue;
      const isRejected = mood === 'rejects';
      const { report } = attempt;
      if (report !== undefined && !isRejected) {
        // The operator reads the text: it says first of all that it is no real alert.
        const isExercise = /^(DRILL|TEST)/.test(message.text);
        deps.observe({ type: 'displayed', path, report: report.id, text: message.text, isExercise });
      }
      const { id } = message;
      deps.clock.after(between(deps.random, ...ANSWER_MS), () => this.#answer(isRejected ? 'rej' : 'ack', id));
    }
  }

  #answer(type: Answer, id: string): void {
    const { callsign, receiver, destination, kissPort: port } = this.#settings;
    const source = this.#network.mood === 'otherStation' ? 'N0CALL-7' : receiver;
    const info = encodeAprsMessage({ type, addressee: callsign, id });
    const payload = encodeUi({ destination: stationOf(destination), source: stationOf(source), digipeaters: [], info });
    const frame = encodeKiss({ port, command: KISS_COMMANDS.data, payload });
    this.#onAir(frame, () => this.#heardHere(frame));
  }

  /** As the driver does. */
  #heardHere(frame: Uint8Array): void {
    for (const each of new KissScanner().push(frame)) {
      const heard = this.#frames.read(each);
      if (heard === undefined || heard.message.type === 'message' || !this.#frames.isReceiver(heard.source)) continue;
      const { id, type } = heard.message;
      const attempt = this.#ids.settle(id, type, this.#network.deps.clock.nowMs);
      const flight = attempt === undefined ? undefined : this.#flights.get(attempt);
      if (flight !== undefined) this.#network.ends(flight, outcomeOf(type));
    }
  }
}

function outcomeOf(answer: Answer) {
  if (answer === 'ack') return { type: 'receiverAcknowledged' } as const;
  return { type: 'notUnderstood', detail: 'the station rejects the message (rej)' } as const;
}

function stationOf(text: string): Ax25Address {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`no call sign: ${text}`);
  return address;
}
