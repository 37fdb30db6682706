import { messageOf } from '../../protocol/errors.ts';
import { HeldKeys, type KeyMarks } from './held-keys.ts';
import type { JournalFiles } from './journal-files.ts';
import { GENESIS, type JournalLine, NEWLINE } from './journal-line.ts';
import { type SegmentFile, segmentPath } from './segment-file.ts';
import type { ChainPoint, SegmentHeader } from './segment-header.ts';
import { type ScanDamage, scanSegment } from './segment-scan.ts';

export interface RecoveredSegments {
  /** JSON of the records, one a line, oldest first. */
  readonly texts: readonly Uint8Array[];
  /** Where the next record continues. */
  readonly tail: ChainPoint;
  readonly held: HeldKeys;
  readonly damaged: number;
  /** What was wrong, for a person; empty if nothing was. */
  readonly problems: readonly string[];
  /** What is no fault: torn tails left by a crash. */
  readonly notes: readonly string[];
  /** Segments in which nothing was ever written: rooms prepared before a crash. */
  readonly unused: readonly SegmentFile[];
}

/** Reading stops here, newest segments first, so that a gateway starts in bounded time. Milliseconds. */
export const RECOVERY_BUDGET_MS = 3_000;

/** Records written again after a failure: at most one write's worth, of which a line has at least 64 bytes. */
const REWRITTEN_MOST = 4_096;

/** Segments that may fail one after the other until records are told twice (which the core tolerates). */
const NEWER_KEPT = 4;

interface Part {
  readonly header: SegmentHeader | undefined;
  readonly text: Uint8Array;
  /** Key marks in order, each with the offset of its line in `text`. */
  readonly marks: readonly (KeyMarks & { readonly offset: number })[];
  /** Chain values of the first records, where those written again stand. */
  readonly firstChains: ReadonlySet<string>;
  readonly last: ChainPoint | undefined;
  readonly isEmpty: boolean;
}

/**
 * Reads the journal back: everything since the oldest record that holds a key. Never throws; what can't be read is reported and
 * the rest is recovered.
 *
 * @param segments of all directories, oldest first
 */
export function recover(
  files: JournalFiles,
  segments: readonly SegmentFile[],
  monoMs: () => number,
): RecoveredSegments {
  return new Recovery(files, monoMs).run(segments);
}

class Recovery {
  #files: JournalFiles;
  #monoMs: () => number;
  #deadline: number;
  #damaged = 0;
  #problems: string[] = [];
  #notes: string[] = [];
  #unused: SegmentFile[] = [];
  /** Newest first. */
  #parts: { readonly segment: SegmentFile; readonly part: Part }[] = [];

  constructor(files: JournalFiles, monoMs: () => number) {
    this.#files = files;
    this.#monoMs = monoMs;
    this.#deadline = monoMs() + RECOVERY_BUDGET_MS;
  }

  run(segments: readonly SegmentFile[]): RecoveredSegments {
    const newestFirst = segments.toReversed();
    let next = this.#readBack(newestFirst, 0, (part) => part?.header !== undefined);
    const held = this.#heldKeys();
    const oldest = held.oldest() ?? Number.POSITIVE_INFINITY;
    const isOlder = (segment: SegmentFile): boolean => segment.number < oldest;
    if (next < newestFirst.length && !newestFirst.slice(next).every(isOlder)) {
      next = this.#readBack(newestFirst.slice(0, newestFirst.findLastIndex((s) => !isOlder(s)) + 1), next, () => false);
    }
    return {
      texts: this.#texts(held),
      tail: this.#tail(),
      held,
      damaged: this.#damaged,
      problems: this.#problems,
      notes: this.#notes,
      unused: this.#unused,
    };
  }

  /** @returns index of the first segment not read */
  #readBack(newestFirst: readonly SegmentFile[], from: number, enough: (part: Part | undefined) => boolean): number {
    for (let index = from; index < newestFirst.length; index += 1) {
      const segment = newestFirst[index];
      if (segment === undefined) break;
      if (this.#parts.length > 0 && this.#monoMs() > this.#deadline) {
        const missing = newestFirst.slice(index).map((each) => each.name);
        this.#problems.push(`not read in time: ${missing.join(', ')}`);
        return newestFirst.length;
      }
      if (enough(this.#readOne(segment))) return index + 1;
    }
    return newestFirst.length;
  }

  #readOne(segment: SegmentFile): Part | undefined {
    try {
      const bytes = this.#files.read(segmentPath(segment));
      const newer = this.#parts.slice(-NEWER_KEPT).map((each) => each.part);
      const { part, damages, torn } = readPart(bytes, {
        cut: newer.at(-1)?.header?.after,
        has: (chain) => newer.some(({ firstChains }) => firstChains.has(chain)),
      });
      if (part.isEmpty) {
        this.#unused.push(segment);
        return undefined;
      }
      this.#damaged += damages.length;
      for (const damage of damages) {
        this.#problems.push(`${segmentPath(segment)} line ${damage.lineNumber}: damaged (${damage.reason})`);
      }
      if (torn > 0) this.#notes.push(`${segmentPath(segment)}: ${torn} bytes of an unfinished write left out`);
      this.#parts.push({ segment, part });
      return part;
    } catch (error) {
      this.#damaged += 1;
      this.#problems.push(messageOf(error));
      return undefined;
    }
  }

