import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lastBackup, noteBackup } from '../../gateway/cli/backup/last-backup.ts';
import { recoveredState } from '../../gateway/core/restart/journal-replay.ts';
import { recordedAlerts } from '../../gateway/journal/alert-history.ts';
import { processOwner } from '../../gateway/journal/process-owner.ts';
import { readJournal } from '../../gateway/journal/read-journal.ts';
import { verifyJournal } from '../../gateway/journal/verify-journal.ts';
import { alert, BackupRig, COUNTERS, MADE_MS, PASSPHRASE, RESTORED_MS, recordsIn, SESSION } from './backup-rig.ts';

const DRILL = {
  record: {
    t: 'drill',
    at: MADE_MS,
    scope: 'site',
    state: 'running',
    startedAt: MADE_MS,
    endsAt: MADE_MS + 3_600_000,
    leftMs: 3_600_000,
    by: 'ann',
    reason: 'drill',
  },
  holds: 'drill:site',
} as const;

test('a restored site is the one that was saved: files, modes, journal, and the proof of the journal', async () => {
  const rig = await BackupRig.with([SESSION, COUNTERS]);
  writeFileSync(join(rig.site.data, 'addresses.json'), '{}');
  const before = verifyJournal(rig.journal).proven;
  const file = await rig.backup({ passphrase: PASSPHRASE });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const secret of rig.site.secrets) expect(readFileSync(file, 'latin1')).not.toContain(secret);
  const { proof, unfinished } = await rig.restore(file);
  expect(proof).toMatchObject({ ok: true, proven: before });
  expect(unfinished.alerts).toEqual([]);
  for (const name of ['site.yaml', 'keys.yaml']) {
    expect(readFileSync(join(rig.root, 'new', name), 'utf8')).toBe(
      readFileSync(join(rig.site.directory, name), 'utf8'),
    );
  }
  expect(statSync(join(rig.root, 'new', 'keys.yaml')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(rig.newData, 'addresses.json'), 'utf8')).toBe('{}');
  const after = verifyJournal(join(rig.newData, 'journal'));
  expect(after).toMatchObject({ ok: true, proven: { fromBeginning: true, to: before.to + 1 } });
  // Nothing of the restore is left behind: no lock, no directory of its own.
  expect(readdirSync(join(rig.newData, 'journal'))).toEqual(['journal-000001.cpj']);
});

test.each([true, false])(
  'the next start knows that it came from a backup; with the history: %s',
  async (withJournal) => {
    const rig = await BackupRig.with([SESSION, COUNTERS]);
    await rig.restore(await rig.backup({ withJournal }));
    const records = recordsIn(join(rig.newData, 'journal'));
    expect(records.at(-1)).toEqual({ t: 'fromBackup', at: RESTORED_MS, madeAt: MADE_MS, session: RESTORED_MS / 1000 });
    const { session, sequences, windows } = recoveredState(records);
    expect(session).toBe(RESTORED_MS / 1000);
    expect(sequences.get('central')).toBe(5041);
    expect(windows.get('wb-101')?.saved().heard).toEqual([3, 70, 'ff', 'k1', -1]);
  },
);

test('alerts that were open in the backup are not sent without a word: the operator says what to do', async () => {
  const rig = await BackupRig.with([SESSION, COUNTERS, alert('wb-101.3.71'), DRILL]);
  const file = await rig.backup();
  await expect(rig.restore(file)).rejects.toThrow('asked');
  expect(existsSync(join(rig.root, 'new'))).toBe(false);
  const { unfinished } = await rig.restore(file, 'drop');
  expect(unfinished).toMatchObject({ alerts: [{ id: 'wb-101.3.71', text: 'Hold-up, Rm 101' }], reports: 0 });
  const directory = join(rig.newData, 'journal');
  expect(recoveredState(recordsIn(directory))).toMatchObject({ alerts: [], drills: [] });
  const [listed] = recordedAlerts(readJournal(directory));
  expect(listed?.progress.kept()).toMatchObject({ progress: [{ t: 'closed', state: 'cancelled', by: 'restore' }] });
});

test('what is kept goes out at the next start, but a drill is over in any case', async () => {
  const rig = await BackupRig.with([SESSION, COUNTERS, alert('wb-101.3.71'), DRILL]);
  await rig.restore(await rig.backup({ withJournal: false }), 'keep');
  const { alerts, drills } = recoveredState(recordsIn(join(rig.newData, 'journal')));
  expect(alerts.map(({ raised }) => raised.id)).toEqual(['wb-101.3.71']);
  expect(drills).toEqual([]);
});

