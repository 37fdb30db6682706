import fc from 'fast-check';
import { expect, test } from 'vitest';
import { error, MemoryDisk, Rig, range } from './memory-files.ts';

const FIRST = '/a/journal-000001.cpj';

function used(bytes: Buffer): number {
  return bytes.lastIndexOf(0x0a) + 1;
}

function journalOf(count: number): MemoryDisk {
  const rig = new Rig(new MemoryDisk(), { segmentBytes: 64_000 });
  for (const mark of range(1, count)) rig.append(mark);
  rig.workAll();
  expect(rig.durable).toEqual(range(1, count));
  return rig.disk.afterCrash();
}

function segment(disk: MemoryDisk, path = FIRST): Buffer {
  return disk.files.get(path) ?? Buffer.alloc(0);
}

test('what was called durable is read back by the next run, in order', () => {
  const { recovered } = new Rig(journalOf(20));
  expect(recovered).toEqual({ sessions: range(1, 20), damaged: 0, detail: '' });
});

test('a write torn at any byte of the last record loses that record at most, and no other', () => {
  const whole = journalOf(3);
  const bytes = segment(whole);
  const end = used(bytes);
  const lastStart = bytes.subarray(0, end - 1).lastIndexOf(0x0a) + 1;
  for (let cut = lastStart; cut < end; cut += 1) {
    const disk = whole.afterCrash();
    const torn = Buffer.from(bytes);
    torn.fill(0, cut, end);
    disk.files.set(FIRST, torn);
    const rig = new Rig(disk);
    // Without its newline the record is whole all the same.
    expect(rig.recovered.sessions).toEqual(cut === end - 1 ? [1, 2, 3] : [1, 2]);
    expect(rig.recovered.damaged).toBe(0);
    expect(rig.health).toEqual([]);
    rig.append(4);
    expect(new Rig(disk.afterCrash()).recovered.sessions).toEqual([...rig.recovered.sessions, 4]);
  }
});

test('a file cut off at any byte of the last record loses that record at most', () => {
  const whole = journalOf(2);
  const bytes = segment(whole);
  const end = used(bytes);
  const lastStart = bytes.subarray(0, end - 1).lastIndexOf(0x0a) + 1;
  for (let cut = lastStart; cut < end; cut += 1) {
    const disk = whole.afterCrash();
    disk.files.set(FIRST, bytes.subarray(0, cut));
    expect(new Rig(disk).recovered.sessions).toEqual(cut === end - 1 ? [1, 2] : [1]);
  }
});

test('a sector missing in the middle of a write loses only the lines it touches', () => {
  const disk = journalOf(30);
  const bytes = segment(disk);
  bytes.fill(0, 1024, 1536);
  const { recovered } = new Rig(disk);
  expect(recovered.sessions.length).toBeGreaterThan(20);
  expect(recovered.sessions).toContain(30);
  expect(recovered.damaged).toBeGreaterThan(0);
});

test('a start goes on in the newest segment, and first puts its last write on the medium once more', () => {
  const disk = journalOf(3);
  const before = Buffer.from(segment(disk));
  const lastLine = before.subarray(0, used(before) - 1).lastIndexOf(0x0a) + 1;
  const writes: [number, number][] = [];
  const write = disk.write.bind(disk);
  disk.write = (file, bytes, offset, length, position) => {
    writes.push([position, length]);
    return write(file, bytes, offset, length, position);
  };
  const rig = new Rig(disk, { segmentBytes: 64_000 });
  expect(writes).toEqual([[lastLine, used(before) - lastLine]]);
  expect(segment(disk)).toEqual(before);
  rig.append(4);
  expect(disk.segments()).toEqual([FIRST]);
  expect(segment(disk).subarray(0, used(before))).toEqual(before.subarray(0, used(before)));
  expect(new Rig(disk.afterCrash()).recovered).toEqual({ sessions: range(1, 4), damaged: 0, detail: '' });
});

test('a segment whose last write can not be put on the medium once more is gone on with elsewhere, and nothing of it is lost', () => {
  const whole = journalOf(3);
  for (const failing of ['openWrite', 'readAt', 'write'] as const) {
    const disk = whole.afterCrash();
    let isOpened = false;
    disk.fault = (operation, path) => {
      isOpened ||= operation === 'openWrite';
      return isOpened && operation === failing && path === FIRST ? error('EIO') : undefined;
    };
    const rig = new Rig(disk, { segmentBytes: 64_000 });
    rig.append(4);
    expect(rig.health).toEqual(['degraded']);
    // As if the last write had been only in the kernel's memory.
    const bytes = segment(disk);
    const end = used(bytes);
    bytes.fill(0, bytes.subarray(0, end - 1).lastIndexOf(0x0a) + 1);
    expect(new Rig(disk.afterCrash()).recovered.sessions).toEqual(range(1, 4));
  }
});

test('bit rot never makes a wrong record, costs only the lines it hits, and is reported', () => {
  const whole = journalOf(12);
  const bytes = segment(whole);
  const lines = lineSpans(bytes);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(used(bytes) - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 8 }),
      (rots) => {
        const disk = whole.afterCrash();
        const rotten = Buffer.from(bytes);
        for (const [at, bits] of rots) rotten[at] = (rotten[at] ?? 0) ^ bits;
        if (rotten.equals(bytes)) return;
        disk.files.set(FIRST, rotten);
        const rig = new Rig(disk);
        const hit = lines.map(([from, to]) => !rotten.subarray(from, to).equals(bytes.subarray(from, to)));
        // Line 0 is the header; line n has record n. A flip may spare a record's meaning: its
        // newline, or a zero before it.
        const undamaged = range(1, 12).filter((n) => hit[n] === false);
        const { sessions, damaged } = rig.recovered;
        expect(sessions).toEqual(undamaged.filter((n) => sessions.includes(n)));
        expect(sessions.length).toBe(undamaged.length + sessions.filter((n) => hit[n]).length);
        expect(sessions.every((n) => n >= 1 && n <= 12)).toBe(true);
        if (sessions.length < 12) expect(damaged + rig.recovered.detail.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 500 },
  );
});

