import type { Attempt, Outcome, Report } from '../../core/report.ts';
import { SerialLine } from '../../serial/serial-line.ts';
import { monoMs } from '../../system/clock.ts';
import { LineWriter } from '../line-writer.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { AtDialogue } from './at-dialogue.ts';
import { DeliveredParts } from './delivered-parts.ts';
import { type SmsText, smsText } from './message-text.ts';
import { type MessagePart, Modem } from './modem.ts';
import type { SmsSettings } from './settings.ts';
import type { SmsTrouble } from './sms-trouble.ts';
import { SMS_TIMES, type SmsTimes } from './times.ts';

/** Rounds over the missing numbers, if at least one part was accepted. */
const ROUNDS = 3;

/** Room for several commands and messages. A modem that reads none of them gets no more. */
const WAITING_BYTES_MAX = 4_096;

interface Work {
  readonly attempt: Attempt;
  /** Nothing waits for its outcome any more. */
  abandoned: boolean;
  isSent: boolean;
}

/**
 * Sends text messages by a modem on a serial port. A message that the SMS centre accepts is handed
 * over.
 */
export function createSmsDriver(settings: SmsSettings, sink: PathSink, times: SmsTimes = SMS_TIMES): PathDriver {
  return new SmsDriver(settings, sink, times);
}

class SmsDriver implements PathDriver {
  readonly id: string;
  readonly #settings: SmsSettings;
  readonly #sink: PathSink;
  readonly #times: SmsTimes;
  readonly #line: SerialLine;
  readonly #writer: LineWriter;
  readonly #at: AtDialogue;
  readonly #modem: Modem;
  readonly #delivered = new DeliveredParts();
  readonly #queue: Work[] = [];
  #current: Work | undefined;
  #isBusy = false;
  /**
   * Why the port can't be used. `undefined`: it is open, or it is being opened for the first time
   * and attempts wait for that.
   */
  #portTrouble: string | undefined;
  #bringUpTimer: NodeJS.Timeout | undefined;
  /** Ends a pause between two rounds. */
  #endPause: (() => void) | undefined;
  #isRunning = false;

