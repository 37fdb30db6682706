import { expect, test } from 'vitest';
import type { JournalEntry, JournalRecord } from '../../../gateway/core/journal-record.ts';
import { recoveredState } from '../../../gateway/core/restart/journal-replay.ts';
import { JournalEngine } from '../../../gateway/journal/journal-engine.ts';
import { parseRecords } from '../../../gateway/journal/recovered-records.ts';
import type { JournalSettings } from '../../../gateway/journal/settings.ts';
import { plainState } from '../core/plain-state.ts';
import { MemoryDisk, OWNER, range, SETTINGS } from './memory-files.ts';

const KIB = 1024;

/** One run of the gateway as the journal's thread sees it. */
class Run {
  readonly engine: JournalEngine;
  readonly health: string[] = [];
  readonly records: readonly JournalRecord[];
  readonly restored: ReturnType<typeof recoveredState>;
  readonly handedOver: number;
  #number = 0;

  constructor(disk: MemoryDisk, settings: Partial<JournalSettings> = {}) {
    const world = {
      files: disk,
      owner: OWNER,
      monoMs: () => 0,
      wallMs: () => disk.wallMs,
      durable: () => {},
      health: (state: string, detail: string) => this.health.push(`${state}: ${detail}`),
    };
    this.engine = new JournalEngine({ ...SETTINGS, ...settings }, world);
    const { texts, damaged } = this.engine.open();
    this.handedOver = texts.reduce((sum, text) => sum + text.length, 0);
    this.records = parseRecords({ texts, damaged, detail: '' }).records;
    this.restored = recoveredState(this.records);
  }

