import type { MonoMs } from '../../../protocol/clocks.ts';
import { messageOf } from '../../../protocol/errors.ts';
import { KissScanner } from '../../../protocol/radio/kiss.ts';
import type { Attempt, Outcome } from '../../core/report.ts';
import type { Names } from '../../names/names.ts';
import { monoMs } from '../../system/clock.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { SoonOutcomes } from '../soon-outcomes.ts';
import { type Heard, RadioFrames } from './frames.ts';
import { HeardMessages } from './heard-messages.ts';
import { type InitTimes, KissModeTnc } from './kiss-mode-tnc.ts';
import { type Answer, MessageIds, messageId } from './message-ids.ts';
import { SerialTnc } from './serial-tnc.ts';
import type { RadioSettings } from './settings.ts';
import { TcpTnc } from './tcp-tnc.ts';
import type { Tnc, TncListener, TncTrouble } from './tnc.ts';

/** What the driver needs from outside. Tests replace it. */
export interface RadioServices extends Names {
  /** Monotonic ms. Default: the machine's. */
  readonly nowMs?: () => MonoMs;
  /** How long a TNC takes to enter KISS mode. Default: as long as real ones do. */
  readonly initTimes?: InitTimes;
}

/**
 * APRS messages over a KISS TNC. A message counts as delivered when the receiver's acknowledgement
 * of its id is heard.
 */
export function createRadioDriver(settings: RadioSettings, sink: PathSink, services: RadioServices = {}): PathDriver {
  return new RadioDriver(settings, sink, services);
}

class RadioDriver implements PathDriver, TncListener {
  readonly id: string;
  readonly #receiver: string;
  readonly #sink: PathSink;
  readonly #frames: RadioFrames;
  readonly #tnc: Tnc;
  readonly #nowMs: () => MonoMs;
  readonly #scanner = new KissScanner();
  readonly #ids = new MessageIds();
  readonly #heard = new HeardMessages();
  readonly #soon: SoonOutcomes;
  /**
   * An attempt got no answer. The TNC may have been switched off and on behind its adapter, and
   * then it has lost its parameters.
   */
  #inDoubt = false;
  #running = false;
  #isUp = false;

  constructor(settings: RadioSettings, sink: PathSink, services: RadioServices) {
    this.id = settings.id;
    this.#receiver = settings.receiver;
    this.#sink = sink;
    this.#soon = new SoonOutcomes((attempt, outcome) => sink.outcome(settings.id, attempt, outcome));
    this.#frames = new RadioFrames(settings);
    this.#nowMs = services.nowMs ?? monoMs;
    const { tnc, tncInit: init } = settings;
    const where = 'host' in tnc ? `${tnc.host}:${tnc.port}` : tnc.port;
    this.#tnc = new KissModeTnc({ where, init, times: services.initTimes }, this, (listener) =>
      'host' in tnc ? new TcpTnc(tnc, listener, services, sink.tap) : new SerialTnc(tnc, listener, sink.tap),
    );
  }

  start(): void {
    this.#running = true;
    this.#tnc.start();
  }

  stop(): Promise<void> {
    this.#running = false;
    this.#soon.clear();
    return this.#tnc.stop();
  }

  send(attempt: Attempt): void {
    if (!this.#running) return;
    const id = messageId(attempt.sequence);
    // A poll proves the present: an answer to an earlier poll does not count.
    const answer = attempt.report && this.#ids.takeAnswer(id, attempt.report.id);
    if (answer !== undefined) this.#soon.add(attempt.attempt, this.#outcomeOf(answer));
    else if (this.#tnc.trouble !== undefined) this.#failSoon(attempt.attempt, this.#tnc.trouble);
    else this.#transmit(attempt, id);
  }

  abandon(attempt: number): void {
    this.#soon.drop(attempt);
    if (this.#ids.abandon(attempt)) this.#inDoubt = true;
  }

  opened(): void {
    this.#scanner.reset();
    this.#inDoubt = false;
    this.#tnc.write(this.#frames.parameters());
    this.#linkIs(true);
  }

  bytes(chunk: Uint8Array): void {
    for (const frame of this.#scanner.push(chunk)) {
      const heard = this.#frames.read(frame);
      if (heard !== undefined && this.#running) this.#take(heard);
    }
  }

  notSent(trouble: TncTrouble): void {
    for (const attempt of this.#ids.abandonAll()) this.#failSoon(attempt, trouble);
    this.#inDoubt = true;
  }

  lost(trouble: TncTrouble): void {
    for (const attempt of this.#ids.abandonAll()) this.#failSoon(attempt, trouble);
    this.#linkIs(false);
  }

  #linkIs(up: boolean): void {
    if (this.#isUp === up) return;
    this.#isUp = up;
    this.#sink.link?.(this.id, up);
  }

  #transmit(attempt: Attempt, id: string): void {
    let frame: Uint8Array;
    try {
      frame = this.#frames.attempt(attempt);
    } catch (error) {
      const detail = `the message can't be coded: ${messageOf(error)}`;
      this.#failSoon(attempt.attempt, { reason: 'protocolError', detail });
      return;
    }
    const bytes = this.#inDoubt ? Buffer.concat([this.#frames.parameters(), frame]) : frame;
    if (!this.#tnc.write(bytes)) {
      const lost: TncTrouble = { reason: 'unreachable', detail: 'the TNC was lost' };
      this.#failSoon(attempt.attempt, this.#tnc.trouble ?? lost);
      return;
    }
    this.#inDoubt = false;
    this.#ids.begin(id, attempt.report?.id, attempt.attempt, this.#nowMs());
    this.#sink.sent(this.id, attempt.attempt, monoMs());
  }

  #take({ source, repeated, message }: Heard): void {
    if (message.type !== 'message') {
      this.#answered(source, message.id, message.type);
      return;
    }
    if (message.replyAck !== undefined) this.#answered(source, message.replyAck, 'ack');
    const { id } = message;
    const onWay = repeated || this.#frames.isRepeated;
    if (id === undefined || !this.#heard.answers(source, id, onWay, this.#nowMs())) return;
    this.#tnc.write(this.#frames.acknowledgement(source, id));
  }

  /**
   * Only the receiver's own acknowledgement counts, as far as a channel without authentication can
   * show whose it is.
   */
  #answered(source: string, id: string, answer: Answer): void {
    if (!this.#frames.isReceiver(source)) return;
    const attempt = this.#ids.settle(id, answer, this.#nowMs());
    if (attempt !== undefined) this.#sink.outcome(this.id, attempt, this.#outcomeOf(answer));
  }

  #outcomeOf(answer: Answer): Outcome {
    if (answer === 'ack') return { type: 'receiverAcknowledged' };
    return { type: 'notUnderstood', detail: `${this.#receiver} rejects the message (rej): is it ready for messages?` };
  }

  #failSoon(attempt: number, { reason, detail }: TncTrouble): void {
    this.#soon.fail(attempt, reason, detail);
  }
}
