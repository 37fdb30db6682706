import { messageOf } from '../../protocol/errors.ts';
import type { JournalEntry } from '../core/journal-record.ts';
import type { JournalFiles } from './journal-files.ts';
import { GENESIS } from './journal-line.ts';
import { type HeaderItem, scanJournal, type WrittenItem } from './journal-scan.ts';
import { KeptState } from './kept-state.ts';
import { asItem, parseEntry } from './recovered-records.ts';
import { byAge, FAILED_SUFFIX, type SegmentFile, segmentPath } from './segment-file.ts';
import { type ChainPoint, FORMAT, hasSeen, type SegmentHeader } from './segment-header.ts';
import type { ScanDamage, ScanRecord } from './segment-scan.ts';
import { SegmentSource } from './segment-source.ts';

export interface RecoveredSegments {
  /**
   * JSON of entries, one a line, that add up to the same as everything since the oldest record that
   * holds a key.
   */
  readonly texts: readonly Uint8Array[];
  /** Where the next record continues. */
  readonly tail: ChainPoint;
  readonly kept: KeptState;
  /**
   * JSON of records that are in `kept`, but the chain does not pass them. They are written again
   * before any other.
   */
  readonly loose: readonly string[];
  /** The newest segment, if the journal may continue in it. */
  readonly newest: ResumableSegment | undefined;
  readonly damaged: number;
  /** What was wrong, for people; empty if nothing was. */
  readonly problems: readonly string[];
  /** What could not be read, with the reason. Nobody knows the records in it. */
  readonly unread: readonly string[];
  /** Unfinished writes of a crash. They are no fault. */
  readonly notes: readonly string[];
  /** Segments without any record: prepared before a crash. */
  readonly unused: readonly SegmentFile[];
}

/** The segment ends with a whole write. */
export interface ResumableSegment {
  readonly segment: SegmentFile;
  /** Offsets of its last write, with the header if there is no other. */
  readonly lastStart: number;
  readonly end: number;
  /** There are only zeros from `end` to here. The bytes behind it are unknown unless `isAtEnd`. */
  readonly scanned: number;
  readonly isAtEnd: boolean;
  /** JSON of the records of its last write, and where the chain stood before it. */
  readonly lastRecords: readonly string[];
  readonly before: ChainPoint;
}

/** The id of an alert or a report is used once, so it never begins again. */
const ENDS_ONCE = /^(?:alert|report):/;

/** Entries in one of the texts. */
const TEXT_ENTRIES = 256;

/**
 * Reads the journal back: everything since the oldest record that holds a key, however long that
 * takes. Never throws: it reports what can't be read and recovers the rest. Its memory depends on
 * the sum of the records, not on the size of the files.
 *
 * @param segments of all directories, oldest first
 * @param read called after each piece of a file
 */
export function recover(
  files: JournalFiles,
  segments: readonly SegmentFile[],
  read: (bytes: number) => void = () => {},
): RecoveredSegments {
  return new Recovery(segments.map((segment) => new SegmentSource(files, segment, read))).run();
}

class Recovery {
  #sources: readonly SegmentSource[];
  /** Numbers of the segments. */
  readonly #there: ReadonlySet<number>;
  #kept = new KeptState();
  /** Some run did not know all segments that are there. */
  #isForked = false;
  /**
   * JSON of the records that ended an alert or a report, by its key. A run that did not see such a
   * record may have carried on what it ended.
   */
  readonly #ends = new Map<string, string>();
  #tail: ChainPoint = { number: 0, chain: GENESIS };
  /**
   * Records of last writes that don't count. The next segment begins with them, unless the crash
   * came before that.
   */
  #heldBack: ScanRecord[] = [];
  #last: WrittenItem | undefined;
  /** The newest segment that is not empty. */
  #newest:
    | { readonly source: SegmentSource; readonly header: SegmentHeader | undefined; readonly end: number }
    | undefined;
  #foreign = 0;
  #damaged = 0;
  #problems: string[] = [];
  #unread: string[] = [];
  /** Numbers of the segments that could not be read to their end. */
  readonly #unreadable = new Set<number>();
  #notes: string[] = [];
  #unused: SegmentFile[] = [];