  /** The newest header's table, brought up to date with the records since; without a header, everything marked in what was read. */
  #heldKeys(): HeldKeys {
    const held = new HeldKeys(this.#parts.at(-1)?.part.header?.held);
    for (const { segment, part } of this.#parts.toReversed()) {
      for (const marks of part.marks) held.mark(marks, segment.number);
    }
    return held;
  }

  #tail(): ChainPoint {
    for (const { part } of this.#parts) {
      const point = part.last ?? part.header?.after;
      if (point !== undefined) return point;
    }
    return { number: 0, chain: GENESIS };
  }

  /** Oldest first; the oldest segment from the first record on that still holds a key. */
  #texts(held: HeldKeys): Uint8Array[] {
    const parts = this.#parts.toReversed();
    return parts.map(({ segment, part }, index) => {
      if (index > 0) return part.text;
      const first = part.marks.find(({ holds }) => holds !== undefined && held.segmentOf(holds) === segment.number);
      return first === undefined ? part.text : part.text.slice(first.offset);
    });
  }
}

/** @param newer what is known of the segments begun after this one */
function readPart(bytes: Uint8Array, newer: NewerSegments): { part: Part; damages: ScanDamage[]; torn: number } {
  const { cut } = newer;
  const text = new TextCollector(bytes.length);
  const marks: (KeyMarks & { offset: number })[] = [];
  const firstChains = new Set<string>();
  const damages: ScanDamage[] = [];
  /** Damage since the last good record: a crash leaves it at the end of a file. */
  let trailing: ScanDamage[] = [];
  let header: SegmentHeader | undefined;
  let last: ChainPoint | undefined;
  let isEmpty = true;
  let isPastCut = false;
  for (const item of scanSegment(bytes)) {
    isEmpty = false;
    if (item.type === 'damage') {
      if (!isPastCut) trailing.push(item);
      continue;
    }
    damages.push(...trailing);
    trailing = [];
    if (item.type === 'header') header = item.header;
    else if (!isPastCut || !newer.has(item.line.chain)) {
      const found = keyMarks(item.line);
      if (found !== undefined) marks.push({ ...found, offset: text.length });
      text.add(item.line.json);
      last = { number: item.line.number, chain: item.line.chain };
      if (firstChains.size < REWRITTEN_MOST) firstChains.add(item.line.chain);
    }
    const point = item.type === 'header' ? item.header.after : item.line;
    if (cut !== undefined && point.number === cut.number && point.chain === cut.chain) isPastCut = true;
  }
  const isTorn = ({ reason }: ScanDamage): boolean => cut === undefined && reason === 'torn';
  damages.push(...trailing.filter((each) => !isTorn(each)));
  const torn = trailing.filter(isTorn).reduce((sum, each) => sum + each.bytes, 0);
  return { part: { header, text: text.bytes(), marks, firstChains, last, isEmpty }, damages, torn };
}

/** Records a failed segment had not confirmed are written again at the start of the next one, or of the one after that. */
interface NewerSegments {
  /** Where the next segment continues; from there on this one is superseded. */
  readonly cut: ChainPoint | undefined;
  /** True if a newer segment has the record with this chain value. */
  has(chain: string): boolean;
}

/** Only lines that can have marks are parsed: `holds` and `releases` stand outside the record. */
function keyMarks(line: JournalLine): KeyMarks | undefined {
  if (!line.json.includes('"holds":') && !line.json.includes('"releases":')) return undefined;
  const { holds, releases } = parseMarks(line.json);
  if (typeof holds !== 'string' && typeof releases !== 'string') return undefined;
  return { ...(typeof holds === 'string' && { holds }), ...(typeof releases === 'string' && { releases }) };
}

/** A line that is no JSON carries no marks here; whoever parses the record reports it. */
function parseMarks(json: string): { readonly holds?: unknown; readonly releases?: unknown } {
  try {
    return JSON.parse(json) as { readonly holds?: unknown; readonly releases?: unknown };
  } catch {
    return {};
  }
}

/** Lines gathered outside the thread's small heap. */
class TextCollector {
  #bytes: Buffer;
  length = 0;

  constructor(room: number) {
    this.#bytes = Buffer.allocUnsafeSlow(room);
  }

  add(json: string): void {
    this.length += this.#bytes.write(json, this.length);
    this.#bytes[this.length] = NEWLINE;
    this.length += 1;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, 0, this.length);
  }
}
