import { asciiToBytes } from '../../protocol/bytes.ts';
import { type AprsMessage, encodeAprsMessage, parseAprsMessage } from '../../protocol/radio/aprs-message.ts';
import { type Ax25Address, addressText, encodeUi, parseUi } from '../../protocol/radio/ax25.ts';
import { encodeKiss, KISS_COMMANDS, KissScanner } from '../../protocol/radio/kiss.ts';
import { encodeThirdParty } from '../../protocol/radio/third-party.ts';
import type { ByteDuplex } from '../byte-duplex.ts';
import { realTime, type Scheduler } from '../nodes/scheduler.ts';
import { Watchers } from '../watchers.ts';
import type { RadioBehaviour } from './behaviour.ts';
import { stationOf } from './digipeater.ts';
import { RadioDesk, type ShownMessage } from './radio-desk.ts';

/** Shortest time between two acknowledgements of one message with `ackEvery30s`. */
const ACKNOWLEDGE_GAP_MS = 30_000;

interface RadioReceiverOptions {
  /** For example `N0CALL-1`. */
  readonly callsign: string;
  /** Cable to a TNC. */
  readonly tnc: ByteDuplex;
  /** Digipeaters for the frames it sends. Default none. */
  readonly digipeaters?: readonly string[];
  /** Default: real time. */
  readonly scheduler?: Scheduler;
}

interface HeardMessage {
  readonly source: string;
  readonly id?: string;
  readonly text: string;
  /** The AX.25 frame. */
  readonly frame: Uint8Array;
  readonly isNew: boolean;
  readonly atMs: number;
}

/**
 * A receiving station. It hears APRS messages through its TNC, shows each once, and acknowledges
 * every copy.
 */
export class RadioReceiver {
  readonly desk = new RadioDesk();
  /** Every copy that was accepted. */
  readonly heard: HeardMessage[] = [];
  /** Ids of its own messages, one entry for each acknowledgement. */
  readonly acknowledged: string[] = [];
  readonly #own: Ax25Address;
  readonly #tnc: ByteDuplex;
  readonly #scheduler: Scheduler;
  readonly #watchers = new Watchers<void>();
  readonly #callOffs = new Set<() => void>();
  readonly #unplug: () => void;
  readonly #digipeaters: readonly string[];
  /** Messages of which `rejFirst` or `missFirst` has had a copy. */
  readonly #had = new Set<string>();
  /** Time of the last acknowledgement of each message. */
  readonly #acknowledgedMs = new Map<string, number>();
  #behaviour: RadioBehaviour = { type: 'normal' };

