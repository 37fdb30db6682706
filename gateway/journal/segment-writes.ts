import type { ScanDamage, ScanItem, ScanRecord } from './segment-scan.ts';

/** What is left of one write. */
export interface SegmentWrite {
  readonly records: readonly ScanRecord[];
  /** Damage within it, or before it where the scan can't distinguish. */
  readonly damages: readonly ScanDamage[];
  /** All its lines are there, and the header if it was written with that. */
  readonly isWhole: boolean;
  /** Offset of its first byte; of the first line that is left of it. */
  readonly start: number;
  readonly end: number;
  /** Its lines say to which write they belong. */
  readonly isNumbered: boolean;
}

export type WriteItem =
  | Extract<ScanItem, { type: 'header' }>
  | { readonly type: 'write'; readonly write: SegmentWrite };

/** Joins the lines of one write. A line of format 1 stands for itself. */
export function* segmentWrites(items: Iterable<ScanItem>): Generator<WriteItem> {
  let open = new OpenWrite();
  for (const item of items) {
    if (item.type === 'header') {
      yield item;
    } else if (item.type === 'damage') {
      if (open.isComplete) {
        yield open.end();
        open = new OpenWrite();
      }
      open.damages.push(item);
    } else {
      if (!open.takes(item)) {
        yield open.end();
        open = new OpenWrite();
      }
      open.records.push(item);
    }
  }
  if (open.records.length + open.damages.length > 0) yield open.end();
}

class OpenWrite {
  readonly records: ScanRecord[] = [];
  readonly damages: ScanDamage[] = [];

  /** Number of the last record it had. */
  get #last(): number {
    const record = this.records[0];
    return record === undefined ? 0 : record.line.number + (record.line.write?.behind ?? 0);
  }

  get isComplete(): boolean {
    return this.records.length > 0 && this.records.at(-1)?.line.number === this.#last;
  }

  takes({ line }: ScanRecord): boolean {
    const first = this.records[0];
    if (first === undefined) return true;
    return (
      firstOf(first) === line.number - (line.write?.before ?? 0) &&
      this.#last === line.number + (line.write?.behind ?? 0)
    );
  }

  end(): { type: 'write'; write: SegmentWrite } {
    const { records, damages } = this;
    const first = records[0];
    const last = records.at(-1);
    const isWhole =
      first !== undefined &&
      !damages.some(isTornHeader) &&
      records.length === this.#last - firstOf(first) + 1 &&
      records.every((record, index) => record.isEnded && record.line.number === firstOf(first) + index);
    const isNumbered = first?.line.write !== undefined;
    const write = { records, damages, isWhole, start: first?.start ?? 0, end: last?.end ?? 0, isNumbered };
    return { type: 'write', write };
  }
}

/** The header is written with the first lines of its segment. */
function isTornHeader({ lineNumber, reason }: ScanDamage): boolean {
  return lineNumber === 1 && reason === 'torn';
}

function firstOf({ line }: ScanRecord): number {
  return line.number - (line.write?.before ?? 0);
}
