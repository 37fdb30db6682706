import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copySegments } from '../../../gateway/journal/journal-copy.ts';
import { JournalEngine } from '../../../gateway/journal/journal-engine.ts';
import { nodeJournalFiles } from '../../../gateway/journal/journal-files.ts';
import { verifyJournal } from '../../../gateway/journal/verify-journal.ts';
import { OWNER, SETTINGS } from './memory-files.ts';

let root = '';
let journal = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'callpoint-copy-'));
  journal = join(root, 'journal');
});
afterEach(() => rmSync(root, { recursive: true }));

function running(): JournalEngine {
  const engine = new JournalEngine(
    { ...SETTINGS, directories: [journal] },
    { files: nodeJournalFiles(), owner: OWNER, monoMs: () => 0, wallMs: () => 0, durable: () => {}, health: () => {} },
  );
  engine.open();
  return engine;
}

function record(number: number, padding = 800) {
  return {
    number,
    json: JSON.stringify({ record: { t: 'session', at: 1, session: number, padding: 'x'.repeat(padding) } }),
  };
}

/** Copies the journal, and proves the copy. */
function copied(of = journal, during: () => void = () => undefined) {
  const copy = mkdtempSync(join(root, 'copy-'));
  for (const { name, content } of copySegments([of])) {
    writeFileSync(join(copy, name), content);
    during();
  }
  return { ...verifyJournal(copy), copy };
}

test('a copy beside a gateway that writes is the chain up to a whole write', () => {
  const engine = running();
  let number = 0;
  const more = () => engine.commit([record(++number), record(++number)]);
  for (let times = 0; times < 12; times++) {
    more();
    const { ok, records, problems } = copied(journal, more);
    expect(problems).toEqual([]);
    expect([ok, records % 2]).toEqual([true, 0]);
  }
  engine.close();
  expect(verifyJournal(journal)).toMatchObject({ ok: true, records: number });
});

test('of a segment that is cut anywhere, as a write that is half done, the copy is proven', () => {
  const engine = running();
  for (const number of [1, 3]) engine.commit([record(number, 90), record(number + 1, 90)]);
  engine.close();
  const [name = ''] = readdirSync(journal);
  const whole = readFileSync(join(journal, name));
  const cut = join(root, 'cut');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: whole.length }), fc.integer({ min: 0, max: 600 }), (length, zeros) => {
      rmSync(cut, { recursive: true, force: true });
      nodeJournalFiles().makeDirectory(cut);
      writeFileSync(join(cut, name), Buffer.concat([whole.subarray(0, length), Buffer.alloc(zeros)]));
      const { ok, records, problems } = copied(cut);
      expect(problems).toEqual([]);
      expect(ok).toBe(true);
      expect([0, 2, 4]).toContain(records);
    }),
    { numRuns: 150 },
  );
});

test('the journal may give a segment up, or delete its oldest, while it is copied', () => {
  const engine = running();
  for (let number = 1; number <= 12; number++) engine.commit([record(number, 3_000)]);
  engine.close();
  const segments = readdirSync(journal).sort();
  const last = segments.at(-1) ?? '';
  let times = 0;
  const { ok, copy } = copied(journal, () => {
    if (times++ === 0) renameSync(join(journal, last), join(journal, `${last}.failed`));
  });
  expect(ok).toBe(true);
  expect(readdirSync(copy)).toContain(`${last}.failed`);
  const copying = copySegments([journal]);
  const listed = copying.next().value?.name;
  expect(listed).toBe(segments[0]);
  rmSync(join(journal, segments[1] ?? ''));
  expect(() => [...copying]).toThrow('is gone');
});

test('what was changed after it was written is in the copy as it is', () => {
  const engine = running();
  engine.commit([record(1)]);
  engine.commit([record(2)]);
  engine.close();
  const [name = ''] = readdirSync(journal);
  const bytes = readFileSync(join(journal, name));
  bytes.write('y', bytes.lastIndexOf('x'));
  writeFileSync(join(journal, name), bytes);
  const { ok, problems } = copied();
  expect([ok, problems[0]?.text]).toEqual([false, expect.stringContaining('damaged')]);
});
