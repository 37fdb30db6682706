import { messageOf } from '../../protocol/errors.ts';
import type { JournalFiles } from './journal-files.ts';
import type { PendingRecord } from './record-batch.ts';
import { parseEntry } from './recovered-records.ts';
import { scanSegment } from './segment-scan.ts';
import type { WatchedSegment } from './segment-watch.ts';

/** The caller's number of a record that was called durable before. */
export const TOLD_BEFORE = 0;

/**
 * Records of segments that no name leads to any more, to be written again elsewhere: read from the files, which are still open, one
 * segment at a time. They go before everything newer, in their order, and so add up to the same state.
 */
export class CarryOver {
  readonly #files: JournalFiles;
  readonly #letGo: (segment: WatchedSegment) => void;
  readonly #unreadable: (detail: string) => void;
  #sources: (() => PendingRecord[])[] = [];
  #records: PendingRecord[] = [];
  #oldest = Number.POSITIVE_INFINITY;

  /** @param unreadable records of a segment can't be read back; the words are for a person */
  constructor(files: JournalFiles, letGo: (segment: WatchedSegment) => void, unreadable: (detail: string) => void) {
    this.#files = files;
    this.#letGo = letGo;
    this.#unreadable = unreadable;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0 && this.#sources.length === 0;
  }

  /** Number of the oldest segment that had to be carried, until all have been; `undefined`: none has to. */
  get oldest(): number | undefined {
    return this.isEmpty ? undefined : this.#oldest;
  }

  /** @param segments oldest first; what was to be carried before and is not written yet goes behind them */
  add(segments: readonly WatchedSegment[]): void {
    this.#oldest = Math.min(this.oldest ?? Number.POSITIVE_INFINITY, ...segments.map(({ number }) => number));
    const left = this.#records;
    this.#records = [];
    const behind = left.length > 0 ? [() => left] : [];
    this.#sources = [...segments.map((each) => () => this.#read(each)), ...behind, ...this.#sources];
  }

  /** Records to be written next, to be taken out of the array by whoever has written them; empty if there are none left. */
  next(): PendingRecord[] {
    while (this.#records.length === 0) {
      const source = this.#sources.shift();
      if (source === undefined) break;
      this.#records = source();
    }
    return this.#records;
  }

  #read(segment: WatchedSegment): PendingRecord[] {
    const { file, path, bytes } = segment;
    try {
      if (file === undefined) throw new Error('it was gone before it could be opened');
      const whole = this.#files.readWhole(file);
      return recordsIn(bytes === undefined ? whole : whole.subarray(0, bytes));
    } catch (error) {
      this.#unreadable(`the records of ${path} can't be read back: ${messageOf(error)}`);
      return [];
    } finally {
      this.#letGo(segment);
    }
  }
}

function recordsIn(bytes: Uint8Array): PendingRecord[] {
  const records: PendingRecord[] = [];
  for (const item of scanSegment(bytes)) {
    if (item.type !== 'record') continue;
    const { json } = item.line;
    const { holds, releases } = parseEntry(json) ?? {};
    records.push({ number: TOLD_BEFORE, json, ...(holds && { holds }), ...(releases && { releases }) });
  }
  return records;
}
