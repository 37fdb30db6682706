import type { MonoMs, WallMs } from '../../../protocol/clocks.ts';
import { encodeEvent } from '../../../protocol/dc09/event.ts';
import { encodeMessage } from '../../../protocol/dc09/message.ts';
import type { Sealer } from '../../../protocol/dc09/sealer.ts';
import type { Attempt, Report } from '../../core/report.ts';
import { monoMs } from '../../system/clock.ts';
import type { Expected } from './answer.ts';
import { opensslSealer } from './openssl-sealer.ts';
import { SealedAnswers } from './sealed-answers.ts';
import type { Dc09Account } from './settings.ts';

const NO_BLOCKS: readonly string[] = [];
const POLL = { data: '', xdata: NO_BLOCKS };

/** The frames of one account, and what the answers to them must look like. */
export class AttemptFrames {
  readonly #settings: Dc09Account;
  /** Upper case. */
  readonly #account: string;
  readonly #sealer: Sealer | undefined;
  /** The acknowledgements of this receiver that counted. */
  readonly #accepted = new SealedAnswers();
  readonly #isReplay: (sealed: string) => boolean;

  /**
   * @param nowMs the monotonic clock
   * @param pad random bytes, valid until its next call; default: from the system
   */
  constructor(settings: Dc09Account, nowMs: () => MonoMs = monoMs, pad?: (count: number) => Uint8Array) {
    this.#settings = settings;
    this.#account = settings.account.toUpperCase();
    this.#sealer = settings.key && opensslSealer(settings.key, pad);
    this.#isReplay = (sealed) => this.#accepted.isReplay(sealed, nowMs());
  }

  /**
   * The frame of one attempt, stamped with the time of this sending: receivers refuse frames more
   * than 40 s old, so a report that has waited must not carry its old stamp. The event's own fields
   * say when it happened.
   *
   * @param stampMs this machine's wall clock plus the attempt's clock offset
   * @throws RangeError if the event doesn't fit a frame
   */
  encode({ report, sequence, format, clockOffsetMs }: Attempt, stampMs: WallMs): Uint8Array {
    const { formats, receiver, prefix, timestamp } = this.#settings;
    const eventFormat = formats[format] ?? formats.at(-1) ?? 'SIA-DCS';
    const content = report === undefined ? POLL : this.#event(eventFormat, report, clockOffsetMs);
    const message = {
      token: report === undefined ? 'NULL' : eventFormat,
      sequence: report === undefined ? 0 : sequence,
      receiver,
      prefix,
      account: this.#account,
      data: content.data,
      xdata: content.xdata,
      timestampMs: timestamp || this.#sealer !== undefined ? stampMs : undefined,
    };
    return encodeMessage(message, this.#sealer, Buffer.allocUnsafe);
  }

  /**
   * What the answer to that frame must look like.
   *
   * @param answered sequence numbers answered earlier on the same connection
   */
  expected({ report, sequence }: Attempt, stampMs: WallMs, answered: readonly number[]): Expected {
    return {
      sequence: report === undefined ? 0 : sequence,
      account: this.#account,
      stampMs,
      sealer: this.#sealer,
      answered,
      isReplay: this.#isReplay,
    };
  }

  #event(format: 'SIA-DCS' | 'ADM-CID', report: Report, clockOffsetMs: number) {
    return encodeEvent(format, this.#account, {
      id: report.id,
      sia: report.sia,
      contactId: report.contactId,
      qualifier: report.qualifier,
      zone: report.zone,
      area: this.#settings.area ?? report.area,
      text: report.text,
      // Our clock also gives the time of the event. The receiver has reported the difference, and
      // should read its own time here.
      occurredMs: report.occurredMs + clockOffsetMs,
    });
  }
}
