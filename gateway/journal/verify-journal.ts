import type { WallMs } from '../../protocol/clocks.ts';
import { nodeJournalFiles } from './journal-files.ts';
import { GENESIS, type JournalLine } from './journal-line.ts';
import type { WrittenItem } from './journal-scan.ts';
import { findSegments, readItems } from './read-journal.ts';
import { parseEntry } from './recovered-records.ts';
import { type SegmentFile, segmentPath } from './segment-file.ts';
import type { ChainPoint, SegmentHeader } from './segment-header.ts';
import type { ScanDamage, ScanRecord } from './segment-scan.ts';
import { SegmentSource } from './segment-source.ts';
import type { SegmentWrite } from './segment-writes.ts';

export interface VerifyResult {
  /** True if every record from `proven.from` to `proven.to` is there, once, as it was written. */
  readonly ok: boolean;
  readonly records: number;
  readonly segments: number;
  /** Wall ms of the first and the last record, as the gateway's clock said. */
  readonly firstAt: WallMs | undefined;
  readonly lastAt: WallMs | undefined;
  readonly proven: ProvenPart;
  readonly problems: readonly VerifyProblem[];
  /**
   * Unfinished writes of a crash, and records written again after a disk error. They are no fault.
   */
  readonly notes: readonly string[];
}

/**
 * What the chain proves. It can't know what came before or after it. Nobody sees that the end is
 * cut off unless `chain` is compared with a value noted elsewhere (a later export, a print-out).
 * The same is true of a journal forged as a whole.
 */
interface ProvenPart {
  readonly from: number;
  readonly to: number;
  /** True if `from` is the first record the journal ever had. */
  readonly fromBeginning: boolean;
  /** Chain value before record `from`. */
  readonly chainBefore: string;
  /** Chain value of record `to`. */
  readonly chain: string;
}

interface VerifyProblem {
  readonly file: string;
  /** Line of the file, from 1. */
  readonly lineNumber: number;
  readonly text: string;
}

const DAMAGE_TEXT: Readonly<Record<ScanDamage['reason'], string>> = {
  torn: 'unfinished line: torn by a crash or copied while being written, or altered (start the gateway once, or copy again)',
  crc: 'damaged: the line is not as it was written (CRC)',
  chain: 'altered: the line does not follow from the one before it (hash chain)',
};

/**
 * Proves by the hash chain that an export is complete and unaltered. The export is a copied journal
 * directory, or any gap-free run of its segments.
 *
 * @param directories the copy, or all directories the journal is spread over
 * @param onProgress called with the number of segments read, and of all
 * @throws CallpointError JOURNAL_UNREADABLE if a directory or file can't be read
 */
export function verifyJournal(
  directories: string | readonly string[],
  onProgress: (done: number, all: number) => void = () => undefined,
): VerifyResult {
  const files = nodeJournalFiles();
  const sources = findSegments(files, directories).map((segment) => new SegmentSource(files, segment));
  const verification = new Verification();
  let begun = 0;
  for (const item of readItems(sources)) {
    if (item.type === 'header') {
      onProgress(begun, sources.length);
      begun += 1;
      verification.header(item.source.segment, item.header);
    } else if (item.type === 'write') verification.write(item);
  }
  return verification.result();
}

const UNFINISHED = DAMAGE_TEXT.torn;

class Verification {
  #problems: VerifyProblem[] = [];
  #notes: string[] = [];
  #records = 0;
  #segments = 0;
  #firstAt: WallMs | undefined;
  #lastAt: WallMs | undefined;
  #start: ChainPoint | undefined;
  #file = '';
  #fileBefore = '';
  /** Last record of the chain, `undefined` until something was read. */
  #last: ChainPoint | undefined;
  /** Points of the segment before that the next one may continue from: number → chain. */
  #points = new Map<number, string>();
  #pointsBefore = new Map<number, string>();
  /** Records that a later segment says it writes again: number → chain value and place. */
  #owed = new Map<number, { readonly chain: string; readonly file: string; readonly isCounted: boolean }>();
  #again = 0;
  #lost = 0;
  /** Lines that repeat. */
  #carried = 0;
  #segment: SegmentFile | undefined;

  header(segment: SegmentFile, header: SegmentHeader): void {
    this.#use(segment, true);
    const { after } = header;
    if (this.#last === undefined) this.#start = after;
    else this.#continueFrom(after, this.#last);
    this.#points.set(after.number, after.chain);
    this.#last = after;
    this.#lost = 0;
  }

  #continueFrom(after: ChainPoint, last: ChainPoint): void {
    const known = this.#pointsBefore.get(after.number);
    if (known === after.chain) {
      for (const [number, chain] of this.#pointsBefore) {
        if (number > after.number) this.#owed.set(number, { chain, file: this.#fileBefore, isCounted: true });
      }
    } else if (known !== undefined || after.number <= last.number) {
      this.#problem(1, `does not continue from record ${after.number} of the segment before it (hash chain)`);
    } else if (after.number - last.number > this.#lost) {
      this.#problem(1, `records ${last.number + 1} to ${after.number} are missing before this segment`);
    }
  }

