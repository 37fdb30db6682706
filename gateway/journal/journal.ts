import { randomUUID } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import { messageOf } from '../../protocol/errors.ts';
import type { JournalEntry } from '../core/journal-record.ts';
import { PacedAction } from '../system/paced-action.ts';
import { startWorkerThread } from '../system/worker-thread.ts';
import type { JournalState } from './journal-health.ts';
import type { PendingRecord } from './record-batch.ts';
import { RecordQueue } from './record-queue.ts';
import { parseRecords, type Recovered } from './recovered-records.ts';
import type { JournalSettings } from './settings.ts';
import type { FromThread, RecoveredTexts, ThreadOpened, ThreadStart, ToThread } from './thread-messages.ts';

/**
 * The journal reports here what became of records. Called from the event loop, also before
 * `openJournal` resolves.
 */
export interface JournalSink {
  /**
   * All records up to this number are on the medium. Records dropped for want of memory were
   * reported as lost.
   */
  durable(number: number): void;
  health(state: JournalState, detail: string): void;
  /** Records of earlier runs that could be read only after `openJournal` had resolved. */
  late?(recovered: Recovered): void;
}

export interface Journal {
  /**
   * Never blocks, never throws.
   *
   * @param number rises by one with each record of this run
   */
  append(number: number, entry: JournalEntry): void;
  /** Writes the records that wait, for at most 2 s. Append nothing afterwards. */
  close(): Promise<void>;
}

/** Longest wait for the records of earlier runs, ms. */
const OPEN_MS = 5_000;
/** The disk hangs if a write takes longer, ms. */
const HANG_MS = 2_000;
const CHECK_MS = HANG_MS / 2;
/** The thread hangs if it does not answer for so long while no record waits for it, ms. */
const SILENT_MS = 5_000;
const CLOSE_MS = 2_000;
const STILL_READING =
  'the disk is slow: the records of earlier runs are still being read; the gateway uses them once it has read them';
const NOT_YET_READ = `not read within ${OPEN_MS / 1000} s; the gateway uses the records once it has read them`;
const RESTART_MS = 1_000;
/** Records given to the thread at once. */
const BATCH_RECORDS = 4_096;
/**
 * In a storm the thread gets records at this interval, so that one write makes all of them durable.
 * Milliseconds.
 */
const GATHER_MS = 20;
/**
 * This many records appended in one go are sent without waiting for the end of the current task.
 */
const EARLY_RECORDS = 512;

/**
 * Keeps the thread's memory small: it holds a batch, not the journal. In development the compiler
 * runs in it too.
 */
const HEAP = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 };

/**
 * Opens the journal in a thread of its own. Never rejects, and takes at most about 5 s. If the disk
 * can't be read or written, the gateway continues, `health` says so, and the journal tries again
 * without end.
 */
export async function openJournal(
  settings: JournalSettings,
  sink: JournalSink,
): Promise<{ journal: Journal; recovered: Recovered }> {
  const journal = new ThreadJournal(settings, sink);
  const opened = await journal.opened;
  return { journal, recovered: parseRecords(opened) };
}

class ThreadJournal implements Journal {
  readonly opened: Promise<ThreadOpened>;
  #start: ThreadStart;
  #sink: JournalSink;
  #resolveOpened: (opened: ThreadOpened) => void = () => {};
  #worker: Worker | undefined;
  #isReady = false;
  /** The thread reads the records of earlier runs. */
  #isReading = false;
  #isClosed = false;
  #queue = new RecordQueue();
  /**
   * Records given to the thread that are not durable yet. There is one batch at a time, so that a
   * hanging disk fills this bounded memory and no message port.
   */
  #underWay: PendingRecord[] = [];
  /** Records that only the thread's memory has, for the next thread. */
  #owed: readonly PendingRecord[] = [];
  #heardMs = performance.now();
  /** Checks since the thread was asked to answer, if it has not; 0: it has. */
  #asked = 0;
  #hangs = false;
  #state: JournalState = 'ok';
  #detail = '';
  #hasDied = false;
  #isLate = false;
  #wasDurable = false;
  #posting = new PacedAction(() => this.#post(), GATHER_MS);
  #wake: (() => void) | undefined;
  #watch: NodeJS.Timeout;

