import type { CoreInput } from '../../../gateway/core/input.ts';
import type { JournalRecord, TroubleRecord } from '../../../gateway/core/journal-record.ts';
import type { Signal } from '../../../gateway/core/signal.ts';
import type { Path } from '../../../gateway/core/site.ts';
import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';
import { JournalWatch } from './journal-watch.ts';
import { KeptByJournal } from './kept-by-journal.ts';

const SLACK_MS = 5_000;
/** From then on a gateway may use its session number, durable or not. */
const WITHHELD_MS = 2_000;
/** A path in doubt is polled this often. */
const DOUBT_MS = 5_000;
/** What is well again at the end of a life, and was told when it was not. */
const OVER_AT_END = /^(deviceMissing|pathDown|inputDown|brokerDown|journalFailed|lowBattery|tamper)\./;

/**
 * Promise 3: each loss is told within its window and once, and its end, too. What the input says,
 * the troubles say after it.
 */
export class TroublesTold implements Checker {
  readonly promise = 'never silently broken';
  readonly #deps: CheckerDeps;
  readonly #journal = new JournalWatch();
  /** By type and subject. */
  readonly #standing = new KeptByJournal<string>();
  /** Ids of the reports that were made. */
  readonly #reported = new KeptByJournal<true>();
  /** Reports that the records of this input ask for. */
  readonly #owed = new Set<string>();
  /** Troubles that this input has to bring. */
  readonly #expected = new Map<string, string>();
  /** When each device was last heard, by whatever message. */
  readonly #heardMs = new Map<string, number>();
  /** The newest number of each device, and when it came. */
  readonly #newest = new Map<string, { epoch: number; counter: number; atMs: number }>();
  /** What each device said of itself last. */
  readonly #said = new Map<string, { lowBattery: boolean; tamper: boolean }>();
  readonly #inputUpMs = new Map<string, number>();
  /** When each path last had an answer. */
  readonly #answeredMs = new Map<string, number>();
  readonly #late = new Set<string>();
  /** When each device last sent a press, for the first time or again. */
  readonly #pressMs = new Map<string, number>();
  #upMs = 0;
  #session = 0;
  /** The highest session that nodes may have obeyed before this start. */
  #obeyedSession = 0;
  #lookMs = 0;

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation, nowMs: number): void {
    if (observation.type === 'input' || observation.type === 'event') this.#endOfInput();
    for (const each of [this.#journal, this.#standing, this.#reported]) each.see(observation);
    if (observation.type === 'up') this.#session = observation.session;
    if (observation.type === 'down' && (this.#journal.isSure || nowMs >= this.#upMs + WITHHELD_MS))
      this.#obeyedSession = Math.max(this.#obeyedSession, this.#session);
    if (observation.type === 'up' || observation.type === 'down') this.#restart(nowMs);
    else if (observation.type === 'reloaded') this.#restart(nowMs);
    else if (observation.type === 'input') this.#input(observation.input, nowMs);
    else if (observation.type === 'effect' && observation.effect.type === 'journal')
      this.#journalled(observation.effect.entry.record, observation.effect.number, nowMs);
    if (nowMs >= this.#lookMs) this.#look(nowMs);
  }

  end(nowMs: number): void {
    for (const [key] of this.#standing.entries()) {
      const path = key.startsWith('pathDown.') ? this.#path(key.slice('pathDown.'.length)) : undefined;
      // Where nothing polls, the next report says that the path is well.
      if (path?.supervision.mode === 'off' || this.#isStillSo(key, nowMs)) continue;
      if (OVER_AT_END.test(key)) this.#broken(`${key} still stands, although all is well`);
    }
  }

  /** A device may have died while its battery was low, or have lost its numbers. */
  #isStillSo(key: string, nowMs: number): boolean {
    const [type = '', subject = ''] = key.split('.');
    if (type === 'deviceMissing') return this.#deps.ledger.unnumbered.has(subject) || this.#isDeaf(subject, nowMs);
    return (type === 'lowBattery' || type === 'tamper') && this.#said.get(subject)?.[type] !== false;
  }

  /**
   * A node obeys only a session above the last. One that has a press repeats it for ever, sends
   * nothing else, and is missing (hardware/button-bus.md, sections 7.5 and 8.4).
   */
  #isDeaf(device: string, nowMs: number): boolean {
    const isRepeating = nowMs - (this.#pressMs.get(device) ?? Number.NEGATIVE_INFINITY) < SLACK_MS;
    return isRepeating && this.#session <= this.#obeyedSession;
  }

  #restart(nowMs: number): void {
    this.#owed.clear();
    this.#expected.clear();
    this.#inputUpMs.clear();
    this.#answeredMs.clear();
    this.#heardMs.clear();
    this.#late.clear();
    this.#upMs = nowMs;
  }

  #journalled(record: JournalRecord, number: number, nowMs: number): void {
    if (record.t === 'report') {
      const { id } = record.report;
      const isOfKnown = !this.#deps.ledger.isRaisedBlind(id);
      if (this.#reported.has(id) && this.#journal.isSure && isOfKnown) this.#broken(`${id} was reported twice`);
      this.#reported.set(id, true, number);
      this.#owed.delete(id);
    } else if (record.t === 'trouble') this.#trouble(record, number, nowMs);
  }

  #trouble(record: TroubleRecord, number: number, nowMs: number): void {
    const { id, type, subject, state, reported } = record;
    const key = `${type}.${subject}`;
    if (reported !== true) this.#owed.add(state === 'restored' ? `${id}.restore` : id);
    if (state === 'restored') this.#standing.delete(key, number);
    if (state !== 'standing') return;
    const isNew = reported !== true;
    if (isNew && this.#standing.has(key) && this.#journal.isSure) this.#broken(`${key} was told, and stands already`);
    if (isNew && type === 'deviceMissing') this.#missing(subject, nowMs);
    this.#standing.set(key, id, number);
    this.#expected.delete(key);
  }

  /** @param id of the device that was reported missing */
  #missing(id: string, nowMs: number): void {
    const device = this.#deps.ledger.site?.devices.get(id);
    const newest = this.#newest.get(id);
    if (device === undefined || newest === undefined || device.heartbeatMs === 0) return;
    if (device.bridge !== undefined || device.watched || this.#deps.ledger.unnumbered.has(id)) return;
    if (nowMs - newest.atMs < device.heartbeatMs * device.missedHeartbeats - SLACK_MS)
      this.#broken(`${id} was reported missing ${Math.round(nowMs - newest.atMs)} ms after it was heard`);
  }

  #input(input: CoreInput, nowMs: number): void {
    switch (input.type) {
      case 'signal':
        this.#heard(input.signal, nowMs);
        break;
      case 'inputHealth': {
        const { input: id, state } = input.health;
        if (state !== 'up') this.#inputUpMs.delete(id);
        else if (!this.#inputUpMs.has(id)) this.#inputUpMs.set(id, nowMs);
        if (state === 'down') this.#expect(`inputDown.${id}`, 'the line is down');
        break;
      }
      case 'journalHealth':
        if (input.state === 'failed') this.#expect('journalFailed.journal', 'the journal cannot be written');
        break;
      case 'brokerHealth':
        if (input.state === 'down') this.#expect('brokerDown.mqtt', 'the broker is down');
        break;
      case 'outcome':
        if (input.outcome.type !== 'failed') this.#answeredMs.set(input.path, nowMs);
        break;
    }
  }

  #heard({ device, identity, body }: Signal, nowMs: number): void {
    this.#heardMs.set(device, nowMs);
    if (body.type === 'press') this.#pressMs.set(device, nowMs);
    if (identity === undefined) return;
    const { epoch, counter } = identity;
    const newest = this.#newest.get(device);
    const isNew = newest === undefined || epoch > newest.epoch || (epoch === newest.epoch && counter > newest.counter);
    if (!isNew) return;
    this.#newest.set(device, { epoch, counter, atMs: nowMs });
    if (body.type !== 'heartbeat') return;
    this.#said.set(device, { lowBattery: body.lowBattery, tamper: body.tamper });
    if (this.#deps.ledger.unnumbered.has(device)) return;
    if (body.lowBattery) this.#expect(`lowBattery.${device}`, 'its battery is low');
    if (body.tamper) this.#expect(`tamper.${device}`, 'its cover is open');
  }

  /** After this input the trouble stands. */
  #expect(key: string, why: string): void {
    if (!this.#standing.has(key) && this.#journal.isSure) this.#expected.set(key, why);
  }

  #endOfInput(): void {
    for (const [key, why] of this.#expected) this.#broken(`${key} is not told, although ${why}`);
    this.#expected.clear();
    for (const id of this.#owed) this.#broken(`${id} has a record, and no report`);
    this.#owed.clear();
  }

  /** Is something lost for longer than its window, and not told? */
  #look(nowMs: number): void {
    this.#lookMs = nowMs + 1_000;
    const { ledger } = this.#deps;
    if (!ledger.isUp || !this.#journal.isSure) return;
    for (const path of ledger.site?.paths ?? []) this.#lookAtPath(path, nowMs);
    for (const { id, input, heartbeatMs, missedHeartbeats, bridge, watched } of ledger.site?.devices.values() ?? []) {
      const inputUpMs = this.#inputUpMs.get(input);
      if (inputUpMs === undefined || heartbeatMs === 0 || bridge !== undefined || watched) continue;
      const sinceMs = Math.max(this.#upMs, inputUpMs, this.#heardMs.get(id) ?? 0);
      const dueMs = Math.max(sinceMs + heartbeatMs * missedHeartbeats, ledger.stalledToMs + heartbeatMs + SLACK_MS);
      const isOver = nowMs > dueMs + SLACK_MS;
      this.#lookAt(`deviceMissing.${id}`, isOver, `nothing was heard for ${Math.round(nowMs - sinceMs)} ms`);
    }
  }

  #lookAtPath({ id, supervision, retryMsMax, attemptTimeoutMsMax, airTime }: Path, nowMs: number): void {
    if (supervision.mode === 'off' || airTime !== undefined) return;
    const sinceMs = Math.max(this.#upMs, this.#deps.ledger.stalledToMs, this.#answeredMs.get(id) ?? 0);
    const { intervalMs, testIntervalMs, downAfter, mode } = supervision;
    const usualMs = mode === 'auto' ? Math.max(intervalMs, testIntervalMs) : intervalMs;
    const windowMs = usualMs + downAfter * (DOUBT_MS + retryMsMax + attemptTimeoutMsMax) + SLACK_MS;
    this.#lookAt(`pathDown.${id}`, nowMs > sinceMs + windowMs, `no answer for ${Math.round(nowMs - sinceMs)} ms`);
  }

  #lookAt(key: string, isOver: boolean, why: string): void {
    if (!isOver || this.#standing.has(key)) this.#late.delete(key);
    else if (!this.#late.has(key)) {
      this.#late.add(key);
      this.#broken(`${key} is not told, although ${why}`);
    }
  }

  #path(id: string): Path | undefined {
    return this.#deps.ledger.site?.paths.find((path) => path.id === id);
  }

  #broken(what: string): void {
    this.#deps.broken(this.promise, what);
  }
}
