import { after, LONG_AGO_MS, type MonoMs } from '../../protocol/clocks.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { SegmentWriter } from './segment-writer.ts';

/** The journal waits this long before it tries one again, ms. */
export const RETRY_MS = 60_000;

interface SpareLinks {
  create(directory: string): SegmentWriter;
  fail(writer: SegmentWriter): void;
  trouble(detail: string): void;
}

/** The next segment. It is filled with zeros ahead of time, so that changing to it never waits. */
export class SpareSegment {
  readonly #links: SpareLinks;
  #writer: SegmentWriter | undefined;
  #afterMs = LONG_AGO_MS;

  constructor(links: SpareLinks) {
    this.#links = links;
  }

  get bytes(): number {
    return this.#writer?.bytes ?? 0;
  }

  /** It has the lowest number not in use, so it is good only for the segment that comes next. */
  take(directory: string): SegmentWriter | undefined {
    const writer = this.#writer;
    if (writer?.directory !== directory) {
      this.drop();
      return undefined;
    }
    this.#writer = undefined;
    return writer;
  }

  /** Leaves the file where it is: nothing may be touched by its path any more. */
  leave(directories: ReadonlySet<string>): void {
    const writer = this.#writer;
    if (writer === undefined || !directories.has(writer.directory)) return;
    this.#writer = undefined;
    writer.close();
  }

  drop(): void {
    const writer = this.#writer;
    this.#writer = undefined;
    if (writer !== undefined) this.#links.fail(writer);
  }

  /**
   * Does one step.
   *
   * @returns true if there is more to do
   */
  prepare(directory: string, now: MonoMs): boolean {
    if (now < this.#afterMs) return false;
    try {
      this.#writer ??= this.#links.create(directory);
      return this.#writer.prepare();
    } catch (error) {
      this.drop();
      this.#afterMs = after(now, RETRY_MS);
      this.#links.trouble(`no room prepared for the next segment: ${messageOf(error)}`);
      return false;
    }
  }
}
