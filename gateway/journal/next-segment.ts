import type { WallMs } from '../../protocol/clocks.ts';
import { messageOf } from '../../protocol/errors.ts';
import { errorCode } from '../system/error-code.ts';
import type { EngineDirectories } from './engine-directories.ts';
import type { EngineHealth } from './engine-health.ts';
import { isFull } from './journal-files.ts';
import { oldestFree } from './retention.ts';
import { encodeHeader, type SegmentHeader } from './segment-header.ts';
import { SegmentWriter } from './segment-writer.ts';
import type { SpareSegment } from './spare-segment.ts';

interface NextSegmentDeps {
  readonly directories: EngineDirectories;
  readonly spare: SpareSegment;
  readonly health: EngineHealth;
  readonly wallMs: () => WallMs;
  /** Throws. */
  readonly create: (directory: string) => SegmentWriter;
  /**
   * Makes a directory ready to be written and adopts the records in it. Throws.
   *
   * @param anywhere also where its disk is not mounted
   */
  readonly open: (directory: string, anywhere: boolean) => void;
  /** Where the chain stands, and the segment of each key that is held. */
  readonly state: () => Pick<SegmentHeader, 'after' | 'held' | 'away'>;
  readonly oldestHeld: () => number | undefined;
  /** A directory that existed is missing. */
  readonly missing: (directory: string) => void;
  /** A segment could not be written. */
  readonly fail: (writer: SegmentWriter, error: unknown) => void;
}

/** Begins the segment that comes next. Never throws. */
export class NextSegment {
  readonly #deps: NextSegmentDeps;

  constructor(deps: NextSegmentDeps) {
    this.#deps = deps;
  }

  /**
   * @param inTurn directories to be tried, one after the other
   * @param bytes lines to write behind the header
   * @returns `undefined` if no directory can be written
   */
  begin(inTurn: readonly string[], bytes: Uint8Array | undefined): SegmentWriter | undefined {
    const full: string[] = [];
    for (const directory of inTurn) {
      const begun = this.beginIn(directory, bytes);
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
  beginIn(directory: string, bytes: Uint8Array | undefined, anywhere = true): SegmentWriter | unknown {
    const { create, directories, fail, open, spare, state, wallMs } = this.#deps;
    let writer: SegmentWriter | undefined;
    try {
      open(directory, anywhere);
      writer = spare.take(directory) ?? create(directory);
      const seen = { ...directories.seen, [directory]: writer.number };
      const header = encodeHeader({ segment: writer.number, begunAt: wallMs(), seen, ...state() });
      writer.write(bytes === undefined ? header : Buffer.concat([header, bytes]));
      directories.begun(writer);
      return writer;
    } catch (error) {
      if (writer === undefined) this.#notBegun(directory, error);
      else fail(writer, error);
      return error;
    }
  }

  #notBegun(directory: string, error: unknown): void {
    this.#deps.health.degrade(messageOf(error));
    if (errorCode(error) === 'ENOENT') this.#deps.missing(directory);
  }

  /**
   * New presses matter more than old evidence: on a full disk the journal deletes the oldest
   * segments before their time. The health says so.
   */
  #beginByDeleting(directory: string, bytes: Uint8Array | undefined): SegmentWriter | undefined {
    const { directories, health, oldestHeld } = this.#deps;
    for (;;) {
      const closed = directories.closed.filter((segment) => segment.directory === directory);
      const segment = oldestFree({ closed, oldestHeld: oldestHeld() });
      if (segment === undefined) return undefined;
      if (directories.remove(segment) !== undefined) return undefined;
      const begun = this.beginIn(directory, bytes);
      if (begun instanceof SegmentWriter) {
        health.degrade(`${directory} is full: ${segment.name} was deleted before its time`);
        return begun;
      }
      if (!isFull(begun)) return undefined;
    }
  }
}
