import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { listAlerts } from '../../../gateway/cli/alerts.ts';
import { chainAfter, decodeLine, encodeLine } from '../../../gateway/journal/journal-line.ts';
import { readJournal } from '../../../gateway/journal/read-journal.ts';
import { verifyJournal } from '../../../gateway/journal/verify-journal.ts';
import { CallpointError } from '../../../protocol/errors.ts';
import { error, MemoryDisk, Rig, range } from './memory-files.ts';

const directories: string[] = [];

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

function exported(disk: MemoryDisk, from = '/a'): string {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-verify-'));
  directories.push(directory);
  for (const path of disk.segments(from)) {
    const bytes = disk.files.get(path);
    if (bytes !== undefined) writeFileSync(join(directory, path.slice(from.length + 1)), bytes);
  }
  return directory;
}

/** Two runs over several segments, 40 records. */
function journal(): string {
  const rig = new Rig();
  for (const mark of range(1, 25)) rig.append(mark, undefined, 'x'.repeat(300));
  const second = new Rig(rig.disk.afterCrash());
  for (const mark of range(26, 40)) second.append(mark, undefined, 'x'.repeat(300));
  return exported(second.disk);
}

function sessions(directory: string | readonly string[]): number[] {
  return [...readJournal(directory)].map(({ entry }) =>
    entry.record.t === 'report' ? Number(entry.record.report.id) : -1,
  );
}

function change(file: string, edit: (bytes: Buffer) => Buffer): void {
  writeFileSync(file, edit(readFileSync(file)));
}

test('a line separator of Unicode in a record ends no line: the record is read as it was written', () => {
  for (const text of ['a\u2028b', 'a\u2029b', 'a\u0085b']) {
    const json = JSON.stringify({ record: { t: 'x', text } });
    const line = { number: 1, chain: chainAfter('0'.repeat(32), 1, json), json };
    expect(decodeLine(encodeLine(line).subarray(0, -1))).toEqual(line);
  }
});

test('an untouched export is proven complete from the first record to the last', () => {
  const directory = journal();
  const result = verifyJournal(directory);
  expect(result).toMatchObject({ ok: true, records: 40, firstAt: 1, lastAt: 40, problems: [], notes: [] });
  expect(result.proven).toMatchObject({ from: 1, to: 40, fromBeginning: true });
  expect(result.segments).toBe(readdirSync(directory).length);
  expect(sessions(directory)).toEqual(range(1, 40));
});

test('any run of segments without a gap is proven, and it is said which part', () => {
  const directory = journal();
  const names = readdirSync(directory).sort();
  rmSync(join(directory, names[0] ?? ''));
  rmSync(join(directory, names.at(-1) ?? ''));
  const { ok, proven, records } = verifyJournal(directory);
  expect(ok).toBe(true);
  expect(proven.fromBeginning).toBe(false);
  expect(proven.from).toBeGreaterThan(1);
  expect(proven.to).toBeLessThan(40);
  expect(records).toBe(proven.to - proven.from + 1);
});

test('a missing segment in the middle is named with the records that went with it', () => {
  const directory = journal();
  const names = readdirSync(directory).sort();
  rmSync(join(directory, names[2] ?? ''));
  const { ok, problems } = verifyJournal(directory);
  expect(ok).toBe(false);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.file).toBe(join(directory, names[3] ?? ''));
  expect(problems[0]?.text).toMatch(/records \d+ to \d+ are missing/);
});

test('every flipped bit in a used part is found, with file and line', () => {
  const directory = journal();
  const file = join(directory, readdirSync(directory).sort()[1] ?? '');
  const bytes = readFileSync(file);
  const used = bytes.lastIndexOf(0x0a) + 1;
  fc.assert(
    fc.property(fc.nat(used - 1), fc.nat(7), (at, bit) => {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ (1 << bit);
      writeFileSync(file, altered);
      const { ok, problems } = verifyJournal(directory);
      expect(ok).toBe(false);
      const line = bytes.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
      expect(problems[0]).toMatchObject({ file, lineNumber: line });
    }),
    { numRuns: 150 },
  );
});

