import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAgain } from '../../../gateway/cli/journal-place.ts';
import { JournalEngine } from '../../../gateway/journal/journal-engine.ts';
import { nodeJournalFiles } from '../../../gateway/journal/journal-files.ts';
import { readJournal, type StoredEntry } from '../../../gateway/journal/read-journal.ts';
import { verifyJournal } from '../../../gateway/journal/verify-journal.ts';
import { OWNER, SETTINGS } from './memory-files.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-beside-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Five segments, with a record each. */
function write(): void {
  const engine = new JournalEngine(
    { ...SETTINGS, directories: [directory] },
    { files: nodeJournalFiles(), owner: OWNER, monoMs: () => 0, wallMs: () => 0, durable: () => {}, health: () => {} },
  );
  engine.open();
  for (const session of [1, 2, 3, 4, 5]) {
    const json = JSON.stringify({ record: { t: 'session', at: session, session, padding: 'x'.repeat(3_000) } });
    engine.commit([{ number: session, json }]);
  }
  engine.close();
}

function removeOldest(): void {
  for (const number of [1, 2, 3, 4]) rmSync(segment(number));
}

function segment(number: number): string {
  return join(directory, `journal-00000${number}.cpj`);
}

/** The gateway beside us does something between listing and reading, once. */
function meanwhile(act: () => void): (entries: readonly string[]) => number[] {
  let isDone = false;
  return (directories) => {
    const sessions: number[] = [];
    for (const { entry } of readJournal(directories) as Generator<StoredEntry>) {
      if (entry.record.t === 'session') sessions.push(entry.record.session);
      if (!isDone) act();
      isDone = true;
    }
    return sessions;
  };
}

test.each<[string, () => void, number[]]>([
  ['deletes the next segment to be read', removeOldest, [5]],
  ['gives one up that it can not write', () => renameSync(segment(5), `${segment(5)}.failed`), [1, 2, 3, 4, 5]],
])('the gateway beside a reader %s: the reader lists again', (_what, act, sessions) => {
  write();
  expect(readAgain([directory], meanwhile(act))).toEqual(sessions);
});

test('and a journal that is verified meanwhile is whole', () => {
  write();
  let tries = 0;
  const result = readAgain([directory], (there) => {
    tries += 1;
    if (tries === 1) meanwhile(removeOldest)(there);
    return verifyJournal(there);
  });
  expect([result.ok, result.records, tries]).toEqual([true, 1, 2]);
});

test('what can not be read stays told, however often it is tried', () => {
  write();
  expect(() => readAgain([directory], () => [...readJournal(join(directory, 'gone'))])).toThrow('ENOENT');
});
