import { after, LONG_AGO_MS, type MonoMs, type WallMs } from '../../protocol/clocks.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { LockOwner } from './directory-lock.ts';
import { attempt, EngineDirectories } from './engine-directories.ts';
import { EngineHealth } from './engine-health.ts';
import { again, type EngineRecord } from './engine-record.ts';
import { EngineState } from './engine-state.ts';
import type { JournalFiles } from './journal-files.ts';
import type { JournalState } from './journal-health.ts';
import { GENESIS } from './journal-line.ts';
import { NextSegment } from './next-segment.ts';
import { OwedRecords } from './owed-records.ts';
import { encodeBatch, OWN, type PendingRecord } from './record-batch.ts';
import { type RecoveredSegments, type ResumableSegment, recover } from './recovery.ts';
import type { SegmentFile } from './segment-file.ts';
import type { ChainPoint } from './segment-header.ts';
import { SegmentKeeper } from './segment-keeper.ts';
import { SegmentWatch } from './segment-watch.ts';
import { SegmentWriter } from './segment-writer.ts';
import type { JournalSettings } from './settings.ts';
import { RETRY_MS } from './spare-segment.ts';
import { UnusedDirectories } from './unused-directories.ts';

interface EngineWorld {
  readonly files: JournalFiles;
  readonly owner: LockOwner;
  readonly monoMs: () => MonoMs;
  readonly wallMs: () => WallMs;
  /** All records up to this number (the caller's) are on the medium. */
  readonly durable: (number: number) => void;
  readonly health: (state: JournalState, detail: string) => void;
  /** Records of earlier runs in a directory that could be opened only after `open`. */
  readonly late?: (recovered: RecoveredSegments) => void;
  /**
   * Only memory has these records, because a directory is lost. The next thread writes them before
   * any other. Empty: they are written.
   */
  readonly owed?: (records: readonly PendingRecord[]) => void;
  /** Called with the number of bytes read of earlier runs. */
  readonly read?: (bytes: number) => void;
}

/**
 * The most bytes of one write, so that in a storm the first records are durable before the last are
 * written.
 */
const WRITE_BYTES = 256 * 1024;
/** Size of a usual header. A larger one makes a segment a little larger. */
const HEADER_BYTES = 512;
/** A start continues in a segment filled up to this part: it reads the newest one as a whole. */
const RESUME_PART = 1 / 8;
/**
 * The journal without its thread. Writes records to segments, continues in the next file or
 * directory when one fails, and deletes old segments. All I/O is synchronous. Nothing here throws.
 */
export class JournalEngine {
  #settings: JournalSettings;
  #world: EngineWorld;
  #directories: EngineDirectories;
  #pending: EngineRecord[] = [];
  #tail: ChainPoint = { number: 0, chain: GENESIS };
  readonly #state: EngineState;
  readonly #watch: SegmentWatch;
  #writer: SegmentWriter | undefined;
  /**
   * From the first segment on, this run extends the chain. A directory that appears later can't
   * change where the chain stands.
   */
  #hasBegun = false;
  readonly #keeper: SegmentKeeper;
  readonly #health: EngineHealth;
  readonly #next: NextSegment;
  readonly #owed: OwedRecords;
  readonly #unused: UnusedDirectories;
  #returnAfterMs = LONG_AGO_MS;

  constructor(settings: JournalSettings, world: EngineWorld) {
    this.#settings = settings;
    this.#world = world;
    this.#state = new EngineState(settings.segmentBytes);
    this.#directories = new EngineDirectories(world.files, world.owner);
    this.#watch = new SegmentWatch(world.files);
    this.#owed = new OwedRecords((records) => world.owed?.(records));
    this.#health = new EngineHealth(world.health, world.monoMs);
    const [directories, health] = [this.#directories, this.#health];
    const open = (directory: string) => this.#openDirectory(directory, false);
    this.#keeper = new SegmentKeeper(settings, { ...world, directories, health });
    this.#unused = new UnusedDirectories({ ...world, directories, health, open });
    this.#next = new NextSegment({
      directories,
      spare: this.#keeper.spare,
      health,
      wallMs: world.wallMs,
      create: (directory) => this.#keeper.create(directory),
      open: (directory, anywhere) => this.#openDirectory(directory, anywhere),
      state: () => ({ after: this.#tail, held: this.#state.held, away: this.#state.away }),
      oldestHeld: () => this.#state.oldestHeld,
      missing: (directory) => {
        if (!this.#leaveLost()) this.#directories.lose(directory);
      },
      fail: (writer, error) => this.#keeper.fail(writer, error),
    });
  }

  /** True if records wait because they can't be written. */
  get isWaiting(): boolean {
    return this.#pending.length > 0;
  }

  /**
   * Reads what earlier runs wrote. Continues in the newest segment if it ends with a whole write,
   * else begins one.
   */
  open(): RecoveredSegments {
    return this.#health.gather(() => {
      const { troubles, unread } = this.#directories.openAll(this.#settings.directories);
      const recovered = this.#adopt(this.#directories.takeUnread());
      for (const trouble of [...troubles, ...recovered.problems]) this.#health.degrade(trouble);
      this.#writer = this.#resume(recovered.newest);
      this.#flush();
      this.#keeper.trimClosed();
      this.#deleteOld();
      return { ...recovered, unread: [...unread, ...recovered.unread] };
    });
  }

