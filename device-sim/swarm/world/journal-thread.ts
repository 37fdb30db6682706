import type { JournalEntry } from '../../../gateway/core/journal-record.ts';
import type { JournalSink } from '../../../gateway/journal/journal.ts';
import { JournalEngine } from '../../../gateway/journal/journal-engine.ts';
import type { PendingRecord } from '../../../gateway/journal/record-batch.ts';
import { RecordQueue } from '../../../gateway/journal/record-queue.ts';
import { parseRecords, type Recovered } from '../../../gateway/journal/recovered-records.ts';
import type { RecoveredSegments } from '../../../gateway/journal/recovery.ts';
import type { JournalSettings } from '../../../gateway/journal/settings.ts';
import type { Random } from '../../random.ts';
import { between } from '../streams.ts';
import type { WorldClock } from '../world-clock.ts';
import type { PageCacheDisk } from './page-cache-disk.ts';

/** Those of the real thread and of the main thread that watches it (gateway/journal/journal.ts). */
const TICK_MS = 1_000;
const OPEN_MS = 5_000;
const HANG_MS = 2_000;
const BATCH_RECORDS = 4_096;
/** A tick of a journal that is well only deletes old segments and looks for lost directories. */
const QUIET_TICK_MS = 300_000;
const STEPS_MAX = 64;

/** How long the disk takes for a write, ms. */
export interface DiskPace {
  leastMs: number;
  mostMs: number;
  /** It answers nothing. */
  isStuck: boolean;
}

interface ThreadDeps {
  readonly clock: WorldClock;
  readonly random: Random;
  readonly disk: PageCacheDisk;
  readonly pace: DiskPace;
  /** Names this start of the gateway. */
  readonly run: string;
  readonly sink: Required<JournalSink>;
}

/**
 * The journal's engine on the simulated disk, and the time that a thread and a disk take. One batch
 * is under way at a time.
 */
export class JournalThread {
  readonly #deps: ThreadDeps;
  readonly #engine: JournalEngine;
  readonly #queue = new RecordQueue();
  #underWay: readonly PendingRecord[] = [];
  #batch = 0;
  #isOpen = false;
  #hasEnded = false;
  #hangs = false;
  #state: 'ok' | 'degraded' | 'failed' = 'ok';
  #detail = '';
  #tickMs = Number.POSITIVE_INFINITY;

  constructor(settings: JournalSettings, deps: ThreadDeps) {
    this.#deps = deps;
    const { clock, disk, run, sink } = deps;
    this.#engine = new JournalEngine(settings, {
      files: disk,
      owner: { text: run, isAlive: (text) => text === run },
      monoMs: () => clock.nowMs,
      wallMs: () => clock.now.wallMs,
      durable: (number) => this.#durable(number),
      health: (state, detail) => this.#health(state, detail),
      late: (recovered) => sink.late(parseRecords(textsOf(recovered))),
    });
  }

  /** Calls back with the records of earlier runs; after 5 s without them. */
  open(opened: (recovered: Recovered) => void): void {
    const { clock, sink } = this.#deps;
    let isLate = false;
    clock.after(OPEN_MS, () => {
      if (this.#hasEnded || this.#isOpen) return;
      isLate = true;
      this.#hang(`the disk has not answered for ${OPEN_MS / 1000} s`);
      opened({ records: [], damaged: 0, detail: '', unread: 'not read in time' });
    });
    this.#whenDiskAnswers(() => {
      this.#isOpen = true;
      const recovered = parseRecords(textsOf(this.#engine.open()));
      if (isLate) {
        this.#answered();
        sink.late(recovered);
      } else opened(recovered);
      this.#work();
      this.#armTick();
      this.#post();
    });
  }

  append(number: number, entry: JournalEntry): void {
    const { holds, releases } = entry;
    const json = JSON.stringify(entry);
    const lost = this.#queue.push({ number, json, ...(holds && { holds }), ...(releases && { releases }) });
    if (lost > 0) this.#deps.sink.health('failed', `${lost} records not yet written are lost`);
    this.#post();
  }

  /** Records that no write has made durable. */
  get waiting(): number {
    return this.#queue.length + this.#underWay.length;
  }

  /** The process ends now: a write that is under way is torn. */
  kill(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { disk } = this.#deps;
    if (this.#isOpen && this.#underWay.length > 0) {
      disk.process = 'dying';
      this.#engine.commit(this.#underWay);
    }
  }

  /** Writes what waits, if the disk answers. The process ends right after. */
  close(): void {
    if (this.#hasEnded) return;
    if (this.#isOpen && !this.#deps.pace.isStuck) {
      this.#engine.commit([...this.#underWay, ...this.#queue.take(Number.MAX_SAFE_INTEGER)]);
      this.#engine.close();
    }
    this.#hasEnded = true;
  }

  #post(): void {
    if (!this.#isOpen || this.#underWay.length > 0 || this.#queue.length === 0) return;
    this.#underWay = this.#queue.take(BATCH_RECORDS);
    this.#batch += 1;
    const batch = this.#batch;
    this.#deps.clock.after(HANG_MS + TICK_MS / 2, () => {
      if (this.#batch === batch && this.#underWay.length > 0 && !this.#hasEnded)
        this.#hang(`the disk has not answered for ${HANG_MS / 1000} s`);
    });
    this.#whenDiskAnswers(() => {
      const records = this.#underWay;
      this.#deps.disk.wallMs = this.#deps.clock.now.wallMs;
      this.#answered();
      this.#engine.commit(records);
      // What can't be written now waits in the engine.
      this.#underWay = [];
      this.#work();
      this.#armTick();
      this.#post();
    });
  }

  #whenDiskAnswers(then: () => void): void {
    const { clock, random, pace } = this.#deps;
    clock.after(between(random, pace.leastMs, pace.mostMs), () => {
      if (this.#hasEnded) return;
      if (pace.isStuck) clock.after(TICK_MS / 4, () => this.#whenDiskAnswers(then));
      else then();
    });
  }

  #work(): void {
    for (let step = 0; step < STEPS_MAX && this.#engine.work(); step++);
  }

  #armTick(): void {
    const { clock } = this.#deps;
    const isWell = this.#state === 'ok' && !this.#engine.isWaiting;
    const dueMs = clock.nowMs + (isWell ? QUIET_TICK_MS : TICK_MS);
    if (dueMs >= this.#tickMs && this.#tickMs > clock.nowMs) return;
    this.#tickMs = dueMs;
    clock.at(dueMs, () => {
      if (this.#hasEnded || this.#tickMs !== dueMs) return;
      this.#tickMs = Number.POSITIVE_INFINITY;
      if (!this.#deps.pace.isStuck) {
        this.#engine.tick();
        this.#work();
      }
      this.#armTick();
    });
  }

  #durable(number: number): void {
    if (!this.#hasEnded) this.#deps.sink.durable(number);
  }

  #health(state: 'ok' | 'degraded' | 'failed', detail: string): void {
    this.#state = state;
    this.#detail = detail;
    if (!this.#hasEnded) this.#deps.sink.health(state, detail);
  }

  #hang(detail: string): void {
    if (this.#hangs || this.#state === 'failed') return;
    this.#hangs = true;
    this.#deps.sink.health('failed', detail);
  }

  #answered(): void {
    if (!this.#hangs) return;
    this.#hangs = false;
    this.#deps.sink.health(this.#state, this.#state === 'ok' ? 'the disk answers again' : this.#detail);
  }
}

function textsOf({ texts, damaged, problems, notes, unread }: RecoveredSegments) {
  return { texts, damaged, detail: [...problems, ...notes].join('; '), unread: unread.join('; ') };
}
