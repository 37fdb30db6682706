import { CarryOver } from './carry-over.ts';
import type { EngineDirectories } from './engine-directories.ts';
import type { JournalFiles } from './journal-files.ts';
import type { PendingRecord } from './record-batch.ts';
import { segmentPath } from './segment-file.ts';
import { type NeededSegment, SegmentWatch } from './segment-watch.ts';
import type { SegmentWriter } from './segment-writer.ts';

/** The segments a restart would need: their directories are left when they are gone, and what they held is written again elsewhere. */
export class KeptSegments {
  readonly #directories: EngineDirectories;
  readonly #lost: (detail: string) => void;
  readonly #watch: SegmentWatch;
  readonly #carryOver: CarryOver;

  constructor(files: JournalFiles, directories: EngineDirectories, lost: (detail: string) => void) {
    this.#directories = directories;
    this.#lost = lost;
    this.#watch = new SegmentWatch(files);
    this.#carryOver = new CarryOver(files, (segment) => this.#watch.letGo(segment), lost);
  }

  get isWaiting(): boolean {
    return !this.#carryOver.isEmpty;
  }

  /** The records to be written next: what was durable and is so no more goes first. They are taken out of the array once written. */
  nextOr(pending: PendingRecord[]): PendingRecord[] {
    const again = this.#carryOver.next();
    return again.length > 0 ? again : pending;
  }

  /** True if a restart would find what the segment has so far. */
  proves(writer: SegmentWriter): boolean {
    return this.#watch.proves(writer);
  }

  /** @param oldest number of the oldest segment that holds a key; `undefined`: none does */
  follow(writer: SegmentWriter | undefined, oldest: number | undefined): void {
    const closed = this.#directories.closed.filter(({ number }) => oldest !== undefined && number >= oldest);
    const needed: NeededSegment[] = closed.map((each) => ({ ...each, path: segmentPath(each), bytes: undefined }));
    if (writer !== undefined) {
      const { number, directory, path, offset } = writer;
      needed.push({ number, directory, path, bytes: offset });
    }
    this.#watch.follow(needed);
  }

  /**
   * Number of the oldest segment that must stay: what is still to be written again is needed too. Lets go of all others, because a
   * file that is open takes its room although it is deleted.
   */
  oldest(writer: SegmentWriter | undefined, held: number | undefined): number | undefined {
    this.follow(writer, held);
    const { oldest } = this.#carryOver;
    return held === undefined || oldest === undefined ? (held ?? oldest) : Math.min(held, oldest);
  }

  letGo(): void {
    this.#watch.follow([]);
  }

  /** @returns the directories that are gone: nothing in them may be touched by its path any more, for it may be another's */
  leave(writer: SegmentWriter | undefined, oldest: number | undefined): readonly string[] {
    this.follow(writer, oldest);
    const gone = this.#watch.takeGone();
    if (gone === undefined) return [];
    this.#carryOver.add(gone.segments);
    for (const directory of gone.directories) this.#directories.lose(directory);
    const what = `${gone.directories.join(', ')}: deleted, moved or unmounted under the gateway`;
    this.#lost(`${what}; what a restart needs is written again, older records are gone unless it comes back`);
    return gone.directories;
  }
}