  constructor(settings: SmsSettings, sink: PathSink, times: SmsTimes) {
    this.id = settings.id;
    this.#settings = settings;
    this.#sink = sink;
    this.#times = times;
    this.#line = new SerialLine(
      settings.port,
      { baudRate: settings.baudRate },
      {
        opened: () => this.#opened(),
        bytes: (chunk) => this.#at.bytes(chunk),
        down: ({ detail }) => this.#lost(detail),
        tap: sink.tap,
      },
    );
    this.#writer = new LineWriter(
      (bytes) => (this.#line.isOpen ? this.#line.write(bytes) : bytes.length),
      WAITING_BYTES_MAX,
    );
    this.#at = new AtDialogue((bytes) => this.#writer.write(bytes), { started: () => this.#started() }, times);
    this.#modem = new Modem(this.#at, settings, times);
  }

  start(): void {
    this.#isRunning = true;
    this.#line.start();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#queue.length = 0;
    this.#release();
    await this.#line.stop();
  }

  send(attempt: Attempt): void {
    if (!this.#isRunning) return;
    const work = { attempt, abandoned: false, isSent: false };
    // A poll goes last: an alarm must not wait for a modem that is looking for its network.
    const place =
      attempt.report === undefined ? -1 : this.#queue.findIndex((each) => each.attempt.report === undefined);
    if (place < 0) this.#queue.push(work);
    else this.#queue.splice(place, 0, work);
    void this.#serve();
  }

  abandon(attempt: number): void {
    const place = this.#queue.findIndex((work) => work.attempt.attempt === attempt);
    if (place >= 0) this.#queue.splice(place, 1);
    if (this.#current?.attempt.attempt !== attempt) return;
    this.#current.abandoned = true;
    this.#at.giveUp();
    this.#modem.doubt();
    this.#endPause?.();
  }

  #opened(): void {
    this.#portTrouble = undefined;
    this.#at.open();
    this.#modem.forget();
    this.#bringUpIn(0);
    this.#sink.link?.(this.id, true);
  }

  #lost(detail: string): void {
    this.#portTrouble = detail;
    this.#modem.forget();
    this.#release();
    void this.#serve();
    this.#sink.link?.(this.id, false);
  }

  /** A modem that has just started needs a moment before it listens. */
  #started(): void {
    this.#modem.forget();
    this.#bringUpIn(this.#times.answerMs);
  }

  /** Ends every wait for the modem or for time to pass. */
  #release(): void {
    clearTimeout(this.#bringUpTimer);
    this.#writer.clear();
    this.#at.close(this.#portTrouble ?? 'the gateway stops');
    this.#endPause?.();
  }

  /** The modem is kept set up while idle, so that an alarm finds it ready. */
  #bringUpIn(delayMs: number): void {
    clearTimeout(this.#bringUpTimer);
    this.#bringUpTimer = setTimeout(() => void this.#serve(), delayMs);
  }

  async #serve(): Promise<void> {
    if (this.#isBusy || (!this.#line.isOpen && this.#portTrouble === undefined)) return;
    this.#isBusy = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        this.#current = next;
        this.#report(next, await this.#carryOut(next));
        this.#current = undefined;
      }
      if (this.#line.isOpen && !this.#modem.isReady) await this.#modem.ready();
    } finally {
      this.#isBusy = false;
    }
    if (this.#queue.length > 0) await this.#serve();
    else if (this.#line.isOpen && !this.#modem.isReady) this.#bringUpIn(this.#times.bringUpMs);
  }

  #report({ attempt, abandoned }: Work, outcome: Outcome | undefined): void {
    if (outcome === undefined || abandoned || !this.#isRunning) return;
    this.#sink.outcome(this.id, attempt.attempt, outcome);
  }

  /** Never rejects. `undefined`: abandoned. */
  async #carryOut(work: Work): Promise<Outcome | undefined> {
    // Not within `send`.
    await Promise.resolve();
    if (this.#portTrouble !== undefined) return { type: 'failed', reason: 'unreachable', detail: this.#portTrouble };
    const { report } = work.attempt;
    if (report === undefined) return this.#poll(work);
    const trouble = await this.#modem.ready();
    return trouble === undefined ? this.#deliver(work, report) : outcomeOf(trouble);
  }

  async #poll(work: Work): Promise<Outcome> {
    this.#reportSent(work);
    const trouble = await this.#modem.network();
    // This proves that the network knows us, but not that it would accept a message.
    return trouble === undefined ? { type: 'handedOver' } : outcomeOf(trouble);
  }

  async #deliver(work: Work, report: Report): Promise<Outcome | undefined> {
    const { recipients } = this.#settings;
    const message = smsText(report);
    const delivered = this.#delivered.of(`${report.id} ${message.text}`);
    for (let round = 1; ; round++) {
      const troubles = await this.#deliverMissing(work, message, delivered);
      if (work.abandoned) return undefined;
      if (troubles.size === 0) return { type: 'handedOver' };
      const isHopeless = [...troubles.values()].some(({ cause }) => cause === 'silence');
      if (delivered.size === 0 || isHopeless || round === ROUNDS) {
        const { sequence } = work.attempt;
        const has = (number: string) =>
          message.parts(number, sequence).every((_, place) => delivered.has(partName(number, place)));
        return partialOutcome(recipients.filter(has).length, recipients.length, troubles);
      }
      await this.#pause(this.#times.roundMs * round);
      if (work.abandoned) return undefined;
    }
  }

  /** @returns what went wrong, for each number that lacks a part */
  async #deliverMissing(work: Work, message: SmsText, delivered: Set<string>): Promise<Map<string, SmsTrouble>> {
    const troubles = new Map<string, SmsTrouble>();
    for (const number of this.#settings.recipients) {
      const trouble = await this.#deliverTo(number, work, message, delivered);
      if (work.abandoned) break;
      if (trouble !== undefined) troubles.set(number, trouble);
      // The other numbers would only wait for the same answer.
      if (trouble?.cause === 'silence') break;
    }
    return troubles;
  }

  /** Sends each part that this number does not have yet. */
  async #deliverTo(
    number: string,
    work: Work,
    message: SmsText,
    delivered: Set<string>,
  ): Promise<SmsTrouble | undefined> {
    for (const [place, part] of message.parts(number, work.attempt.sequence).entries()) {
      const name = partName(number, place);
      if (delivered.has(name)) continue;
      const trouble = await this.#message(work, number, part, () => delivered.add(name));
      if (work.abandoned || trouble !== undefined) return trouble;
    }
    return undefined;
  }

  /**
   * A modem that restarted silently refuses what it accepted before. So it is set up once more, and
   * asked again.
   */
  async #message(work: Work, number: string, part: MessagePart, accepted: () => void): Promise<SmsTrouble | undefined> {
    for (let isAgain = false; ; isAgain = true) {
      const trouble = (await this.#modem.ready()) ?? (await this.#hand(work, number, part, accepted));
      if (trouble === 'unwanted' || work.abandoned) return undefined;
      if (trouble === undefined) accepted();
      if (trouble === undefined || isAgain || trouble.cause !== 'modem') return trouble;
    }
  }

  #hand(
    work: Work,
    number: string,
    part: MessagePart,
    accepted: () => void,
  ): Promise<SmsTrouble | 'unwanted' | undefined> {
    return this.#modem.message(number, part, {
      wanted: () => !work.abandoned,
      handed: () => this.#reportSent(work),
      late: (isAccepted) => {
        if (isAccepted) accepted();
      },
    });
  }

  #reportSent(work: Work): void {
    if (work.isSent || work.abandoned || !this.#isRunning) return;
    work.isSent = true;
    this.#sink.sent(this.id, work.attempt.attempt, monoMs());
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endPause?.(), ms);
      this.#endPause = () => {
        clearTimeout(timer);
        this.#endPause = undefined;
        resolve();
      };
    });
  }
}

function partName(number: string, place: number): string {
  return `${number} part ${place + 1}`;
}

/**
 * No answer of a modem is about the report itself, so the report is tried again as after a network
 * fault.
 */
function partialOutcome(accepted: number, of: number, troubles: ReadonlyMap<string, SmsTrouble>): Outcome {
  const [first] = troubles.values();
  if (first === undefined) return { type: 'handedOver' };
  const each = [...troubles].map(([number, { words }]) => `${number}: ${words}`).join('; ');
  const words = of === 1 || first.cause === 'silence' ? first.words : each;
  const detail = accepted === 0 ? words : `taken for ${accepted} of ${of} numbers; ${words}`;
  return { type: 'failed', reason: first.reason, detail };
}

function outcomeOf({ reason, words }: SmsTrouble): Outcome {
  return { type: 'failed', reason, detail: words };
}
