import { messageOf } from '../../protocol/errors.ts';
import { TOLD_BEFORE } from './carry-over.ts';
import type { LockOwner } from './directory-lock.ts';
import { attempt, EngineDirectories } from './engine-directories.ts';
import { EngineHealth } from './engine-health.ts';
import { HeldKeys } from './held-keys.ts';
import { errorCode, isFull, type JournalFiles } from './journal-files.ts';
import type { JournalState } from './journal-health.ts';
import { GENESIS } from './journal-line.ts';
import { KeptSegments } from './kept-segments.ts';
import { encodeBatch, type PendingRecord } from './record-batch.ts';
import { type RecoveredSegments, recover } from './recovery.ts';
import { nextDeletable, oldestFree } from './retention.ts';
import type { SegmentFile } from './segment-file.ts';
import { type ChainPoint, encodeHeader } from './segment-header.ts';
import { SegmentWriter } from './segment-writer.ts';
import type { JournalSettings } from './settings.ts';

export interface EngineWorld {
  readonly files: JournalFiles;
  readonly owner: LockOwner;
  readonly monoMs: () => number;
  readonly wallMs: () => number;
  /** All records up to this number (the caller's) are on the medium. */
  readonly durable: (number: number) => void;
  readonly health: (state: JournalState, detail: string) => void;
  /** What earlier runs left in a directory that could be opened only after `open`. */
  readonly late?: (recovered: RecoveredSegments) => void;
}

/** Most bytes of one write, so that in a storm the first records are durable before the last ones are written. */
const WRITE_BYTES = 256 * 1024;
/** Room a header usually takes; more only makes a segment a little larger. */
const HEADER_BYTES = 512;
/** Wait until the first directory, or a spare segment, is tried again. */
export const RETRY_MS = 60_000;
/** Deleting by age: one segment in this time, so that a clock that is wrong for a while can't empty the journal. */
export const AGE_DELETE_MS = 3_600_000;

/**
 * The journal without its thread: writes records to segments, goes on with the next file or directory when one fails, and keeps
 * house. All I/O is synchronous; nothing here throws.
 */
export class JournalEngine {
  #settings: JournalSettings;
  #world: EngineWorld;
  #directories: EngineDirectories;
  #pending: PendingRecord[] = [];
  #tail: ChainPoint = { number: 0, chain: GENESIS };
  #held = new HeldKeys();
  #writer: SegmentWriter | undefined;
  /** From the first segment on the chain is ours: a directory that turns up later can't change where it stands. */
  #hasBegun = false;
  /** Next segment, being filled with zeros so that changing to it never waits. */
  #spare: SegmentWriter | undefined;
  #kept: KeptSegments;
  #health: EngineHealth;
  #spareAfterMs = Number.NEGATIVE_INFINITY;
  #returnAfterMs = Number.NEGATIVE_INFINITY;
  #ageDeleteAfterMs = Number.NEGATIVE_INFINITY;

  constructor(settings: JournalSettings, world: EngineWorld) {
    this.#settings = settings;
    this.#world = world;
    this.#directories = new EngineDirectories(world.files, world.owner);
    this.#health = new EngineHealth(world.health, world.monoMs);
    this.#kept = new KeptSegments(world.files, this.#directories, (detail) => this.#health.lose(detail));
  }

  /** True if records wait because they can't be written. */
  get isWaiting(): boolean {
    return this.#pending.length > 0 || this.#kept.isWaiting;
  }

