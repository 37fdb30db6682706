import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { encodeLine } from '../../../gateway/journal/journal-line.ts';
import { readJournal } from '../../../gateway/journal/read-journal.ts';
import { scanSegment } from '../../../gateway/journal/segment-scan.ts';
import { verifyJournal } from '../../../gateway/journal/verify-journal.ts';
import { MemoryDisk, Rig, range } from './memory-files.ts';

const FIRST = '/a/journal-000001.cpj';
const SECTOR = 512;
const SETTINGS = { segmentBytes: 1_000_000 };

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** Where a person or an auditor would read it. */
function copied(disk: MemoryDisk): string {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-torn-'));
  directories.push(directory);
  for (const path of disk.segments()) writeFileSync(join(directory, path.slice(3)), disk.files.get(path) ?? '');
  return directory;
}

function marks(directory: string): number[] {
  return [...readJournal(directory)].map(({ entry }) =>
    entry.record.t === 'report' ? Number(entry.record.report.id) : -1,
  );
}

/** Ten records in three writes, then one write of twelve records over some sectors. */
function journal(): { disk: MemoryDisk; bytes: Buffer; lastWrite: number; end: number } {
  const rig = new Rig(new MemoryDisk(), SETTINGS);
  rig.append(1);
  rig.appendAll(range(2, 6), {}, 'x'.repeat(150));
  rig.appendAll(range(7, 10), {}, 'x'.repeat(150));
  const lastWrite = rig.disk.files.get(FIRST)?.length ?? 0;
  rig.appendAll(range(11, 22), {}, 'x'.repeat(150));
  rig.workAll();
  const disk = rig.disk.afterCrash();
  const bytes = disk.files.get(FIRST) ?? Buffer.alloc(0);
  return { disk, bytes, lastWrite, end: bytes.lastIndexOf(0x0a) + 1 };
}

test('a sector lost at any place of the last write: nothing that was told is missing, what is left is kept, and the journal is proven', () => {
  const { disk: whole, bytes, lastWrite, end } = journal();
  for (let from = lastWrite; from < end; from += 83) {
    const disk = whole.afterCrash();
    const torn = Buffer.from(bytes);
    torn.fill(0, from, Math.min(end, from + SECTOR));
    disk.files.set(FIRST, torn);
    const next = new Rig(disk, SETTINGS);
    const found = next.recovered.sessions;
    expect(found.slice(0, 10), `at ${from}`).toEqual(range(1, 10));
    expect(found.slice(10).every((mark, index) => mark > 10 && mark > (found[index + 9] ?? 0))).toBe(true);
    expect(found.length, `at ${from}`).toBeGreaterThanOrEqual(18);
    expect(next.recovered.damaged).toBe(0);
    expect(next.recovered.detail).toContain('unfinished write');
    expect(next.health).toEqual([]);
    next.append(23);
    const copy = copied(disk);
    expect(verifyJournal(copy), `at ${from}`).toMatchObject({ ok: true, problems: [], records: found.length + 1 });
    expect(verifyJournal(copy).notes[0]).toContain('unfinished write left by a crash, no record is missing');
    expect(marks(copy)).toEqual([...found, 23]);
    const again = new Rig(disk.afterCrash(), SETTINGS);
    expect(again.recovered).toEqual({ sessions: [...found, 23], damaged: 0, detail: '' });
  }
});

test('several sectors lost, the start of the write or its end among them', () => {
  const { disk: whole, bytes, lastWrite, end } = journal();
  const holes: readonly (readonly [number, number])[][] = [
    [[lastWrite, end]],
    [[lastWrite, lastWrite + 900]],
    [[end - 900, end]],
    [
      [lastWrite + 100, lastWrite + 700],
      [end - 700, end - 100],
    ],
  ];
  for (const hole of holes) {
    const disk = whole.afterCrash();
    const torn = Buffer.from(bytes);
    for (const [from, to] of hole) torn.fill(0, from, to);
    disk.files.set(FIRST, torn);
    const next = new Rig(disk, SETTINGS);
    expect(next.recovered.sessions.slice(0, 10)).toEqual(range(1, 10));
    next.append(23);
    expect(verifyJournal(copied(disk))).toMatchObject({ ok: true, problems: [] });
    expect(marks(copied(disk))).toEqual([...next.recovered.sessions, 23]);
  }
});