  constructor(sources: readonly SegmentSource[]) {
    this.#sources = sources;
    this.#there = new Set(sources.map(({ segment }) => segment.number));
  }

  run(): RecoveredSegments {
    const needed = this.#needed();
    for (const item of scanJournal(needed)) {
      if (item.type === 'end') this.#ended(item.source, item.isEmpty);
      else if (item.type === 'write') this.#write(item);
      else this.#begin(item);
    }
    this.#unfinished();
    this.#kept.leaveUnfinished();
    const loose = [...new Set(this.#heldBack.map(({ line }) => asItem(line.json)))];
    const segment = this.#newest?.source.segment;
    if (segment !== undefined) for (const json of loose) this.#add(json, segment);
    if (segment !== undefined) loose.push(...this.#endAgain(segment));
    this.#tellUnseen();
    // A segment that can't be read counts as missing: the next start may read it.
    this.#kept.leaveAway((number) => this.#there.has(number) && !this.#unreadable.has(number));
    if (this.#foreign > 0) this.#problem(`${this.#foreign} lines that no gateway wrote`, this.#foreign);
    return {
      texts: texts(this.#kept.entries()),
      tail: this.#tail,
      kept: this.#kept,
      loose,
      newest: this.#resumable(),
      damaged: this.#damaged,
      problems: this.#problems,
      unread: this.#unread,
      notes: this.#notes,
      unused: this.#unused,
    };
  }

  /**
   * The segments that the newest header's table refers to: from the oldest one on that holds a key.
   * Without a header, all of them.
   */
  #needed(): readonly SegmentSource[] {
    for (const [index, source] of [...this.#sources.entries()].reverse()) {
      const header = source.header();
      if (header === undefined) continue;
      const back = [...header.away].filter(([, number]) => this.#there.has(number));
      const held = new Map([...back, ...header.held]);
      this.#kept = new KeptState(held, header.away);
      const own = source.segment.directory;
      const unknown = this.#sources.flatMap(({ segment }) =>
        hasSeen(header.seen, own, segment) ? [] : [segment.number],
      );
      this.#isForked = unknown.length > 0;
      const oldest = [...held.values(), ...unknown].reduce((a, b) => Math.min(a, b), source.segment.number);
      const from = this.#sources.findIndex(({ segment }) => segment.number >= oldest);
      return this.#sources.slice(Math.min(from, index));
    }
    return this.#sources;
  }

  #begin(item: HeaderItem): void {
    const { source, header } = item;
    const before = this.#newest?.source.segment;
    const isNext = before !== undefined && hasSeen(header.seen, source.segment.directory, before);
    const missing = isNext ? header.after.number - this.#tail.number : 0;
    if (missing > 0 && (this.#last?.write.damages ?? []).length === 0) {
      const numbers = `${this.#tail.number + 1} to ${header.after.number}`;
      this.#problem(`records ${numbers} are missing before ${segmentPath(source.segment)}`);
    }
    this.#tail = header.after;
    this.#newest = item;
    this.#last = undefined;
  }

  #write(item: WrittenItem): void {
    this.#last = item;
    const { write, source, fate } = item;
    if (this.#newest?.source !== source) this.#newest = { source, header: undefined, end: 0 };
    if (fate !== 'kept') {
      this.#heldBack.push(...write.records);
      return;
    }
    this.#tellDamage(source, write.damages);
    if (write.records.length > 0) this.#heldBack = [];
    for (const { line, lineNumber } of write.records) {
      const missing = this.#tail.chain === GENESIS ? 0 : line.number - this.#tail.number - 1;
      if (missing > 0 && write.damages.length === 0) {
        const numbers = `${line.number - missing} to ${line.number - 1}`;
        this.#problem(`${segmentPath(source.segment)} line ${lineNumber}: records ${numbers} are missing before it`);
      }
      this.#add(line.json, source.segment);
      this.#tail = { number: line.number, chain: line.chain };
    }
  }

  #add(json: string, segment: SegmentFile): void {
    const entry = parseEntry(json);
    if (entry === undefined) {
      this.#foreign += 1;
      return;
    }
    // The run could not open a directory that is there now.
    if (entry.carry === 'end' && !this.#standsForAll(segment)) this.#kept.leaveUnfinished();
    this.#kept.add(entry, segment.number, json.length);
    if (this.#isForked && entry.releases !== undefined && ENDS_ONCE.test(entry.releases)) {
      this.#ends.set(entry.releases, json);
    }
  }

  /**
   * What is over stays over, even if some run did not know that.
   *
   * @returns the records that say so
   */
  #endAgain(segment: SegmentFile): string[] {
    const wrong = this.#kept.keysOf([...this.#ends.keys()]);
    return wrong.map((key) => {
      const json = asItem(this.#ends.get(key) ?? '');
      this.#add(json, segment);
      return json;
    });
  }

  /** True if the records carried in the segment stand for all that was read before it. */
  #standsForAll(own: SegmentFile): boolean {
    const seen = this.#newest?.header?.seen;
    return this.#sources.every(({ segment }) => {
      // Nothing was ever written in an unused one.
      if (byAge(segment, own) > 0 || this.#unused.includes(segment)) return true;
      return hasSeen(seen, own.directory, segment);
    });
  }

  #ended(source: SegmentSource, isEmpty: boolean): void {
    if (source.error !== undefined) {
      this.#problem(messageOf(source.error));
      this.#unread.push(messageOf(source.error));
      this.#unreadable.add(source.segment.number);
    } else if (isEmpty && source.isAtEnd) this.#unused.push(source.segment);
  }

  /** Reports the very last write if a crash cut it off. */
  #unfinished(): void {
    const last = this.#last;
    if (last?.fate !== 'unfinished') return;
    const { write, source } = last;
    const isTorn = ({ reason }: ScanDamage): boolean => reason === 'torn';
    this.#tellDamage(
      source,
      write.damages.filter((damage) => !isTorn(damage)),
    );
    const bytes = write.damages.filter(isTorn).reduce((sum, each) => sum + each.bytes, 0);
    const again = write.records.length > 0 ? `, ${write.records.length} records of it written again` : '';
    this.#notes.push(`${segmentPath(source.segment)}: ${bytes} bytes of an unfinished write left out${again}`);
  }