test('a journal in two directories is restored into one: each segment, with the time that orders it', async () => {
  const more = 'journal: { directory: journal, secondDirectory: second }';
  const rig = await BackupRig.with([SESSION, COUNTERS], { more });
  const second = join(rig.site.data, 'second');
  rig.write([{ record: { t: 'session', at: MADE_MS, session: 8 } }], second);
  // While the first was away, the second began with the same number.
  utimesSync(join(rig.journal, 'journal-000001.cpj'), 1, 1);
  utimesSync(join(second, 'journal-000001.cpj'), 2, 2);
  await rig.restore(await rig.backup());
  const restored = join(rig.newData, 'journal');
  const [saved, copy] = [rig.journal, restored].map((each) => readFileSync(join(each, 'journal-000001.cpj'), 'latin1'));
  expect(copy?.replace(/\0*$/, '')).toBe(saved?.replace(/\0*$/, ''));
  expect(statSync(join(restored, 'journal-000001.cpj')).mtimeMs).toBe(1000);
  expect(statSync(join(restored, 'journal-000001.cpj.failed')).mtimeMs).toBe(2000);
});

test('a gateway that runs, files that are there: nothing is written over', async () => {
  const rig = await BackupRig.with([SESSION, COUNTERS]);
  const file = await rig.backup();
  mkdirSync(rig.newData, { recursive: true });
  writeFileSync(join(rig.newData, 'gateway.lock'), processOwner('one').text);
  await expect(rig.restore(file)).rejects.toMatchObject({ code: 'ALREADY_RUNNING' });
  writeFileSync(join(rig.newData, 'gateway.lock'), 'of a gateway that is gone');
  await expect(rig.restore(file)).rejects.toMatchObject({ code: 'DIRECTORY_NOT_EMPTY' });
  const other = await BackupRig.with([SESSION]);
  mkdirSync(join(other.root, 'new'));
  writeFileSync(join(other.root, 'new', 'keys.yaml'), 'mine');
  await expect(other.restore(file)).rejects.toMatchObject({
    code: 'DIRECTORY_NOT_EMPTY',
    message: expect.stringContaining(join(other.root, 'new', 'keys.yaml')),
  });
  expect(readdirSync(join(other.root, 'new'))).toEqual(['keys.yaml']);
  await expect(rig.backup()).rejects.toMatchObject({ code: 'BACKUP_FAILED' });
});

test('a journal elsewhere that has segments already stops the restore, and what it had written is gone', async () => {
  const elsewhere = await BackupRig.with([SESSION]);
  const rig = await BackupRig.with([SESSION, COUNTERS], { more: `journal: { directory: ${elsewhere.journal} }` });
  const file = await rig.backup();
  await expect(rig.restore(file)).rejects.toMatchObject({ code: 'DIRECTORY_NOT_EMPTY' });
  expect(existsSync(join(rig.root, 'new'))).toBe(false);
  expect(readdirSync(elsewhere.journal)).toEqual(['journal-000001.cpj']);
});

test('while a restore goes on, or where it was cut off, there is no site that a gateway could start on', async () => {
  const rig = await BackupRig.with([SESSION, COUNTERS, alert('wb-101.3.71')]);
  const file = await rig.backup();
  let wasThere: boolean | undefined;
  await rig.restore(file, 'drop', {
    choose: async () => {
      wasThere = existsSync(rig.newSite);
      return 'drop';
    },
  });
  expect([wasThere, existsSync(rig.newSite)]).toEqual([false, true]);
});

test('a damaged journal is restored as it is, and the damage is named', async () => {
  const rig = await BackupRig.with([
    SESSION,
    COUNTERS,
    { record: { t: 'heard', at: MADE_MS, device: 'wb-101', epoch: 3, counter: 72 } },
  ]);
  const segment = join(rig.journal, 'journal-000001.cpj');
  const bytes = readFileSync(segment);
  bytes.write('X', bytes.indexOf('session'));
  writeFileSync(segment, bytes);
  const { proof, notes } = await rig.restore(await rig.backup());
  expect(proof?.ok).toBe(false);
  expect(notes.join('\n')).toContain('The journal in the backup is not complete: damaged');
});

test('a site that never ran is saved and restored, too', async () => {
  const rig = await BackupRig.with([]);
  const { proof } = await rig.restore(await rig.backup());
  expect(proof?.records).toBe(0);
  expect(recordsIn(join(rig.newData, 'journal')).map(({ t }) => t)).toEqual(['fromBackup']);
});

test('the data directory remembers its last backup; a damaged note is none', async () => {
  const rig = await BackupRig.with([SESSION]);
  expect(await lastBackup(rig.site.data)).toBeUndefined();
  const made = { made_at: '2026-11-01T02:00:00.000Z', file: '/mnt/x' };
  await noteBackup(rig.site.data, made);
  expect(await lastBackup(rig.site.data)).toEqual(made);
  for (const text of ['', '{}', '{"made_at":"soon","file":"x"}', 'null']) {
    writeFileSync(join(rig.site.data, 'last-backup.json'), text);
    expect(await lastBackup(rig.site.data)).toBeUndefined();
  }
});
