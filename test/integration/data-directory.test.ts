import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimDataDirectory } from '../../gateway/cli/data-directory.ts';
import { processOwner } from '../../gateway/journal/process-owner.ts';
import { ControlRig } from './control-rig.ts';

let root = '';
let data = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'callpoint-claim-'));
  data = join(root, 'data');
});
afterEach(() => rmSync(root, { recursive: true }));

/** A gateway in this process, which lives as long as the test. */
function claim(run: string, directory = data, journals = [join(directory, 'journal')]): Promise<string | undefined> {
  return claimDataDirectory(directory, journals, processOwner(run));
}

test('a second gateway on a data directory is refused, and told which process has it', async () => {
  expect(await claim('one')).toBeUndefined();
  await expect(claim('two')).rejects.toMatchObject({
    code: 'ALREADY_RUNNING',
    message: expect.stringContaining(`Another gateway already runs on ${data}: process ${process.pid}. Stop it first`),
  });
});

test('and so it is on another path to the same directory', async () => {
  await claim('one');
  const other = join(root, 'other');
  symlinkSync(data, other);
  await expect(claim('two', other)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
});

test('and on any of the journal directories that a gateway has, whatever its data directory', async () => {
  const second = join(root, 'second');
  mkdirSync(second);
  writeFileSync(join(second, 'journal.lock'), processOwner('one').text);
  await expect(claim('two', data, [join(data, 'journal'), second])).rejects.toMatchObject({
    code: 'ALREADY_RUNNING',
    message: expect.stringContaining(`${second}: process ${process.pid}`),
  });
});

test('and where only its socket tells of it, as from another container', async () => {
  mkdirSync(data);
  const control = new ControlRig(data).start();
  await control.untilAnswers();
  await expect(claim('two')).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
  control.stop();
});

test('of two that start at once one has it', async () => {
  const claims = await Promise.allSettled(['one', 'two', 'three'].map((run) => claim(run)));
  expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test.each([
  ['a gateway that was killed', (text: string) => text.replace(/pid \d+/, 'pid 4194304')],
  ['the machine before it was started anew', (text: string) => text.replace(/boot \S+/, 'boot of-yesterday')],
  ['a number that another process has now', (text: string) => text.replace(/started \d+/, 'started 1')],
  ['a full disk', () => ''],
  ['nobody knows what', () => 'garbage\0'],
])('what is left of %s keeps nobody from starting', async (_of, left) => {
  for (const directory of [data, join(data, 'journal')]) mkdirSync(directory, { recursive: true });
  const text = left(processOwner('one').text);
  for (const name of ['gateway.lock', 'journal/journal.lock']) writeFileSync(join(data, name), text);
  const owner = processOwner('two');
  expect(await claimDataDirectory(data, [join(data, 'journal')], owner)).toBeUndefined();
  expect(readFileSync(join(data, 'gateway.lock'), 'utf8')).toBe(owner.text);
});

test('a place where nothing can be made keeps nobody from starting, and is told', async () => {
  writeFileSync(join(root, 'file'), '');
  expect(await claim('one', join(root, 'file', 'data'))).toContain('ENOTDIR');
});

test.skipIf(process.getuid?.() === 0)('nor does a directory that may not be written', async () => {
  mkdirSync(data);
  chmodSync(data, 0o500);
  expect(await claim('one')).toContain('EACCES');
});