  /** Writes the records, or keeps them until they can be written. */
  commit(records: readonly PendingRecord[]): void {
    this.#owed.takeOver(records);
    for (const record of records) this.#pending.push(record);
    this.#flush();
  }

  /** Call this once a second. */
  tick(): void {
    this.#leaveLost();
    if (this.isWaiting || this.#writer === undefined) this.#flush();
    if (this.#health.state === 'failed') return;
    this.#returnToFirst();
    this.#unused.look(this.#settings.directories, this.#writer?.directory);
    this.#deleteOld();
    if (this.#isHome(this.#writer)) this.#health.calm();
  }

  /**
   * Does one step of work that can wait, when no record waits.
   *
   * @returns true if there is more to do
   */
  work(): boolean {
    const writer = this.#writer;
    if (writer === undefined || this.#health.state === 'failed') return false;
    try {
      if (writer.prepare()) return true;
    } catch (error) {
      writer.limit();
      this.#health.degrade(messageOf(error));
      return false;
    }
    if (this.#carry(writer) || this.#keeper.trim()) return true;
    return writer.isNearlyFull && this.#keeper.spare.prepare(writer.directory, this.#world.monoMs());
  }

  close(): void {
    this.#keeper.stop();
    const writer = this.#writer;
    if (writer !== undefined) attempt(() => writer.close());
    this.#writer = undefined;
    this.#directories.release();
  }

  /**
   * Adopts the records of earlier runs. A directory that opens late may be too late for the core.
   * Its held keys are kept all the same, so that the next start finds them.
   */
  #adopt(segments: readonly SegmentFile[]): RecoveredSegments {
    const recovered = recover(this.#world.files, segments, this.#world.read);
    for (const segment of recovered.unused) this.#directories.remove(segment);
    this.#directories.sawClosed();
    this.#state.adopt(recovered, this.#hasBegun);
    this.#state.unmark(this.#pending);
    const loose = again(recovered.loose);
    // Change it in place if lines may have been made of the first ones already.
    if (this.#hasBegun) this.#pending.push(...loose);
    else this.#pending = [...loose, ...this.#pending];
    if (!this.#hasBegun && recovered.tail.number > this.#tail.number) this.#tail = recovered.tail;
    return recovered;
  }

  /** @returns `undefined` if a new segment is to be begun */
  #resume(newest: ResumableSegment | undefined): SegmentWriter | undefined {
    if (newest === undefined || newest.end > this.#settings.segmentBytes * RESUME_PART) return undefined;
    if (!this.#directories.isOpen(newest.segment.directory)) return undefined;
    // Only the header of a new segment can say which directories this run has read.
    if (this.#settings.directories.some((each) => this.#directories.isUnseen(each))) return undefined;
    try {
      const writer = SegmentWriter.resume(this.#world.files, newest, this.#settings.segmentBytes);
      this.#directories.reopen(newest.segment);
      this.#hasBegun = true;
      return writer;
    } catch (error) {
      this.#health.degrade(messageOf(error));
      // Perhaps only the kernel has its last write, and not the medium.
      this.#tail = newest.before;
      this.#pending = [...again(newest.lastRecords), ...this.#pending];
      return undefined;
    }
  }

  #flush(): void {
    this.#health.gather(() => {
      // A directory may be lost at any moment. The waiting records then go to the next one.
      for (let left = this.#settings.directories.length; !this.#writeWaiting() && left > 0; left -= 1);
      if (this.#writer === undefined) this.#health.fail();
      else this.#health.writingAgain(this.#writer.path, this.#isHome(this.#writer));
    });
  }

  /** @returns false if a directory was lost meanwhile, and there may be another one to write to */
  #writeWaiting(): boolean {
    // A line needs the chain value before it, so the segment is begun first.
    this.#writer ??= this.#begin(undefined);
    while (this.#writer !== undefined && this.#pending.length > 0) {
      const waiting = this.#pending;
      const batch = encodeBatch(waiting, this.#tail, this.#room());
      const writer = this.#write(batch.bytes);
      if (writer === undefined || !this.#watch.proves(writer)) return !this.#leaveLost();
      this.#tail = batch.tail;
      // A directory was lost before they were written. They are written once more, behind the
      // records of that directory.
      if (this.#pending !== waiting) continue;
      const written = waiting.splice(0, batch.count);
      this.#owed.settle(waiting);
      const last = written.findLast(({ number }) => number !== OWN);
      if (last !== undefined) {
        // Losses up to here are reported first.
        this.#health.tellGathered();
        this.#world.durable(last.number);
      }
      for (const record of written) this.#state.written(record, writer.number);
    }
    return true;
  }

  /** Writes everything that is still needed once more, so that older segments need not stay. */
  #carry(writer: SegmentWriter): boolean {
    if (this.#pending.length > 0) return false;
    const records = this.#state.carry(writer.number);
    this.#pending.push(...records);
    if (records.length > 0) this.#flush();
    return records.length > 0;
  }

  /** True if the journal writes where it should. */
  #isHome(writer: SegmentWriter | undefined): boolean {
    const first = this.#settings.directories[0] ?? '';
    return writer?.directory === first && !this.#directories.isDisplaced(first);
  }

  /**
   * @returns true if a directory was lost. Then the records that a restart would need of it wait to
   * be written elsewhere.
   */
  #leaveLost(): boolean {
    const oldest = this.#state.oldestHeld ?? Number.POSITIVE_INFINITY;
    const needed = this.#directories.closed.filter(({ number }) => number >= oldest);
    const lost = this.#watch.gone(this.#writer, needed);
    if (lost.size === 0) return false;
    for (const directory of lost) this.#directories.lose(directory);
    attempt(() => this.#keeper.spare.leave(lost));
    const writer = this.#writer;
    if (writer !== undefined && lost.has(writer.directory)) {
      this.#writer = undefined;
      attempt(() => writer.close());
    }
    this.#pending = this.#state.rewrite(this.#pending);
    this.#owed.owe(this.#pending);
    const what = `${[...lost].join(', ')}: deleted, moved or unmounted while the gateway runs`;
    this.#health.lose(`${what}; what is still open is written again; older records are gone unless it comes back`);
    return true;
  }

  /** Size limit of the next write, bytes. */
  #room(): number {
    const { segmentBytes } = this.#settings;
    const left = segmentBytes - (this.#writer?.offset ?? HEADER_BYTES);
    return Math.min(WRITE_BYTES, left > 0 ? left : segmentBytes - HEADER_BYTES);
  }

  /**
   * @returns the segment the bytes are durable in, or `undefined` if no directory can be written
   */
  #write(bytes: Uint8Array): SegmentWriter | undefined {
    const writer = this.#writer;
    if (writer?.fits(bytes.length)) {
      try {
        writer.write(bytes);
        return writer;
      } catch (error) {
        // Never use the same file again: after a failed write-back the kernel may call lost pages
        // clean.
        this.#keeper.fail(writer, error);
      }
    } else if (writer !== undefined) {
      this.#keeper.close(writer);
    }
    this.#writer = this.#begin(bytes);
    return this.#writer;
  }

  /**
   * Begins the next segment with the bytes: in the directory of the last one if possible, else in
   * the next one.
   */
  #begin(bytes: Uint8Array | undefined): SegmentWriter | undefined {
    const wasIn = this.#writer?.directory ?? this.#settings.directories[0] ?? '';
    this.#writer = undefined;
    const inTurn = this.#directories.inTurn(this.#settings.directories, wasIn);
    const begun = this.#next.begin(inTurn, bytes);
    if (begun !== undefined) this.#hasBegun = true;
    return begun;
  }

  #openDirectory(directory: string, anywhere: boolean): void {
    try {
      this.#directories.open(directory, anywhere);
    } finally {
      const unread = this.#directories.takeUnread();
      const adopted = unread.length > 0 ? this.#adopt(unread) : undefined;
      if (adopted !== undefined) this.#world.late?.(adopted);
    }
  }

  /** While it writes elsewhere, the journal tries the first directory from time to time. */
  #returnToFirst(): void {
    const [writer, now] = [this.#writer, this.#world.monoMs()];
    const first = this.#settings.directories[0];
    if (writer === undefined || first === undefined || writer.directory === first || now < this.#returnAfterMs) return;
    this.#returnAfterMs = after(now, RETRY_MS);
    const begun = this.#next.beginIn(first, undefined, false);
    if (!(begun instanceof SegmentWriter)) return;
    this.#keeper.close(writer);
    this.#writer = begun;
  }

  #deleteOld(): void {
    this.#keeper.deleteOld(this.#writer?.bytes ?? 0, this.#state.oldestHeld);
  }
}