  constructor(settings: JournalSettings, sink: JournalSink) {
    this.#sink = sink;
    this.#start = { settings, run: randomUUID() };
    this.opened = new Promise((resolve) => {
      this.#resolveOpened = resolve;
    });
    const nothing: ThreadOpened = { type: 'opened', texts: [], damaged: 0, detail: '', unread: NOT_YET_READ };
    const timer = setTimeout(() => {
      if (this.#isReading) this.#setHealth('degraded', STILL_READING);
      else this.#hang(`the disk has not answered for ${OPEN_MS / 1000} s`);
      this.#isLate = true;
      this.#resolveOpened(nothing);
    }, OPEN_MS);
    this.opened.then(() => clearTimeout(timer)).catch(() => undefined);
    this.#watch = setInterval(() => this.#watchDisk(), CHECK_MS);
    this.#watch.unref();
    this.#startThread();
  }

  append(number: number, entry: JournalEntry): void {
    if (this.#isClosed) return;
    const { holds, releases } = entry;
    const json = JSON.stringify(entry);
    const lost = this.#queue.push({ number, json, ...(holds && { holds }), ...(releases && { releases }) });
    if (lost > 0)
      this.#sink.health('failed', `${lost} records not yet written are lost: there is no more room in memory`);
    if (this.#queue.length >= EARLY_RECORDS) this.#post();
    else this.#posting.request();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#posting.cancel();
    this.#post();
    const deadline = performance.now() + CLOSE_MS;
    while (this.#underWay.length + this.#queue.length > 0 && performance.now() < deadline) await this.#change(deadline);
    clearInterval(this.#watch);
    const worker = this.#worker;
    this.#send({ type: 'close' });
    while (this.#worker !== undefined && performance.now() < deadline) await this.#change(deadline);
    if (this.#worker === undefined) return;
    worker?.unref();
    void worker?.terminate();
  }

  /** Resolves when the thread has sent a message, or at the deadline. */
  #change(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, deadline - performance.now()));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #startThread(): void {
    const options = { workerData: this.#start, resourceLimits: HEAP, name: 'journal' };
    const worker = startWorkerThread(new URL('./journal-thread', import.meta.url), import.meta.url, options);
    this.#worker = worker;
    this.#heardMs = performance.now();
    this.#asked = 0;
    worker.on('message', (message: FromThread) => this.#heard(message));
    worker.on('error', (error) => {
      this.#hasDied = true;
      this.#setHealth('failed', `the journal's thread stopped: ${messageOf(error)}`);
    });
    worker.on('exit', () => this.#ended());
  }

  /** Replaces a thread that died. The new one writes again what the old one had not confirmed. */
  #ended(): void {
    this.#worker = undefined;
    this.#isReady = false;
    this.#isReading = false;
    this.#wake?.();
    if (this.#isClosed) return;
    setTimeout(() => this.#startThread(), RESTART_MS).unref();
  }

  #heard(message: FromThread): void {
    this.#heardMs = performance.now();
    this.#asked = 0;
    if (this.#hangs) this.#recoverFromHang();
    if (message.type === 'durable') this.#durable(message.number);
    else if (message.type === 'health') this.#threadHealth(message.state, message.detail);
    else if (message.type === 'opened') this.#threadOpened(message);
    else if (message.type === 'late') this.#toldLate(message);
    else if (message.type === 'owed') this.#owed = message.records;
    else if (message.type === 'reading') this.#isReading = true;
    this.#wake?.();
  }

  #threadHealth(state: JournalState, detail: string): void {
    this.#hasDied = false;
    this.#setHealth(state, detail);
  }

  #threadOpened(message: ThreadOpened): void {
    this.#isReady = true;
    this.#isReading = false;
    this.#resolveOpened(message);
    if (this.#detail === STILL_READING) this.#setHealth('ok', 'the records of earlier runs have been read');
    if (this.#hasDied) this.#runsAgain(message);
    if (this.#isLate) this.#toldLate(message);
    this.#isLate = false;
    const left = [...this.#owed, ...this.#underWay];
    if (left.length > 0) this.#send({ type: 'commit', records: left });
    if (this.#underWay.length === 0) this.#post();
  }

  #runsAgain({ texts }: ThreadOpened): void {
    if (this.#wasDurable && this.#owed.length === 0 && texts.length === 0) {
      const gone = "the journal's thread runs again and finds nothing of what it had written";
      this.#threadHealth('degraded', `${gone}: the directory was deleted, moved or unmounted`);
    } else this.#threadHealth('ok', "the journal's thread runs again");
  }

  #toldLate(message: RecoveredTexts): void {
    if (this.#sink.late !== undefined) this.#sink.late(parseRecords(message));
    else if (this.#state === 'ok') {
      this.#setHealth('degraded', 'the records of earlier runs were read too late: a restart uses them');
    }
  }

  #durable(number: number): void {
    const open = this.#underWay.findIndex((record) => record.number > number);
    this.#underWay = open < 0 ? [] : this.#underWay.slice(open);
    this.#wasDurable = true;
    this.#sink.durable(number);
    if (this.#isClosed) this.#post();
    else if (this.#queue.length > 0) this.#posting.request();
  }

  #post(): void {
    if (!this.#isReady || this.#underWay.length > 0 || this.#queue.length === 0) return;
    this.#underWay = this.#queue.take(BATCH_RECORDS);
    this.#heardMs = performance.now();
    this.#send({ type: 'commit', records: this.#underWay });
  }

  #send(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  #watchDisk(): void {
    const isAwaited = this.#isReady ? this.#underWay.length > 0 : this.#isReading && this.#isLate;
    const waits = isAwaited && this.#state !== 'failed';
    if (waits && performance.now() - this.#heardMs > HANG_MS) {
      this.#hang(`the disk has not answered for ${HANG_MS / 1000} s`);
    }
    this.#watchThread();
  }

  /**
   * While no record waits, the thread could hang unnoticed until the next alert. Checks are
   * counted, not time: while this thread stood still, nobody could answer it.
   */
  #watchThread(): void {
    if (!this.#isReady || this.#underWay.length > 0) {
      this.#asked = 0;
      return;
    }
    if (this.#asked === 0) this.#send({ type: 'ask' });
    this.#asked += 1;
    const silentMs = (this.#asked - 1) * CHECK_MS;
    if (silentMs >= SILENT_MS) this.#hang(`the journal's thread has not answered for ${silentMs / 1000} s`);
  }

  #hang(detail: string): void {
    if (this.#hangs || this.#state === 'failed') return;
    this.#hangs = true;
    this.#sink.health('failed', detail);
  }

  #recoverFromHang(): void {
    this.#hangs = false;
    this.#sink.health(this.#state, this.#state === 'ok' ? 'the disk answers again' : this.#detail);
  }

  #setHealth(state: JournalState, detail: string): void {
    if (state === this.#state && detail === this.#detail) return;
    this.#state = state;
    this.#detail = detail;
    this.#sink.health(state, detail);
  }
}
