import fc from 'fast-check';
import type { JournalEntry, JournalRecord } from '../../../gateway/core/journal-record.ts';
import { JournalReplay } from '../../../gateway/core/restart/journal-replay.ts';
import { JournalEngine } from '../../../gateway/journal/journal-engine.ts';
import { parseRecords } from '../../../gateway/journal/recovered-records.ts';
import type { JournalSettings } from '../../../gateway/journal/settings.ts';
import { plainState } from '../core/plain-state.ts';
import { error, MemoryDisk, type Operation, OWNER } from './memory-files.ts';

const FAULTY: readonly Operation[] = ['create', 'write', 'rename', 'syncDirectory', 'close', 'truncate', 'openWrite'];
/** Bytes that reach the medium together. */
const SECTOR = 64;
/** Of a torn write any part may count; more records than this have too many parts to try. */
const PARTS_MOST = 11;

const of = <T extends string>(t: T) => fc.constant(t);
const upTo = (max: number) => fc.integer({ min: 1, max });
const directory = fc.constantFrom('/a', '/a', '/b');

/** What may happen in the life of a journal. */
export const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ t: of('report'), padding: fc.nat(500) }) },
  { weight: 3, arbitrary: fc.record({ t: of('alert'), padding: fc.nat(500), key: fc.constantFrom('k1', 'k2') }) },
  { weight: 8, arbitrary: fc.record({ t: of('attempts'), count: upTo(20) }) },
  { weight: 4, arbitrary: fc.record({ t: of('settled'), which: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ t: of('heard'), key: fc.constantFrom('k1', 'k2') }) },
  { weight: 4, arbitrary: fc.record({ t: of('time'), ms: fc.constantFrom(1_000, 1_000, 3_000, 70_000) }) },
  { weight: 8, arbitrary: fc.record({ t: of('work'), steps: upTo(40) }) },
  { weight: 2, arbitrary: fc.record({ t: of('lost'), directory }) },
  { weight: 2, arbitrary: fc.record({ t: of('back'), directory }) },
  {
    weight: 2,
    arbitrary: fc.record({
      t: of('faults'),
      rarity: upTo(12),
      seed: fc.nat(1_000_000),
      code: fc.constantFrom('EIO', 'ENOSPC', 'EROFS'),
      isShort: fc.boolean(),
      count: upTo(10),
    }),
  },
  { weight: 2, arbitrary: fc.record({ t: of('restart'), isClosed: fc.boolean() }) },
  /** At the next restart the disk is as it was in the middle of the n-th next write. */
  { weight: 3, arbitrary: fc.record({ t: of('powerCut'), ahead: fc.nat(8), sectors: fc.nat(8_191) }) },
);
export type JournalEvent = typeof event extends fc.Arbitrary<infer T> ? T : never;

/**
 * A disk that keeps what was on the medium at the power cut, with some sectors of the write in
 * progress.
 */
class CutDisk extends MemoryDisk {
  writesLeft = Number.POSITIVE_INFINITY;
  sectors = 0;
  cut: CutDisk | undefined;
  /** Called when the power goes. */
  atCut = (): void => {};

  override write(file: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    if (this.cut === undefined && this.writesLeft === 0) {
      this.cut = this.copy();
      const path = this.pathOf(file);
      this.cut.files.set(path, this.#torn(this.files.get(path) ?? Buffer.alloc(0), bytes, offset, length, position));
      this.atCut();
    }
    this.writesLeft -= 1;
    return super.write(file, bytes, offset, length, position);
  }

  #torn(before: Buffer, bytes: Uint8Array, offset: number, length: number, position: number): Buffer {
    const after = Buffer.concat([before], Math.max(before.length, position + length));
    let size = before.length;
    for (let at = position, end = at; at < position + length; at = end) {
      end = Math.min(position + length, (Math.floor(at / SECTOR) + 1) * SECTOR);
      if (((this.sectors >> (Math.floor(at / SECTOR) % 13)) & 1) === 0) continue;
      after.set(bytes.subarray(offset + at - position, offset + end - position), at);
      size = Math.max(size, end);
    }
    return Buffer.from(after.subarray(0, size));
  }

  copy(): CutDisk {
    const disk = new CutDisk();
    for (const [path, bytes] of this.files) if (!path.startsWith('/unlinked')) disk.files.set(path, Buffer.from(bytes));
    return disk;
  }

  has(directory: string): boolean {
    return [...this.files.keys()].some((path) => path.startsWith(`${directory}/`));
  }
}

/**
 * A journal over many runs of the gateway. Each start is compared with the records of earlier runs
 * and those that were durable.
 */