function lineSpans(bytes: Buffer): [number, number][] {
  const spans: [number, number][] = [];
  for (let start = 0; start < used(bytes); ) {
    const end = bytes.indexOf(0x0a, start) + 1;
    spans.push([start, end]);
    start = end;
  }
  return spans;
}

test('a flipped bit in the middle of the journal degrades its health with file and line', () => {
  const disk = journalOf(5);
  const [from = 0] = lineSpans(segment(disk))[2] ?? [];
  const bytes = segment(disk);
  bytes[from + 60] = (bytes[from + 60] ?? 0) ^ 1;
  const rig = new Rig(disk);
  expect(rig.recovered.sessions).toEqual([1, 3, 4, 5]);
  expect(rig.recovered.damaged).toBe(1);
  expect(rig.health).toEqual(['degraded']);
  expect(rig.details[0]).toContain(`${FIRST} line 3`);
});

test('a record put in by hand with a right checksum is not taken for one', async () => {
  const { encodeLine } = await import('../../../gateway/journal/journal-line.ts');
  const disk = journalOf(2);
  const bytes = segment(disk);
  const json = JSON.stringify({ record: { t: 'session', at: 1, session: 99 } });
  Buffer.from(encodeLine({ number: 3, chain: 'f'.repeat(32), json })).copy(bytes, used(bytes));
  const rig = new Rig(disk);
  expect(rig.recovered.sessions).toEqual([1, 2]);
  expect(rig.recovered.damaged).toBe(1);
});

test('recovery begins at the oldest segment that holds a key, however many were written since', () => {
  const rig = new Rig();
  const padding = 'x'.repeat(600);
  rig.append(1, {}, padding);
  rig.append(2, { holds: 'old' }, padding);
  for (const mark of range(3, 50)) rig.append(mark, { holds: 'newer' }, padding);
  expect(rig.disk.segments().length).toBeGreaterThan(8);
  const second = new Rig(rig.disk.afterCrash());
  // Record 1 is in the same segment.
  expect(second.recovered.sessions).toEqual(range(1, 50));
  second.append(51, { releases: 'old' }, padding);
  for (const mark of range(52, 60)) second.append(mark, {}, padding);
  const third = new Rig(second.disk.afterCrash());
  expect(third.recovered.sessions.at(0)).toBeGreaterThan(40);
  expect(third.recovered.sessions.at(0)).toBeLessThanOrEqual(50);
  expect(third.recovered.sessions.at(-1)).toBe(60);
});

test('a damaged header costs no record: the held keys are found in the segment before', () => {
  const rig = new Rig();
  const padding = 'x'.repeat(600);
  for (const mark of range(1, 20)) rig.append(mark, undefined, padding);
  const disk = rig.disk.afterCrash();
  const newest = disk.segments().at(-1) ?? '';
  segment(disk, newest)[3] = 0x58;
  const { recovered } = new Rig(disk);
  expect(recovered.sessions).toEqual(range(1, 20));
  expect(recovered.damaged).toBe(1);
});

test('a segment that cannot be read costs its records only, and is reported', () => {
  const rig = new Rig();
  const padding = 'x'.repeat(600);
  for (const mark of range(1, 20)) rig.append(mark, undefined, padding);
  const disk = rig.disk.afterCrash();
  const bad = disk.segments()[1] ?? '';
  disk.fault = (operation, path) => (operation === 'read' && path === bad ? new Error('EIO: read') : undefined);
  const next = new Rig(disk);
  expect(next.recovered.sessions.length).toBeGreaterThan(12);
  expect(next.recovered.sessions).toContain(1);
  expect(next.recovered.sessions).toContain(20);
  expect(next.health).toEqual(['degraded']);
});

test('a room prepared before a crash and never used is no fault, and is taken away', () => {
  const rig = new Rig(new MemoryDisk(), { segmentBytes: 16_384 });
  for (const marks of [range(1, 3), range(4, 9)]) {
    for (const mark of marks) rig.append(mark, undefined, 'x'.repeat(600));
    rig.workAll();
  }
  const disk = rig.disk.afterCrash();
  const isUnused = (path: string) => segment(disk, path).every((byte) => byte === 0);
  expect(disk.segments().filter(isUnused)).toHaveLength(1);
  const next = new Rig(disk);
  expect(next.recovered).toEqual({ sessions: range(1, 9), damaged: 0, detail: '' });
  expect(disk.segments().filter(isUnused)).toEqual([]);
  expect(next.health).toEqual([]);
});

test('five crashes in a row keep every durable record', () => {
  let disk = new MemoryDisk();
  for (let run = 0; run < 5; run += 1) {
    const rig = new Rig(disk);
    for (const mark of range(run * 7 + 1, run * 7 + 7)) rig.append(mark);
    expect(rig.durable).toEqual(range(1, 7));
    disk = rig.disk.afterCrash();
  }
  expect(new Rig(disk).recovered.sessions).toEqual(range(1, 35));
});

test('records are numbered through the whole journal while durable is told in the numbers of the run', () => {
  const disk = journalOf(3);
  const rig = new Rig(disk, { segmentBytes: 64_000 });
  rig.append(4);
  expect(rig.durable).toEqual([1]);
  const line = segment(disk).toString('latin1').split('\n')[4];
  expect(line?.split(' ')[1]).toBe('4-0+0');
});