test('whole lines lost from the last write, so that no line is damaged: the write is unfinished all the same', () => {
  const { disk, bytes, lastWrite } = journal();
  const torn = Buffer.from(bytes);
  const second = torn.indexOf(0x0a, lastWrite) + 1;
  torn.fill(0, second, torn.indexOf(0x0a, second) + 1);
  disk.files.set(FIRST, torn);
  expect(verifyJournal(copied(disk)).ok).toBe(false);
  const next = new Rig(disk, SETTINGS);
  expect(next.recovered.sessions).toEqual(range(1, 22).filter((mark) => mark !== 12));
  next.append(23);
  expect(verifyJournal(copied(disk))).toMatchObject({ ok: true, problems: [], records: 22 });
});

test('a crash while what was left of a torn write is written again loses none of it', () => {
  const { disk: whole, bytes, lastWrite } = journal();
  const torn = Buffer.from(bytes);
  torn.fill(0, lastWrite + 600, lastWrite + 600 + SECTOR);
  whole.files.set(FIRST, torn);
  const { sessions } = new Rig(whole.afterCrash(), SETTINGS).recovered;
  const second = '/a/journal-000002.cpj';
  const repaired = whole.afterCrash();
  new Rig(repaired, SETTINGS);
  const written = repaired.files.get(second) ?? Buffer.alloc(0);
  for (let cut = 0; cut <= written.length; cut += 61) {
    // A hole in the header too: it is written with the first records.
    for (const hole of [false, true]) {
      const disk = whole.afterCrash();
      const part = Buffer.from(written);
      part.fill(0, cut, hole ? Math.min(cut + SECTOR, part.length) : part.length);
      disk.files.set(second, part);
      const next = new Rig(disk, SETTINGS);
      expect(next.recovered.sessions, `cut at ${cut}`).toEqual(sessions);
      next.append(23);
      expect(verifyJournal(copied(disk)).problems, `cut at ${cut}`).toEqual([]);
      expect(new Rig(disk.afterCrash(), SETTINGS).recovered.sessions).toEqual([...sessions, 23]);
    }
  }
});

test('power cuts at any time, each of which may lose any sectors of the write under way: nothing told is lost, and the journal is proven', () => {
  const cut = fc.record({
    batches: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
    works: fc.nat(3),
    lost: fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
  });
  fc.assert(
    fc.property(fc.array(cut, { minLength: 1, maxLength: 6 }), (cuts) => {
      let disk = new TearingDisk();
      const told: number[] = [];
      let mark = 0;
      for (const { batches, works, lost } of cuts) {
        const rig = new Rig(disk, { segmentBytes: 32_768 });
        for (const [index, count] of batches.entries()) {
          const marks = range(mark + 1, mark + count);
          mark += count;
          rig.appendAll(marks, undefined, 'x'.repeat(100));
          for (let n = 0; n < works; n += 1) rig.engine.work();
          // The last of them is under way when the power goes.
          if (index < batches.length - 1) told.push(...marks);
        }
        disk = disk.afterPowerCut(lost);
      }
      const rig = new Rig(disk, { segmentBytes: 32_768 });
      const found = new Set(rig.recovered.sessions);
      // Record 1 holds the others; a power cut while it is written takes it away.
      if (told.includes(1)) expect(told.filter((each) => !found.has(each))).toEqual([]);
      expect(found.size).toBe(rig.recovered.sessions.length);
      rig.append(mark + 1);
      const copy = copied(disk);
      expect(verifyJournal(copy).problems).toEqual([]);
      const listed = new Set(marks(copy));
      expect(listed.size).toBe(marks(copy).length);
      expect([...told, ...found, mark + 1].filter((each) => !listed.has(each))).toEqual([]);
    }),
    { numRuns: 70 },
  );
});