export class JournalLife {
  disk = new CutDisk();
  /** True if a directory was away at some time. A report of missing records is then right. */
  hasLost = false;
  /** Starts after a power cut. */
  cuts = 0;
  /** True if a power cut left so much that there is no single right answer. */
  isUndecided = false;
  readonly #settings: Omit<JournalSettings, 'retainMs'>;
  #engine: JournalEngine;
  #records: JournalRecord[] = [];
  /**
   * Records of earlier runs, and of this one those that were said and those that were called
   * durable.
   */
  #earlier = 0;
  #said = 0;
  #durable = 0;
  /** Where each lost directory is now. */
  readonly #away = new Map<string, string>();
  #places = 0;
  /** The engine had no time yet to find what was lost. */
  #isUnfound = false;
  /** How many records were durable when the power went. */
  #durableAtCut: number | undefined;
  #now = 0;
  #next = 1;
  #open: { readonly id: string; readonly key: string }[] = [];

  constructor(settings: Omit<JournalSettings, 'retainMs'>) {
    this.#settings = settings;
    this.#engine = this.#start();
  }

  happen(event: JournalEvent): void {
    const id = String(this.#next);
    const at = this.#next++;
    const sequences = { c: at };
    const { t } = event;
    if (t === 'report') {
      const report = { id, class: 'test', text: 'x'.repeat(event.padding) };
      this.#say([{ record: { t, at, report, sequences }, holds: `report:${id}` }]);
      this.#open.push({ id, key: `report:${id}` });
    } else if (t === 'alert') {
      const report = { id, class: 'alarm', text: 'x'.repeat(event.padding) };
      const pressed = { device: 'd', epoch: 1, counter: at, key: event.key };
      this.#say([{ record: { t, at, id, kind: 'k', ...pressed, report, sequences }, holds: `alert:${id}` }]);
      this.#open.push({ id, key: `alert:${id}` });
    } else if (t === 'attempts') {
      const report = this.#open.at(-1)?.id;
      const numbers = report === undefined ? [] : Array.from({ length: event.count }, (_, n) => at * 100 + n);
      this.#say(numbers.map((n) => ({ record: { t: 'attempt', at, report, path: 'c', n, format: 0 } })));
    } else if (t === 'settled') {
      const [over] = this.#open.splice(event.which % Math.max(1, this.#open.length), 1);
      if (over !== undefined) this.#say([{ record: { t, at, report: over.id }, releases: over.key }]);
    } else if (t === 'heard') {
      const window = [1, at, '1', event.key];
      // A part of the counters, which holds nothing: of one device.
      this.#say([{ record: { t: 'counters', at, devices: { e: window }, sequences: {} } }]);
      this.#say([{ record: { t, at, device: 'd', epoch: 1, counter: at, key: event.key } }]);
    } else this.#happenToDisk(event);
  }

  /** After two seconds with a good disk all records are durable, and lost ones are found. */
  calm(): void {
    this.disk.fault = () => undefined;
    this.#pass(2_000);
    if (this.#durable < this.#said) throw new Error('not durable though the disk is good');
    this.#isUnfound = false;
  }

  #happenToDisk(event: JournalEvent): void {
    if (event.t === 'time') this.#pass(event.ms);
    else if (event.t === 'work') for (let left = event.steps; left > 0 && this.#engine.work(); left -= 1);
    else if (event.t === 'lost') this.#lose(event.directory);
    else if (event.t === 'back') this.#bringBack(event.directory);
    else if (event.t === 'faults') this.#makeFaulty(event);
    else if (event.t === 'restart') this.#restart(event.isClosed);
    else if (event.t === 'powerCut') {
      if (this.#isUnfound) this.calm();
      this.disk.writesLeft = event.ahead;
      this.disk.sectors = event.sectors;
    }
  }

  #pass(ms: number): void {
    for (let left = ms; left > 0; left -= 1_000) {
      this.#now += 1_000;
      this.#engine.tick();
    }
  }

  #lose(directory: string): void {
    if (this.#away.has(directory) || this.disk.cut !== undefined || !this.disk.has(directory)) return;
    this.#change();
    this.#away.set(directory, this.#elsewhere(directory));
  }

  #bringBack(directory: string): void {
    const place = this.#away.get(directory);
    if (place === undefined || this.disk.cut !== undefined) return;
    this.#change();
    this.#elsewhere(directory);
    this.disk.move(place, directory);
    this.#away.delete(directory);
  }

  #change(): void {
    this.disk.writesLeft = Number.POSITIVE_INFINITY;
    this.#isUnfound = true;
    this.hasLost = true;
  }

