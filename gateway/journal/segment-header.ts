import type { WallMs } from '../../protocol/clocks.ts';
import { chainAfter, encodeLine, type JournalLine } from './journal-line.ts';
import type { SegmentFile } from './segment-file.ts';

/** Where the chain stands after a record: its number and its chain value. */
export interface ChainPoint {
  readonly number: number;
  readonly chain: string;
}

/**
 * The first line of a segment. It proves where the segment continues the chain, but is not a link
 * of the chain. The first record continues from the same point, so a record has the same chain
 * value in every segment that repeats it.
 */
export interface SegmentHeader {
  readonly segment: number;
  /**
   * The record this segment continues from, and its chain value. Later records of older segments
   * are superseded.
   */
  readonly after: ChainPoint;
  /** Wall ms at which the segment was begun. */
  readonly begunAt: WallMs;
  /** Held keys, with the segment that has the record to be kept. */
  readonly held: ReadonlyMap<string, number>;
  /** The same for keys whose segment was missing. It may come back. */
  readonly away: ReadonlyMap<string, number>;
  readonly seen: Seen | undefined;
  /** 1: the lines don't say to which write they belong. */
  readonly format: number;
}

/**
 * Highest segment number of each directory that a run had read or made; a directory that it could
 * not open is not named. Absent in journals of earlier versions.
 */
export type Seen = Readonly<Record<string, number>>;

/**
 * False if the run that wrote `seen` did not know the segment. Then what that run wrote does not
 * stand for the segment.
 *
 * @param own directory of the segment that has `seen`. If `seen` does not name it, the files are a
 * copy or were moved, and names prove nothing.
 */
export function hasSeen(seen: Seen | undefined, own: string, { directory, number }: SegmentFile): boolean {
  if (seen === undefined || !Object.hasOwn(seen, own)) return true;
  return Object.hasOwn(seen, directory) && number <= (seen[directory] ?? 0);
}

/** The format written now. Format 1 is still read. */
export const FORMAT = 2;

interface HeaderJson {
  readonly callpointJournal: number;
  readonly segment: number;
  readonly after: number;
  readonly chain: string;
  readonly begunAt: WallMs;
  readonly held: Readonly<Record<string, number>>;
  readonly away?: Readonly<Record<string, number>>;
  readonly seen?: Seen;
}

export function encodeHeader(header: Omit<SegmentHeader, 'format'>): Uint8Array {
  const content: HeaderJson = {
    callpointJournal: FORMAT,
    segment: header.segment,
    after: header.after.number,
    chain: header.after.chain,
    begunAt: header.begunAt,
    held: Object.fromEntries(header.held),
    ...(header.away.size > 0 && { away: Object.fromEntries(header.away) }),
    ...(header.seen && { seen: header.seen }),
  };
  const json = JSON.stringify(content);
  const number = header.after.number;
  return encodeLine({ number, chain: chainAfter(header.after.chain, number, json), json });
}

/** @returns the header, or `undefined` if the line is none or was altered */
export function decodeHeader(line: JournalLine): SegmentHeader | undefined {
  if (!line.json.startsWith('{"callpointJournal":')) return undefined;
  const content = parseJson(line.json);
  if (!isHeaderJson(content) || content.after !== line.number) return undefined;
  if (chainAfter(content.chain, line.number, line.json) !== line.chain) return undefined;
  return {
    segment: content.segment,
    after: { number: content.after, chain: content.chain },
    begunAt: content.begunAt,
    format: content.callpointJournal,
    held: new Map(Object.entries(content.held)),
    away: new Map(Object.entries(content.away ?? {})),
    seen: content.seen,
  };
}

/** @returns `undefined` for text that is no JSON: no gateway wrote it */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isHeaderJson(value: unknown): value is HeaderJson {
  if (typeof value !== 'object' || value === null) return false;
  const content = value as Partial<HeaderJson>;
  return (
    (content.callpointJournal === 1 || content.callpointJournal === FORMAT) &&
    typeof content.segment === 'number' &&
    typeof content.after === 'number' &&
    typeof content.chain === 'string' &&
    typeof content.begunAt === 'number' &&
    typeof content.held === 'object' &&
    content.held !== null
  );
}