  write(item: WrittenItem): void {
    const { source, write, fate, isFollowed } = item;
    this.#use(source.segment, fate !== 'kept');
    const first = write.records[0] ?? write.damages[0];
    const place = `${this.#file} line ${first?.lineNumber ?? 1}`;
    if (fate === 'superseded') {
      for (const damage of write.damages) this.#damage(damage);
      for (const { line } of write.records) {
        this.#owed.set(line.number, { chain: line.chain, file: this.#file, isCounted: false });
      }
      return;
    }
    if (fate === 'unfinished' && isFollowed) {
      const again = write.records.length > 0 ? `; ${count(write)} that were left of it were written again` : '';
      this.#notes.push(`${place}: unfinished write left by a crash, no record is missing${again}`);
      return;
    }
    for (const item of inOrder(write)) {
      if (item.type === 'damage') this.#damage(item);
      else this.#record(item.line, item.lineNumber);
    }
    if (fate === 'unfinished' && write.damages.length === 0) this.#problem(first?.lineNumber ?? 1, UNFINISHED);
  }

  #record(line: JournalLine, lineNumber: number): void {
    const missing = this.#last === undefined ? 0 : line.number - this.#last.number - 1;
    if (missing < 0)
      this.#problem(lineNumber, `record ${line.number} stands where record ${line.number - missing} belongs`);
    else if (missing > this.#lost) {
      this.#problem(lineNumber, `records ${line.number - missing} to ${line.number - 1} are missing before this line`);
    }
    this.#lost = 0;
    this.#last = { number: line.number, chain: line.chain };
    this.#points.set(line.number, line.chain);
    const owed = this.#owed.get(line.number);
    const isAgain = owed?.chain === line.chain;
    if (isAgain) {
      this.#owed.delete(line.number);
      this.#again += 1;
    }
    if (!isAgain || !owed.isCounted) this.#count(line, lineNumber);
  }

  #count(line: JournalLine, lineNumber: number): void {
    const entry = parseEntry(line.json);
    if (entry === undefined) {
      this.#problem(lineNumber, 'no gateway wrote this record');
      return;
    }
    if (entry.carry !== undefined) {
      this.#carried += 1;
      return;
    }
    this.#records += 1;
    this.#firstAt ??= entry.record.at;
    this.#lastAt = entry.record.at;
  }

  #damage({ lineNumber, reason }: ScanDamage): void {
    if (lineNumber > 1) this.#lost += 1;
    this.#problem(lineNumber, DAMAGE_TEXT[reason]);
  }

  result(): VerifyResult {
    if (this.#carried > 0) {
      const what = `${this.#carried} lines repeat what older records add up to, so that those may be deleted`;
      this.#notes.push(`${what}: they are in the chain, and are not counted`);
    }
    if (this.#again > 0)
      this.#notes.push(`${this.#again} records were written again after a disk error, and count once`);
    for (const [number, { file }] of this.#owed) {
      this.#problems.push({ file, lineNumber: 1, text: `record ${number} was not written again in the next segment` });
    }
    const before = this.#start ?? { number: 0, chain: GENESIS };
    const last = this.#last ?? before;
    return {
      ok: this.#problems.length === 0,
      records: this.#records,
      segments: this.#segments,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      proven: {
        from: before.number + 1,
        to: last.number,
        fromBeginning: before.number === 0 && before.chain === GENESIS,
        chainBefore: before.chain,
        chain: last.chain,
      },
      problems: this.#problems,
      notes: this.#notes,
    };
  }

  /** Of the next segment, perhaps. */
  #use(segment: SegmentFile, hasHeader: boolean): void {
    if (this.#segment === segment) return;
    this.#segment = segment;
    this.#segments += 1;
    this.#fileBefore = this.#file;
    this.#file = segmentPath(segment);
    if (this.#points.size > 0) this.#pointsBefore = this.#points;
    this.#points = new Map();
    if (!hasHeader) this.#problem(1, 'the header is missing or damaged');
  }

  #problem(lineNumber: number, text: string): void {
    this.#problems.push({ file: this.#file, lineNumber, text });
  }
}

function inOrder({ damages, records }: SegmentWrite): readonly (ScanDamage | ScanRecord)[] {
  return damages.length === 0 ? records : [...damages, ...records].sort((a, b) => a.lineNumber - b.lineNumber);
}

function count({ records }: SegmentWrite): string {
  return records.length === 1 ? 'its one record' : `${records.length} records`;
}