  #elsewhere(directory: string): string {
    const place = `/elsewhere-${this.#places++}`;
    this.disk.move(directory, place);
    return place;
  }

  #makeFaulty({ rarity, seed, code, isShort, count }: Extract<JournalEvent, { t: 'faults' }>): void {
    let dice = seed;
    let left = count;
    this.disk.fault = (operation, _path, length) => {
      dice = (dice * 1_103_515_245 + 12_345) % 2_147_483_648;
      if (left <= 0 || !FAULTY.includes(operation) || Math.floor(dice / 65_536) % rarity !== 0) return undefined;
      left -= 1;
      return isShort && operation === 'write' && length > 1 ? Math.ceil(length / 2) : error(code);
    };
  }

  #restart(isClosed: boolean): void {
    if (this.#isUnfound && this.disk.cut === undefined) this.calm();
    this.disk.fault = () => undefined;
    if (isClosed) this.#engine.close();
    const durable = this.#durableAtCut ?? this.#earlier + this.#durable;
    this.disk = this.disk.cut ?? this.disk.copy();
    const wasCut = this.#durableAtCut !== undefined;
    this.#durableAtCut = undefined;
    if (wasCut) this.cuts += 1;
    // What is away stays away for good.
    this.#away.clear();
    this.#isUnfound = false;
    this.#engine = this.#start({ durable, wasCut });
  }

  #start(before?: { readonly durable: number; readonly wasCut: boolean }): JournalEngine {
    const { disk } = this;
    this.#earlier = this.#records.length;
    this.#said = 0;
    this.#durable = 0;
    this.#now = 0;
    const engine = new JournalEngine(
      { retainMs: 1e9, ...this.#settings },
      {
        files: disk,
        owner: OWNER,
        monoMs: () => this.#now,
        wallMs: () => disk.wallMs,
        durable: (number) => {
          this.#durable = number;
        },
        health: () => {},
      },
    );
    disk.atCut = () => {
      this.#durableAtCut = this.#earlier + this.#durable;
    };
    const { texts, problems } = engine.open();
    const { records } = parseRecords({ texts, damaged: 0, detail: '' });
    if (before !== undefined) this.#check(records, problems, before);
    const replay = new JournalReplay();
    for (const each of records) replay.add(each);
    const { alerts, reports } = replay.state();
    const open = [...alerts.map(({ raised }) => raised.report.id), ...reports.map(({ report }) => report.id)];
    this.#open = this.#open.filter(({ id }) => open.includes(id));
    this.#engine = engine;
    const session = this.#next++;
    this.#say([{ record: { t: 'session', at: session, session } }]);
    // As the gateway does: with all that was taken up.
    const { record, holds } = replay.last();
    this.#say([{ record: { ...record, at: session, session, sequences: { c: session } }, holds }]);
    return engine;
  }

  /**
   * The start finds everything durable, and of the rest a beginning; what a power cut tore may
   * count in parts.
   */
  #check(
    found: readonly JournalRecord[],
    problems: readonly string[],
    { durable, wasCut }: { readonly durable: number; readonly wasCut: boolean },
  ): void {
    const state = textOf(found);
    const isRight = (records: readonly JournalRecord[]) => textOf(records) === state;
    const waiting = this.#records.slice(durable);
    let right: JournalRecord[] | undefined;
    for (let end = this.#records.length; end >= durable && right === undefined; end -= 1) {
      if (isRight(this.#records.slice(0, end))) right = this.#records.slice(0, end);
    }
    if (right !== undefined && problems.length > 0 && !this.hasLost)
      throw new Error(`problems: ${problems.join('; ')}`);
    if (right === undefined && wasCut) {
      this.isUndecided = waiting.length > PARTS_MOST;
      for (let parts = 2 ** Math.min(waiting.length, PARTS_MOST) - 1; parts >= 0 && right === undefined; parts -= 1) {
        const some = [...this.#records.slice(0, durable), ...waiting.filter((_, index) => (parts >> index) & 1)];
        if (isRight(some)) right = some;
      }
    }
    if (right === undefined && !this.isUndecided) {
      const wanted = textOf(this.#records.slice(0, durable));
      throw new Error(`lost or changed\nfound  ${state}\nwanted ${wanted}\n${problems.join('\n')}`);
    }
    this.#records = right ?? [...found];
    this.#earlier = this.#records.length;
  }

  #say(entries: readonly object[]): void {
    const said = entries as readonly JournalEntry[];
    this.#records.push(...said.map(({ record }) => record));
    this.#engine.commit(said.map((entry) => ({ number: ++this.#said, json: JSON.stringify(entry) })));
  }
}

/** What the records add up to, as text; in which order reports are open makes no difference. */
function textOf(records: readonly JournalRecord[]): string {
  const { reports, alerts, ...state } = plainState(records);
  const sorted = {
    ...state,
    reports: reports.toSorted((a, b) => a.report.id.localeCompare(b.report.id)),
    alerts: alerts.toSorted((a, b) => a.raised.id.localeCompare(b.raised.id)),
  };
  return JSON.stringify(sorted, (_, value) => (value instanceof Map ? [...value].sort() : value));
}
