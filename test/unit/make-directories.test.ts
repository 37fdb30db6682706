import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAgain } from '../../gateway/cli/journal-place.ts';
import { makeDirectories, makeDirectoriesSoon, whyNotWritten } from '../../gateway/system/make-directories.ts';
import { CallpointError } from '../../protocol/errors.ts';

const root = mkdtempSync(join(tmpdir(), 'callpoint-directories-'));

test('a place in which the system makes no directory is refused, and is not tried for ever', async () => {
  expect(() => makeDirectories('/proc/callpoint/data', 0o700)).toThrow('ENOENT');
  await expect(makeDirectoriesSoon('/proc/callpoint/data', 0o700)).rejects.toThrow('ENOENT');
});

test('a directory is made with its missing parents, and one that exists is left as it is', async () => {
  makeDirectories(join(root, 'a/b/c'), 0o700);
  makeDirectories(join(root, 'a/b'), 0o755);
  await makeDirectoriesSoon(join(root, 'd/e'), 0o700);
  await makeDirectoriesSoon(join(root, 'd'), 0o755);
  for (const made of ['a', 'a/b', 'a/b/c', 'd', 'd/e']) expect(statSync(join(root, made)).mode & 0o777).toBe(0o700);
});

test('a file in the way is told as such, with what to do', async () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  for (const path of [file, join(file, 'below')]) {
    const error = await makeDirectoriesSoon(path, 0o700).catch((caught: unknown) => caught);
    expect(whyNotWritten(error)).toMatch(/^a file is in the way; move it, or name another directory \(E\w+\)$/);
    expect(() => makeDirectories(path, 0o700)).toThrow(/EEXIST|ENOTDIR/);
  }
});

test('a journal that this user may not read is never called missing', () => {
  const journal = join(root, 'journal');
  makeDirectories(journal, 0o700);
  writeFileSync(join(journal, 'journal-000001.cpj'), '');
  const denied = Object.assign(new Error('permission denied'), { code: 'EACCES' });
  const read = () => {
    throw new CallpointError('JOURNAL_UNREADABLE', 'EACCES', { cause: denied });
  };
  expect(() => readAgain([journal], read)).toThrow(
    `This user may not read the journal in ${journal}. Run this as the user the gateway runs as, or as root, with sudo.`,
  );
});