test('a record changed, left out or put in with a right checksum and chain value of its own is found', () => {
  const edits: ((lines: string[]) => string[])[] = [
    (lines) => lines.map((line, index) => (index === 2 ? forged(line) : line)),
    (lines) => lines.filter((_, index) => index !== 2),
    (lines) => [...lines.slice(0, 3), forged(lines[2] ?? ''), ...lines.slice(3)],
    (lines) => [lines[0], lines[2], lines[1], ...lines.slice(3)].map((line) => line ?? ''),
  ];
  for (const edit of edits) {
    const directory = journal();
    const file = join(directory, readdirSync(directory).sort()[1] ?? '');
    change(file, (bytes) => Buffer.from(`${edit(bytes.toString().trimEnd().split('\n')).join('\n')}\n`));
    const { ok, problems } = verifyJournal(directory);
    expect(ok).toBe(false);
    expect(problems[0]?.file).toBe(file);
    expect([2, 3, 4]).toContain(problems[0]?.lineNumber);
  }
});

function forged(text: string): string {
  const line = decodeLine(Buffer.from(text));
  if (line === undefined) throw new Error('not a line');
  const json = line.json.replace('"id":"', '"id":"9');
  const chain = chainAfter(line.chain, line.number, json);
  return Buffer.from(encodeLine({ number: line.number, chain, json }))
    .toString()
    .trimEnd();
}

test('a last segment re-made as a whole keeps a right chain, but not the one noted before', () => {
  const directory = journal();
  const before = verifyJournal(directory).proven.chain;
  const file = join(directory, readdirSync(directory).sort().at(-1) ?? '');
  change(file, (bytes) => bytes.subarray(0, bytes.subarray(0, bytes.lastIndexOf(0x0a)).lastIndexOf(0x0a) + 1));
  const { ok, proven } = verifyJournal(directory);
  expect(ok).toBe(true);
  expect(proven.to).toBe(39);
  expect(proven.chain).not.toBe(before);
});

test('what a crash tore is no fault once the next run has begun, and is one before', () => {
  const rig = new Rig();
  for (const mark of range(1, 3)) rig.append(mark);
  const disk = rig.disk.afterCrash();
  const path = disk.segments()[0] ?? '';
  const bytes = disk.files.get(path) ?? Buffer.alloc(0);
  bytes.fill(0, bytes.lastIndexOf(0x0a) - 20);
  expect(verifyJournal(exported(disk)).problems).toMatchObject([{ lineNumber: 4 }]);
  new Rig(disk).append(4);
  const after = exported(disk);
  expect(verifyJournal(after)).toMatchObject({ ok: true, records: 3, problems: [] });
  expect(verifyJournal(after).notes[0]).toContain('no record is missing');
  expect(sessions(after)).toEqual([1, 2, 4]);
});

test('records written again after a disk error are counted and shown once, also over two directories', () => {
  const settings = { directories: ['/a', '/b'] };
  const rig = new Rig(undefined, settings);
  rig.appendAll(range(1, 3));
  const { disk } = rig;
  disk.fault = (operation, path) => (operation !== 'rename' && path.startsWith('/a') ? error('EIO') : undefined);
  const path = disk.segments()[0] ?? '';
  const twin = new Rig();
  twin.appendAll(range(1, 3));
  twin.append(4);
  // The failed write had reached the medium.
  const written = twin.disk.files.get(path) ?? Buffer.alloc(0);
  disk.files.set(path, written);
  rig.append(4);
  rig.append(5);
  const copies = [exported(disk, '/a'), exported(disk, '/b')];
  expect(verifyJournal(copies)).toMatchObject({ ok: true, records: 5, segments: 2 });
  expect(verifyJournal(copies).notes[0]).toContain('written again');
  expect(sessions(copies)).toEqual([1, 2, 3, 4, 5]);
});

