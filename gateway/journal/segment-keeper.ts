import { after, LONG_AGO_MS, type MonoMs, type WallMs } from '../../protocol/clocks.ts';
import { messageOf } from '../../protocol/errors.ts';
import { attempt, type EngineDirectories } from './engine-directories.ts';
import type { EngineHealth } from './engine-health.ts';
import type { JournalFiles } from './journal-files.ts';
import { Retention } from './retention.ts';
import { SegmentTrimmer } from './segment-trimmer.ts';
import { SegmentWriter } from './segment-writer.ts';
import type { JournalSettings } from './settings.ts';
import { RETRY_MS, SpareSegment } from './spare-segment.ts';

interface SegmentKeeperDeps {
  readonly files: JournalFiles;
  readonly directories: EngineDirectories;
  readonly health: EngineHealth;
  readonly monoMs: () => MonoMs;
  readonly wallMs: () => WallMs;
}

/** Makes and closes segments, trims the closed ones and deletes old ones. */
export class SegmentKeeper {
  readonly spare: SpareSegment;
  readonly #settings: JournalSettings;
  readonly #deps: SegmentKeeperDeps;
  readonly #trimmer: SegmentTrimmer;
  readonly #retention: Retention;
  #removeAfterMs = LONG_AGO_MS;

  constructor(settings: JournalSettings, deps: SegmentKeeperDeps) {
    const { files, directories, health, wallMs } = deps;
    this.#settings = settings;
    this.#deps = deps;
    this.#trimmer = new SegmentTrimmer(files);
    this.#retention = new Retention(settings);
    this.spare = new SpareSegment({
      create: (directory) => this.create(directory),
      fail: (writer) => directories.fail(writer, wallMs()),
      trouble: (detail) => health.degrade(detail),
    });
  }

  /** Throws. */
  create(directory: string): SegmentWriter {
    const { files, directories } = this.#deps;
    const writer = SegmentWriter.create(files, directory, directories.nextNumber(), this.#settings.segmentBytes);
    directories.made(writer);
    return writer;
  }

  /** Takes a segment out of use that could not be written. */
  fail(writer: SegmentWriter, error: unknown): void {
    const { directories, health, wallMs } = this.#deps;
    const also = directories.fail(writer, wallMs());
    health.degrade([`${writer.path} given up: ${messageOf(error)}`, also ?? []].flat().join('; '));
  }

  close(writer: SegmentWriter): void {
    const { directories, health, wallMs } = this.#deps;
    for (const trouble of [attempt(() => writer.trim()), attempt(() => writer.close())]) {
      if (trouble !== undefined) health.degrade(trouble);
    }
    directories.addClosed(writer, wallMs());
  }

  /** From now on, `trim` removes the zeros at the ends of the closed segments. */
  trimClosed(): void {
    this.#trimmer.add(this.#deps.directories.closed);
  }

  /**
   * Does one step of that.
   *
   * @returns true if there is more to do
   */
  trim(): boolean {
    const { directories, health } = this.#deps;
    const trimmed = this.#trimmer.step(directories.closed);
    if (trimmed === undefined || trimmed === 'more') return trimmed === 'more';
    directories.trimmed(trimmed.segment, trimmed.bytes);
    if (trimmed.trouble !== undefined) health.degrade(trimmed.trouble);
    return true;
  }

  /**
   * Deletes the closed segment that retention chooses, if there is one.
   *
   * @param openBytes size of the segment that is being written
   */
  deleteOld(openBytes: number, oldestHeld: number | undefined): void {
    const { directories, health, monoMs, wallMs } = this.#deps;
    this.#removeAgain();
    const segment = this.#retention.next({
      closed: directories.closed,
      openBytes: openBytes + this.spare.bytes,
      oldestHeld,
      wallMs: wallMs(),
      monoMs: monoMs(),
    });
    const trouble = segment && directories.remove(segment);
    if (trouble !== undefined) health.degrade(trouble);
  }

  /** Tries once a minute: a disk that refuses costs time. */
  #removeAgain(): void {
    const { directories, monoMs } = this.#deps;
    if (!directories.hasUndeleted || monoMs() < this.#removeAfterMs) return;
    this.#removeAfterMs = after(monoMs(), RETRY_MS);
    directories.removeAgain();
  }

  stop(): void {
    this.#trimmer.stop();
    this.spare.drop();
  }
}