  /** @throws RangeError if `callsign` is invalid */
  constructor({ callsign, tnc, digipeaters = [], scheduler = realTime }: RadioReceiverOptions) {
    this.#own = stationOf(callsign);
    this.#digipeaters = digipeaters;
    this.#tnc = tnc;
    this.#scheduler = scheduler;
    const scanner = new KissScanner();
    this.#unplug = tnc.onData((bytes) => {
      for (const { command, payload } of scanner.push(bytes)) {
        if (command === KISS_COMMANDS.data && this.#behaviour.type !== 'deaf') this.#frame(payload);
      }
    });
  }

  get callsign(): string {
    return addressText(this.#own);
  }

  /** Returns what the operator sees: each message once. */
  get shown(): readonly ShownMessage[] {
    return this.desk.shown;
  }

  behave(behaviour: RadioBehaviour): void {
    this.#behaviour = behaviour;
  }

  /**
   * Calls back after each frame.
   * @returns a function that removes the listener
   */
  on(listener: () => void): () => void {
    return this.#watchers.on(listener);
  }

  /** Resolves as soon as the condition holds. It is checked after each frame. */
  until(condition: (receiver: RadioReceiver) => boolean): Promise<void> {
    return this.#watchers.until(() => condition(this));
  }

  /** Sends a message of its own. `via` lists digipeaters that the frame claims as repeaters. */
  say(addressee: string, text: string, id?: string, via: readonly string[] = []): void {
    this.#send({ type: 'message', addressee, text, ...(id === undefined ? {} : { id }) }, this.#own, via);
  }

  close(): void {
    this.#unplug();
    for (const callOff of this.#callOffs) callOff();
    this.#callOffs.clear();
    this.#watchers.clear();
  }

  #frame(payload: Uint8Array): void {
    const frame = parseUi(payload);
    const message = frame && parseAprsMessage(frame.info);
    if (frame === undefined || message?.addressee !== this.callsign) return;
    const source = addressText(frame.source);
    if (message.type === 'message') this.#message(source, message, payload);
    else if (message.type === 'ack') this.acknowledged.push(message.id);
    this.#watchers.tell();
  }

  #message(source: string, { id, text }: Extract<AprsMessage, { type: 'message' }>, frame: Uint8Array): void {
    const behaviour = this.#behaviour;
    if (behaviour.type === 'rej') {
      this.#behaviour = behaviour.times > 1 ? { ...behaviour, times: behaviour.times - 1 } : { type: 'normal' };
      if (id !== undefined) this.#answer('rej', source, id);
      return;
    }
    if ((behaviour.type === 'rejFirst' || behaviour.type === 'missFirst') && this.#isFirst(source, id ?? text)) {
      if (behaviour.type === 'rejFirst' && id !== undefined) this.#answer('rej', source, id);
      return;
    }
    const atMs = this.#scheduler.nowMs();
    const isNew = this.desk.accept(source, id, text, atMs);
    this.heard.push({ source, ...(id === undefined ? {} : { id }), text, frame, isNew, atMs });
    if (id !== undefined) this.#acknowledge(behaviour, source, id);
  }

  #isFirst(source: string, id: string): boolean {
    const message = `${source} ${id}`;
    if (this.#had.has(message)) return false;
    this.#had.add(message);
    return true;
  }

  #acknowledge(behaviour: RadioBehaviour, source: string, id: string): void {
    switch (behaviour.type) {
      case 'vanishAfterAccepting':
        this.#behaviour = { type: 'deaf' };
        return;
      case 'ackLost':
        this.#behaviour = behaviour.times > 1 ? { ...behaviour, times: behaviour.times - 1 } : { type: 'normal' };
        return;
      case 'slowAck': {
        const callOff = this.#scheduler.after(behaviour.ms, () => {
          this.#callOffs.delete(callOff);
          this.#answer('ack', source, id);
        });
        this.#callOffs.add(callOff);
        return;
      }
      case 'wrongId':
        this.#answer('ack', source, otherId(id));
        return;
      case 'wrongAddressee':
        this.#answer('ack', behaviour.callsign, id);
        return;
      case 'wrongSource':
        this.#send({ type: 'ack', addressee: source, id }, stationOf(behaviour.callsign));
        return;
      case 'replyAck':
        this.#info(asciiToBytes(`:${source.padEnd(9)}:ack${id}}A1`));
        return;
      case 'shortNumber':
        this.#info(asciiToBytes(`:${source.padEnd(9)}:ack${id.replace(/^0+(?=.)/, '')}\r\n`));
        return;
      case 'ackByIgate': {
        const igate = stationOf(behaviour.igate);
        const info = encodeAprsMessage({ type: 'ack', addressee: source, id });
        this.#info(encodeThirdParty(this.#own, igate, info), igate);
        return;
      }
      case 'ackEvery30s':
        if (!this.#mayAcknowledge(source, id)) return;
        break;
      case 'ackTwice':
        this.#answer('ack', source, id);
    }
    this.#answer('ack', source, id);
  }

  #mayAcknowledge(source: string, id: string): boolean {
    const message = `${source} ${id}`;
    const nowMs = this.#scheduler.nowMs();
    if (nowMs - (this.#acknowledgedMs.get(message) ?? Number.NEGATIVE_INFINITY) < ACKNOWLEDGE_GAP_MS) return false;
    this.#acknowledgedMs.set(message, nowMs);
    return true;
  }

  #answer(type: 'ack' | 'rej', addressee: string, id: string): void {
    this.#send({ type, addressee, id }, this.#own);
  }

  #send(message: AprsMessage, source: Ax25Address, via: readonly string[] = []): void {
    this.#info(encodeAprsMessage(message), source, via);
  }

  /** `via` lists digipeaters that the frame claims as repeaters. */
  #info(info: Uint8Array, source: Ax25Address = this.#own, via: readonly string[] = []): void {
    const digipeaters = [
      ...via.map((callsign) => ({ ...stationOf(callsign), repeated: true })),
      ...this.#digipeaters.map((callsign) => ({ ...stationOf(callsign), repeated: false })),
    ];
    const payload = encodeUi({ destination: stationOf('APZSIM'), source, digipeaters, info });
    this.#tnc.write(encodeKiss({ port: 0, command: KISS_COMMANDS.data, payload }));
  }
}

/** Returns another id of the same form. */
function otherId(id: string): string {
  const last = id.at(-1) === '1' ? '2' : '1';
  return `${id.slice(0, -1)}${last}`;
}