test('what was carried is proven like any record and counted once, and an alert is listed once, also when its own records are gone', () => {
  const settings = { segmentBytes: 16_384 };
  const rig = new Rig(new MemoryDisk(), settings);
  const report = { id: 'wb-1.1.1', class: 'alarm', text: 'Intruder, Rm 1' };
  const raised = {
    t: 'alert',
    at: 1,
    id: report.id,
    device: 'wb-1',
    kind: 'k',
    epoch: 1,
    counter: 1,
    report,
    sequences: {},
  };
  const holds = `alert:${report.id}`;
  const records: object[] = [{ record: raised, holds }];
  for (const n of range(1, 400))
    records.push({ record: { t: 'attempt', at: n, report: report.id, path: 'p', n, format: 0 } });
  records.push({
    record: { t: 'outcome', at: 9, report: report.id, path: 'p', n: 400, outcome: 'receiverAcknowledged' },
  });
  for (const [index, entry] of records.entries()) {
    rig.engine.commit([{ number: index + 1, json: JSON.stringify(entry) }]);
    if (index === 300) rig.workAll();
  }
  rig.workAll();
  const { disk } = rig;
  const whole = exported(disk);
  const result = verifyJournal(whole);
  expect(result).toMatchObject({ ok: true, problems: [], records: records.length, firstAt: 1, lastAt: 9 });
  expect(result.proven.to).toBeGreaterThan(records.length);
  expect(result.notes.join()).toContain('lines repeat what older records add up to');
  expect(listAlerts(readJournal(whole))).toMatchObject([{ id: report.id, state: 'acknowledged', attempts: 400 }]);
  // Retention at its keenest: what nothing is held in any more is gone.
  const names = readdirSync(whole).sort();
  const oldest = Math.min(...disk.segments().map((path) => Number(path.match(/\d{6}/)?.[0])));
  const next = new Rig(disk.afterCrash(), { ...settings, retainBytes: 0 });
  next.pass(60_000);
  const rest = exported(next.disk);
  expect(readdirSync(rest).length).toBeLessThan(names.length);
  expect(readdirSync(rest).sort()[0]).not.toContain(String(oldest).padStart(6, '0'));
  expect(verifyJournal(rest)).toMatchObject({ ok: true, problems: [] });
  expect(listAlerts(readJournal(rest))).toMatchObject([{ id: report.id, state: 'acknowledged', text: report.text }]);
});

test('a segment that claims to continue from an earlier record than it does is found', () => {
  const rig = new Rig();
  rig.appendAll(range(1, 3));
  const twin = new Rig();
  twin.append(9);
  const directory = exported(rig.disk);
  writeFileSync(
    join(directory, 'journal-000002.cpj'),
    twin.disk.files.get(twin.disk.segments()[0] ?? '') ?? Buffer.alloc(0),
  );
  expect(verifyJournal(directory).ok).toBe(false);
  expect(verifyJournal(directory).problems.length).toBe(3);
});

test('a second copy of a segment under another number is found', () => {
  const directory = journal();
  const names = readdirSync(directory).sort();
  copyFileSync(join(directory, names[0] ?? ''), join(directory, 'journal-000999.cpj'));
  expect(verifyJournal(directory).ok).toBe(false);
});

test('an empty directory proves nothing and has no fault; one that cannot be read is an error with a code', () => {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-verify-'));
  directories.push(directory);
  expect(verifyJournal(directory)).toMatchObject({ ok: true, records: 0, segments: 0, firstAt: undefined });
  expect(() => verifyJournal(join(directory, 'absent'))).toThrow(CallpointError);
  expect(() => [...readJournal(join(directory, 'absent'))]).toThrow(/ENOENT/);
});