  /** Reads back what earlier runs wrote and begins a new segment: never one that a crash may have left damaged. */
  open(): RecoveredSegments {
    const troubles: string[] = [];
    for (const directory of this.#settings.directories) {
      const trouble = attempt(() => this.#directories.open(directory));
      if (trouble !== undefined) troubles.push(trouble);
    }
    const recovered = this.#adopt(this.#directories.takeUnread());
    troubles.push(...recovered.problems);
    if (troubles.length > 0) this.#health.degrade(troubles.join('; '));
    this.#writer = this.#begin(undefined);
    if (this.#writer === undefined) this.#health.fail();
    this.#kept.follow(this.#writer, this.#held.oldest());
    return recovered;
  }

  /** Writes the records, or keeps them until they can be written. */
  commit(records: readonly PendingRecord[]): void {
    this.#pending.push(...records);
    this.#flush();
  }

  /** To be called once a second. */
  tick(): void {
    this.#leaveLost();
    if (this.isWaiting || this.#writer === undefined) this.#flush();
    if (this.#health.state === 'failed') return;
    const now = this.#world.monoMs();
    this.#returnToFirst(now);
    this.#deleteOld(now);
    if (this.#isHome(this.#writer)) this.#health.calm();
  }

  /** One step of work for later, when nothing waits. @returns true if there is more to do */
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
    return this.#prepareSpare(writer);
  }

  close(): void {
    this.#dropSpare();
    const writer = this.#writer;
    if (writer !== undefined) attempt(() => writer.close());
    this.#writer = undefined;
    this.#kept.letGo();
    this.#directories.release();
  }

  /**
   * Takes up what earlier runs left. A directory that could be opened only later may be too late for the core; its held keys are kept
   * all the same, so that the next start finds them.
   */
  #adopt(segments: readonly SegmentFile[]): RecoveredSegments {
    const recovered = recover(this.#world.files, segments, this.#world.monoMs);
    for (const segment of recovered.unused) this.#directories.remove(segment);
    if (!this.#hasBegun && recovered.tail.number > this.#tail.number) this.#tail = recovered.tail;
    this.#held.addMissing(recovered.held.table());
    return recovered;
  }

  #flush(): void {
    // A directory may be lost at any moment; what waits then goes to the next one.
    for (let left = this.#settings.directories.length; !this.#writeWaiting() && left > 0; left -= 1);
    if (this.#writer === undefined) this.#health.fail();
    else this.#health.writingAgain(this.#writer.path, this.#isHome(this.#writer));
  }

  /** @returns false if a directory was lost meanwhile, and there may be another one to write to */
  #writeWaiting(): boolean {
    // Lines are made only once it is known what they continue from.
    this.#writer ??= this.#begin(undefined);
    const next = (): PendingRecord[] => this.#kept.nextOr(this.#pending);
    for (let waiting = next(); waiting.length > 0; waiting = next()) {
      const batch = encodeBatch(waiting, this.#tail, this.#room());
      const writer = this.#writer && this.#write(batch.bytes);
      if (writer === undefined || !this.#kept.proves(writer)) return !this.#leaveLost();
      const written = waiting.splice(0, batch.count);
      for (const record of written) this.#held.mark(record, writer.number);
      this.#tail = batch.tail;
      const last = written.at(-1);
      if (last !== undefined && last.number !== TOLD_BEFORE) this.#world.durable(last.number);
    }
    return true;
  }

  /** Bytes the next write may take. */
  #room(): number {
    const { segmentBytes } = this.#settings;
    const left = segmentBytes - (this.#writer?.offset ?? HEADER_BYTES);
    return Math.min(WRITE_BYTES, left > 0 ? left : segmentBytes - HEADER_BYTES);
  }

  /** @returns the segment the bytes are durable in, or `undefined` if no directory can be written */
  #write(bytes: Uint8Array): SegmentWriter | undefined {
    const writer = this.#writer;
    if (writer?.fits(bytes.length)) {
      try {
        writer.write(bytes);
        return writer;
      } catch (error) {
        // Never the same file again: after a failed write-back the kernel may call lost pages clean.
        this.#failSegment(writer, error);
      }
    } else if (writer !== undefined) {
      this.#closeSegment(writer);
    }
    this.#writer = this.#begin(bytes);
    return this.#writer;
  }

  /** Begins the next segment, with the bytes in it: in the directory of the last one if possible, else in the next one. */
  #begin(bytes: Uint8Array | undefined): SegmentWriter | undefined {
    const wasIn = this.#writer?.directory ?? this.#settings.directories[0] ?? '';
    this.#writer = undefined;
    const full: string[] = [];
    for (const directory of this.#directories.inTurn(this.#settings.directories, wasIn)) {
      const begun = this.#beginIn(directory, bytes);
      if (begun instanceof SegmentWriter) return begun;
      if (isFull(begun)) full.push(directory);
    }
    for (const directory of full) {
      const begun = this.#beginByDeleting(directory, bytes);
      if (begun !== undefined) return begun;
    }
    return undefined;
  }

  /** @returns the segment, or the error */
  #beginIn(directory: string, bytes: Uint8Array | undefined, anywhere = true): SegmentWriter | unknown {
    let writer: SegmentWriter | undefined;
    try {
      this.#openDirectory(directory, anywhere);
      writer = this.#takeSpare(directory) ?? this.#newSegment(directory);
      const after = this.#tail;
      const begunAt = this.#world.wallMs();
      const header = encodeHeader({ segment: writer.number, after, begunAt, held: this.#held.table() });
      writer.write(bytes === undefined ? header : Buffer.concat([header, bytes]));
      this.#hasBegun = true;
      return writer;
    } catch (error) {
      if (writer === undefined) this.#noBeginning(directory, error);
      else this.#failSegment(writer, error);
      return error;
    }
  }

  #noBeginning(directory: string, error: unknown): void {
    this.#health.degrade(messageOf(error));
    if (errorCode(error) === 'ENOENT' && !this.#leaveLost()) this.#directories.lose(directory);
  }

  /** New presses matter more than old evidence: on a full disk the oldest segments go before their time, and it is said. */
  #beginByDeleting(directory: string, bytes: Uint8Array | undefined): SegmentWriter | undefined {
    for (;;) {
      const closed = this.#directories.closed.filter((segment) => segment.directory === directory);
      const segment = oldestFree({ closed, oldestHeld: this.#kept.oldest(this.#writer, this.#held.oldest()) });
      if (segment === undefined) return undefined;
      if (this.#directories.remove(segment) !== undefined) return undefined;
      const begun = this.#beginIn(directory, bytes);
      if (begun instanceof SegmentWriter) {
        this.#health.degrade(`${directory} is full: ${segment.name} was deleted before its time`);
        return begun;
      }
      if (!isFull(begun)) return undefined;
    }
  }

  #newSegment(directory: string): SegmentWriter {
    const { files } = this.#world;
    return new SegmentWriter(files, directory, this.#directories.nextNumber(directory), this.#settings.segmentBytes);
  }

  #failSegment(writer: SegmentWriter, error: unknown): void {
    const also = this.#directories.fail(writer, this.#world.wallMs());
    this.#health.degrade([`${writer.path} given up: ${messageOf(error)}`, also ?? []].flat().join('; '));
  }

  #closeSegment(writer: SegmentWriter): void {
    const trouble = attempt(() => writer.close());
    if (trouble !== undefined) this.#health.degrade(trouble);
    this.#directories.addClosed(writer, this.#world.wallMs());
  }

  #openDirectory(directory: string, anywhere: boolean): void {
    try {
      this.#directories.open(directory, anywhere);
    } finally {
      const unread = this.#directories.takeUnread();
      const adopted = this.#adopt(unread);
      if (unread.length > 0) this.#world.late?.(adopted);
    }
  }

  /** True if it is written where it should be. */
  #isHome(writer: SegmentWriter | undefined): boolean {
    const first = this.#settings.directories[0] ?? '';
    return writer?.directory === first && !this.#directories.isDisplaced(first);
  }

  /** @returns true if a directory was lost: what a restart would need of it waits to be written elsewhere */
  #leaveLost(): boolean {
    const lost = this.#kept.leave(this.#writer, this.#held.oldest());
    if (lost.includes(this.#spare?.directory ?? '')) this.#spare = closed(this.#spare);
    if (lost.includes(this.#writer?.directory ?? '')) this.#writer = closed(this.#writer);
    return lost.length > 0;
  }

  /** The spare has the lowest number not in use: it is only good for the segment that comes next. */
  #takeSpare(directory: string): SegmentWriter | undefined {
    const spare = this.#spare;
    if (spare?.directory !== directory) {
      this.#dropSpare();
      return undefined;
    }
    this.#spare = undefined;
    return spare;
  }

  #dropSpare(): void {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined) this.#directories.fail(spare, this.#world.wallMs());
  }

  #prepareSpare(writer: SegmentWriter): boolean {
    const now = this.#world.monoMs();
    if (!writer.isHalfFull || now < this.#spareAfterMs) return false;
    try {
      this.#spare ??= this.#newSegment(writer.directory);
      return this.#spare.prepare();
    } catch (error) {
      this.#dropSpare();
      this.#spareAfterMs = now + RETRY_MS;
      this.#health.degrade(`no room prepared for the next segment: ${messageOf(error)}`);
      return false;
    }
  }

  /** While writing elsewhere, tries the first directory from time to time. */
  #returnToFirst(now: number): void {
    const writer = this.#writer;
    const first = this.#settings.directories[0];
    if (writer === undefined || first === undefined || writer.directory === first || now < this.#returnAfterMs) return;
    this.#returnAfterMs = now + RETRY_MS;
    const begun = this.#beginIn(first, undefined, false);
    if (!(begun instanceof SegmentWriter)) return;
    this.#closeSegment(writer);
    this.#writer = begun;
  }

  #deleteOld(now: number): void {
    const deletable = nextDeletable(this.#settings, {
      closed: this.#directories.closed,
      openBytes: (this.#writer?.bytes ?? 0) + (this.#spare?.bytes ?? 0),
      oldestHeld: this.#kept.oldest(this.#writer, this.#held.oldest()),
      wallMs: this.#world.wallMs(),
    });
    if (deletable === undefined || (deletable.because === 'age' && now < this.#ageDeleteAfterMs)) return;
    if (deletable.because === 'age') this.#ageDeleteAfterMs = now + AGE_DELETE_MS;
    const trouble = this.#directories.remove(deletable.segment);
    if (trouble !== undefined) this.#health.degrade(trouble);
  }
}

function closed(writer: SegmentWriter | undefined): undefined {
  attempt(() => writer?.close());
}