  #tellDamage(source: SegmentSource, damages: readonly ScanDamage[]): void {
    for (const { lineNumber, reason } of damages) {
      this.#problem(`${segmentPath(source.segment)} line ${lineNumber}: damaged (${reason})`);
    }
  }

  #tellUnseen(): void {
    const unseen = this.#kept.unseen();
    if (unseen.length > 0) this.#problem(`records that are still needed could not be read: ${unseen.join(', ')}`);
  }

  #problem(text: string, count = 1): void {
    this.#damaged += count;
    this.#problems.push(text);
  }

  #resumable(): ResumableSegment | undefined {
    const newest = this.#newest;
    if (newest?.header?.format !== FORMAT || this.#isForked) return undefined;
    const { source, header } = newest;
    const { segment, error, bytes, isAtEnd } = source;
    if (error !== undefined || segment.name.endsWith(FAILED_SUFFIX) || segment.bytes < bytes) return undefined;
    const place = { segment, scanned: bytes, isAtEnd };
    const last = this.#last;
    if (last === undefined) return { ...place, lastStart: 0, end: newest.end, lastRecords: [], before: header.after };
    const { write, before, fate } = last;
    if (fate !== 'kept' || !write.isWhole || write.damages.length > 0 || before === undefined) return undefined;
    const isFirst = before.number === header.after.number;
    const lastRecords = write.records.map(({ line }) => line.json);
    return { ...place, lastStart: isFirst ? 0 : write.start, end: write.end, lastRecords, before };
  }
}

/** Each has memory of its own, which is transferred to the other thread. */
function texts(entries: readonly JournalEntry[]): Uint8Array[] {
  const encoder = new TextEncoder();
  const all: Uint8Array[] = [];
  for (let from = 0; from < entries.length; from += TEXT_ENTRIES) {
    const lines = entries.slice(from, from + TEXT_ENTRIES).map((entry) => `${JSON.stringify(entry)}\n`);
    all.push(encoder.encode(lines.join('')));
  }
  return all;
}