  write(...entries: readonly JournalEntry[]): void {
    this.engine.commit(
      entries.map((entry) => {
        this.#number += 1;
        return { number: this.#number, json: JSON.stringify(entry) };
      }),
    );
  }

  workAll(): void {
    while (this.engine.work());
  }

  get open(): readonly string[] {
    return this.restored.alerts.map(({ raised }) => raised.id);
  }
}

function alert(id: string): JournalEntry {
  const report = { id, class: 'alarm', text: `Intruder, Main building, Rm ${id}` };
  const device = { device: 'wb-101', kind: 'intruder', epoch: 1, counter: 1 };
  const record = { t: 'alert', at: 1, id, ...device, report, sequences: { central: 1 } };
  return { record, holds: `alert:${id}` } as unknown as JournalEntry;
}

function attempt(report: string, n: number): JournalEntry {
  return { record: { t: 'attempt', at: n, report, path: 'central', n, format: 0 } };
}

/** What every start writes: its number, and how far the counters have run. */
function startOf(session: number): JournalEntry[] {
  const counters = { t: 'counters', at: session, session, devices: {}, sequences: { central: session } } as const;
  return [{ record: { t: 'session', at: session, session } }, { record: counters, holds: 'counters' }];
}

function segmentBytes(disk: MemoryDisk): number {
  return disk.segments().reduce((sum, path) => sum + (disk.files.get(path)?.length ?? 0), 0);
}

test('10,000 restarts in a night with one alert open: disk, memory and the work of a start stay flat, and the alert is owed', {
  timeout: 60_000,
}, () => {
  const settings = { segmentBytes: 8 * KIB, retainBytes: 64 * KIB };
  const disk = new MemoryDisk();
  new Run(disk, settings).write(...startOf(1), alert('wb-101.1.1'));
  let mostRead = 0;
  let mostWritten = 0;
  for (let session = 2; session <= 10_000; session += 1) {
    const run = new Run(disk.restarted(), settings);
    if (run.open[0] !== 'wb-101.1.1' || run.health.length > 0) throw new Error(`start ${session}: ${run.health}`);
    run.write(...startOf(session), attempt('wb-101.1.1', session));
    run.workAll();
    mostRead = Math.max(mostRead, disk.readBytes);
    mostWritten = Math.max(mostWritten, disk.writtenBytes);
    if (run.handedOver > 4 * KIB) throw new Error(`${run.handedOver} bytes of memory`);
  }
  expect(segmentBytes(disk)).toBeLessThan(settings.retainBytes + 2 * settings.segmentBytes);
  expect(mostRead).toBeLessThan(3 * settings.segmentBytes);
  expect(mostWritten).toBeLessThan(settings.segmentBytes + 8 * KIB);
  const { alerts, session, sequences } = new Run(disk.afterCrash(), settings).restored;
  expect(alerts[0]?.deliveries.get('central')?.attempts).toBe(10_000);
  expect([session, sequences.get('central')]).toEqual([10_000, 10_000]);
});

test('restarts with segments of the size they have on a gateway: a start reads little, and the disk has what the records need', () => {
  const settings = { segmentBytes: 8192 * KIB, retainBytes: 512 * 1024 * KIB };
  const disk = new MemoryDisk();
  new Run(disk, settings).write(...startOf(1), alert('wb-101.1.1'));
  for (const session of range(2, 130)) {
    const run = new Run(disk.restarted(), settings);
    run.write(...startOf(session));
    run.workAll();
  }
  const { open } = new Run(disk.restarted(), settings);
  expect(open).toEqual(['wb-101.1.1']);
  // It was 1,048 MB on the disk. A card that reads 20 MB/s has read this in a twentieth of a
  // second.
  expect(segmentBytes(disk)).toBeLessThan(1024 * KIB);
  expect(disk.readBytes).toBeLessThan(1024 * KIB);
});

test('a crash at any write of what is carried: the state is the same, with the news that came meanwhile', () => {
  const settings = { segmentBytes: 16 * KIB };
  const disk = new MemoryDisk();
  const said: JournalEntry[] = [];
  let run = new Run(disk, settings);
  const say = (...entries: JournalEntry[]): void => {
    said.push(...entries);
    run.write(...entries);
  };
  say(...startOf(1));
  for (const n of range(1, 50)) say(alert(`wb-${n}.1.1`));
  for (const n of range(1, 20)) say(...range(1, 100).map((each) => attempt('wb-50.1.1', n * 100 + each)));
  run = new Run(disk.restarted(), settings);
  const crashes: { disk: MemoryDisk; records: JournalRecord[] }[] = [];
  disk.fault = (operation) => {
    if (operation === 'write') crashes.push({ disk: disk.afterCrash(), records: said.map(({ record }) => record) });
    return undefined;
  };
  const before = disk.segments().length;
  let step = 0;
  while (run.engine.work()) {
    step += 1;
    const id = `wb-${step * 7}.1.1`;
    if (step % 2 === 0) say({ record: { t: 'settled', at: 1, report: id }, releases: `alert:${id}` });
    else say(attempt(id, step));
  }
  disk.fault = () => undefined;
  expect(run.health).toEqual([]);
  expect(crashes.length).toBeGreaterThan(10);
  for (const crash of crashes) {
    const next = new Run(crash.disk, settings);
    // The write under way when it crashed may be news, which is then not on the disk.
    const without = crash.records.slice(0, -1);
    expect([plainState(crash.records), plainState(without)]).toContainEqual(plainState(next.records));
  }
  expect(plainState(new Run(disk.restarted(), settings).records)).toEqual(plainState(said.map(({ record }) => record)));
  // And nothing needs the old segments any more.
  for (const path of disk.segments().slice(0, before - 1)) disk.files.delete(path);
  const last = new Run(disk.restarted(), settings);
  expect(plainState(last.records)).toEqual(plainState(said.map(({ record }) => record)));
  expect(last.health).toEqual([]);
});

test('an alert whose closing never gets through does not pin the disk, while the gateway runs on and on', () => {
  const settings = { segmentBytes: 16 * KIB, retainBytes: 64 * KIB };
  const disk = new MemoryDisk();
  const run = new Run(disk, settings);
  run.write(...startOf(1), alert('wb-101.1.1'));
  let most = 0;
  for (const n of range(1, 3_000)) {
    run.write(attempt('wb-101.1.1', n), ...startOf(1).slice(1));
    run.workAll();
    run.engine.tick();
    most = Math.max(most, segmentBytes(disk));
  }
  expect(most).toBeLessThan(settings.retainBytes + 3 * settings.segmentBytes);
  expect(run.health).toEqual([]);
  const { restored } = new Run(disk.restarted(), settings);
  expect(restored.alerts[0]?.deliveries.get('central')?.attempts).toBe(3_000);
});

test('a segment that is gone, or can not be read, with what is still needed: it is told which', () => {
  const settings = { segmentBytes: 16 * KIB };
  const disk = new MemoryDisk();
  const run = new Run(disk, settings);
  run.write(...startOf(1), alert('wb-101.1.1'));
  for (const n of range(1, 300)) run.write(attempt('wb-101.1.1', n));
  const [first = ''] = disk.segments();
  disk.files.delete(first);
  const { health, open } = new Run(disk.restarted(), settings);
  expect(open).toEqual([]);
  expect(health).toEqual([
    expect.stringMatching(/^degraded: .*still needed could not be read: counters, alert:wb-101\.1\.1/),
  ]);
});