/**
 * Remembers what was there before the last write, which a power cut may bring back sector by
 * sector.
 */
class TearingDisk extends MemoryDisk {
  #last: { readonly path: string; readonly before: Buffer } | undefined;

  override write(file: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    const contents = new Map([...this.files].map(([path, content]) => [path, Buffer.from(content)]));
    const written = super.write(file, bytes, offset, length, position);
    for (const [path, content] of this.files) {
      const before = contents.get(path);
      if (before !== undefined && !before.equals(content)) this.#last = { path, before };
    }
    return written;
  }

  /** @param lost for each sector that the last write changed, in turns */
  afterPowerCut(lost: readonly boolean[]): TearingDisk {
    const disk = new TearingDisk();
    for (const [path, content] of this.files) disk.files.set(path, Buffer.from(content));
    if (this.#last === undefined) return disk;
    const { path, before } = this.#last;
    const content = disk.files.get(path) ?? Buffer.alloc(0);
    let changed = 0;
    for (let from = 0; from < content.length; from += SECTOR) {
      const now = content.subarray(from, from + SECTOR);
      const was = Buffer.concat([before.subarray(from, from + SECTOR)], now.length);
      if (!now.equals(was) && lost[changed++ % lost.length]) was.copy(content, from);
    }
    return disk;
  }
}

test('a sector lost from an earlier write was told, and stays damage', () => {
  const { disk, bytes } = journal();
  const torn = Buffer.from(bytes);
  const from = torn.indexOf('"id":"4"');
  torn.fill(0, from, from + 100);
  disk.files.set(FIRST, torn);
  const next = new Rig(disk, SETTINGS);
  expect(next.recovered.sessions).toEqual(range(1, 22).filter((mark) => mark !== 4));
  expect(next.recovered.damaged).toBe(1);
  expect(next.health).toEqual(['degraded']);
  next.append(23);
  expect(verifyJournal(copied(disk)).problems).toMatchObject([{ lineNumber: 5 }]);
});

test('a last write cut out of the middle of the journal is not taken for one that a crash tore', () => {
  const { disk, bytes, lastWrite } = journal();
  // Room for no more: the next record goes to another segment, which continues from record 22.
  const rig = new Rig(disk, { segmentBytes: 3_000 });
  rig.append(23);
  const torn = Buffer.from(bytes);
  torn.fill(0, lastWrite + 600, lastWrite + 600 + SECTOR);
  disk.files.set(FIRST, torn);
  expect(disk.segments()).toHaveLength(2);
  expect(verifyJournal(copied(disk)).ok).toBe(false);
});

test('a damaged line that looks like a thousand lines costs no time', () => {
  const line = Buffer.from(encodeLine({ number: 1, chain: '0'.repeat(32), json: '{}' }))
    .toString('latin1')
    .trimEnd();
  const crafted = Buffer.from(`${line} ${`${line.replace('{}', '{x')} `.repeat(90_000)}\n`);
  expect(crafted.length).toBeGreaterThan(4_000_000);
  const began = performance.now();
  expect([...scanSegment([crafted])]).toMatchObject([{ type: 'damage' }]);
  // The square of it took half a minute.
  expect(performance.now() - began).toBeLessThan(3_000);
});

test('a torn header stays no damage when the segments before it have been deleted', () => {
  const rig = new Rig(new MemoryDisk(), { segmentBytes: 1_024 });
  for (const mark of range(1, 3)) rig.append(mark, { holds: 'last' }, 'x'.repeat(700));
  const { disk } = rig;
  const [first = '', second = '', third = ''] = disk.segments();
  disk.files.set(third, Buffer.from(disk.files.get(third)?.subarray(0, 30) ?? ''));
  const next = new Rig(disk, { segmentBytes: 1_024 });
  next.append(4, { holds: 'last' }, 'x'.repeat(700));
  disk.files.delete(first);
  disk.files.delete(second);
  expect(disk.segments()[0]).toBe(third);
  expect(verifyJournal(copied(disk)).problems).toEqual([]);
  expect(new Rig(disk.afterCrash()).recovered.damaged).toBe(0);
});
