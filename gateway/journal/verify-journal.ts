import { nodeJournalFiles } from './journal-files.ts';
import { GENESIS, type JournalLine } from './journal-line.ts';
import { findSegments, readItems } from './read-journal.ts';
import { parseEntry } from './recovered-records.ts';
import { type SegmentFile, segmentPath } from './segment-file.ts';
import type { ChainPoint, SegmentHeader } from './segment-header.ts';
import type { ScanDamage } from './segment-scan.ts';

export interface VerifyResult {
  /** True if every record from `proven.from` to `proven.to` is there, once, as it was written. */
  readonly ok: boolean;
  readonly records: number;
  readonly segments: number;
  /** Wall ms of the first and the last record, as the gateway's clock said. */
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
  readonly proven: ProvenPart;
  readonly problems: readonly VerifyProblem[];
  /** What is no fault: unfinished writes of a crash, records written again after a disk error. */
  readonly notes: readonly string[];
}

/**
 * What the chain speaks for. It can't know what came before or after it: an end cut off shows only when `chain` is compared with
 * a value noted elsewhere (a later export, a print-out), and so does a journal forged as a whole.
 */
export interface ProvenPart {
  readonly from: number;
  readonly to: number;
  /** True if `from` is the first record the journal ever had. */
  readonly fromBeginning: boolean;
  /** Chain value before record `from`. */
  readonly chainBefore: string;
  /** Chain value of record `to`. */
  readonly chain: string;
}

export interface VerifyProblem {
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
 * Proves by the hash chain that an export is complete and unaltered: a copied journal directory, or any gap-free run of its
 * segments.
 *
 * @param directories the copy, or all directories the journal is spread over
 * @throws CallpointError JOURNAL_UNREADABLE if a directory or file can't be read
 */
export function verifyJournal(directories: string | readonly string[]): VerifyResult {
  const files = nodeJournalFiles();
  const verification = new Verification();
  for (const segment of findSegments(files, directories)) {
    verification.begin(segment);
    for (const item of readItems(files, segment)) {
      if (item.type === 'header') verification.header(item.header);
      else if (item.type === 'record') verification.record(item.line, item.lineNumber);
      else verification.damage(item);
    }
    verification.end();
  }
  return verification.result();
}

class Verification {
  #problems: VerifyProblem[] = [];
  #notes: string[] = [];
  #records = 0;
  #segments = 0;
  #firstAt: number | undefined;
  #lastAt: number | undefined;
  #start: ChainPoint | undefined;
  #file = '';
  #fileBefore = '';
  /** Last record of the chain, `undefined` until something was read. */
  #last: ChainPoint | undefined;
  /** Points of the segment before that the next one may continue from: number → chain. */
  #points = new Map<number, string>();
  #pointsBefore = new Map<number, string>();
  /** Damage after the last good line of a segment: no fault if the next segment continues from that line. */
  #trailing: VerifyProblem[] = [];
  /** Records that a later segment says it writes again: number → chain value and place. */
  #owed = new Map<number, { readonly chain: string; readonly file: string }>();
  #again = 0;
  #lost = 0;
  #hasHeader = false;
  #isUsed = false;

  begin(segment: SegmentFile): void {
    this.#fileBefore = this.#file;
    this.#file = segmentPath(segment);
    this.#pointsBefore = this.#points;
    this.#points = new Map();
    this.#hasHeader = false;
    this.#isUsed = false;
  }

  header(header: SegmentHeader): void {
    this.#hasHeader = true;
    this.#use();
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
      for (const { file, lineNumber } of this.#trailing) {
        this.#notes.push(`${file} line ${lineNumber}: unfinished write left by a crash, no record is missing`);
      }
      for (const [number, chain] of this.#pointsBefore) {
        if (number > after.number) this.#owed.set(number, { chain, file: this.#fileBefore });
      }
    } else {
      this.#problems.push(...this.#trailing);
      if (known !== undefined || after.number <= last.number) {
        this.#problem(1, `does not continue from record ${after.number} of the segment before it (hash chain)`);
      } else if (after.number - last.number > this.#trailing.length) {
        this.#problem(1, `records ${last.number + 1} to ${after.number} are missing before this segment`);
      }
    }
    this.#trailing = [];
  }

  record(line: JournalLine, lineNumber: number): void {
    this.#use();
    if (!this.#hasHeader) this.#missingHeader();
    this.#problems.push(...this.#trailing);
    this.#trailing = [];
    const missing = this.#last === undefined ? 0 : line.number - this.#last.number - 1;
    if (missing < 0)
      this.#problem(lineNumber, `record ${line.number} stands where record ${line.number - missing} belongs`);
    else if (missing > this.#lost) {
      this.#problem(lineNumber, `records ${line.number - missing} to ${line.number - 1} are missing before this line`);
    }
    this.#lost = 0;
    if (this.#owed.get(line.number)?.chain === line.chain) {
      this.#owed.delete(line.number);
      this.#records -= 1;
      this.#again += 1;
    }
    this.#last = { number: line.number, chain: line.chain };
    this.#points.set(line.number, line.chain);
    this.#count(line, lineNumber);
  }

  #count(line: JournalLine, lineNumber: number): void {
    const entry = parseEntry(line.json);
    if (entry === undefined) {
      this.#problem(lineNumber, 'no gateway wrote this record');
      return;
    }
    this.#records += 1;
    this.#firstAt ??= entry.record.at;
    this.#lastAt = entry.record.at;
  }

  damage(damage: ScanDamage): void {
    this.#use();
    if (damage.lineNumber === 1) this.#hasHeader = true;
    else this.#lost += 1;
    this.#trailing.push({ file: this.#file, lineNumber: damage.lineNumber, text: DAMAGE_TEXT[damage.reason] });
  }

  end(): void {
    if (this.#isUsed) this.#segments += 1;
    else this.#points = this.#pointsBefore;
  }

  result(): VerifyResult {
    this.#problems.push(...this.#trailing);
    this.#trailing = [];
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

  #use(): void {
    this.#isUsed = true;
  }

  #missingHeader(): void {
    this.#hasHeader = true;
    this.#problem(1, 'the header is missing');
  }

  #problem(lineNumber: number, text: string): void {
    this.#problems.push({ file: this.#file, lineNumber, text });
  }
}
