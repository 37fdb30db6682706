import type { Unfinished } from '../../journal/note-restore.ts';
import { age, localTime, type TextOptions, wrapped } from '../terminal-text.ts';
import type { Manifest } from './backup-format.ts';
import type { MadeBackup } from './make-backup.ts';
import type { Restored } from './restore.ts';

/** What was saved, and what is missing. */
export function backupText(made: MadeBackup, isEncrypted: boolean, width: number): string[] {
  const { file, bytes, manifest, isOnSameDisk, missing } = made;
  const segments = manifest.files.filter(({ name }) => name.startsWith('journal/')).length;
  const journal = manifest.with_journal
    ? `the journal (${segments} segment${segments === 1 ? '' : 's'})`
    : 'the sum of the journal, without its history';
  const lock = isEncrypted ? 'encrypted' : 'NOT encrypted: whoever reads it can forge an alarm';
  return [
    `Written and read back: ${file} (${size(bytes)}, ${lock})`,
    ...item(`It holds ${otherFiles(made)} and ${journal} of ${manifest.gateway}.`, width),
    ...missing.flatMap((each) => item(`${each} is not there: what it holds is not in the backup.`, width)),
    ...(isOnSameDisk ? item('It is on the disk that it is to replace. Copy it to another machine.', width) : []),
    ...(isEncrypted ? item('Keep the passphrase elsewhere. Without it nobody can read the backup.', width) : []),
  ];
}

function otherFiles({ manifest }: MadeBackup): string {
  const pem = manifest.files.filter(({ name }) => name.startsWith('site/pem/')).length;
  return `site.yaml, the keys${pem === 0 ? '' : `, ${pem} certificate file${pem === 1 ? '' : 's'}`}`;
}

/** What stands on the disk now, and what to do next. */
export function restoreText({ manifest, written, proof, ...rest }: Restored, options: TextOptions): string[] {
  const { width, now } = options;
  const { gateway, made_at: madeAt, version } = manifest;
  const { unfinished, choice, journalDirectory, notes } = rest;
  const count = unfinished.alerts.length + unfinished.reports;
  const proven = proof?.ok ? `complete and unaltered to record ${proof.proven.to}` : 'not proven';
  return [
    `Restored: ${gateway}, from a backup of ${localTime(madeAt, now)} (${age(madeAt, now)} old) by version ${version}`,
    ...written.flatMap((file) => item(file, width)),
    ...item(proof === undefined ? `${journalDirectory}: the sum only` : `${journalDirectory}: ${proven}`, width),
    ...(count === 0
      ? []
      : item(`What was open in the backup (${count}): ${choice === 'keep' ? 'kept' : 'ended'}`, width)),
    '',
    'What happened after the backup is not known to this gateway:',
    ...item('The first press of a tag, and of a wall button that was not heard yet, counts as unauthenticated.', width),
    ...item('The history of that time is only in the old data directory. Keep that if you can.', width),
    ...notes.flatMap((note) => item(note, width)),
    '',
    'Next: callpoint check, callpoint doctor, start the gateway, callpoint status, then a walk test of a button of each kind.',
  ].flatMap((line) => wrapped(line, width, 2));
}

/** A backup that was read to its end. */
export function checkedText(file: string, manifest: Manifest, { width, now }: TextOptions): string[] {
  const { gateway, made_at: madeAt, version, files, with_journal: hasJournal } = manifest;
  const what = hasJournal ? 'with the journal' : 'with the sum of the journal';
  const text = `${file} is whole: ${gateway}, ${localTime(madeAt, now)} (${age(madeAt, now)} old), version ${version}, ${files.length} files, ${what}`;
  return wrapped(text, width, 2);
}

/** Asked before anything of the backup is used. */
export function unfinishedText({ madeAt, alerts, reports }: Unfinished, width: number): string[] {
  const shown = alerts.slice(0, SHOWN_MAX).map(({ id, text }) => `  ${text} (${id})`);
  const more = alerts.length > SHOWN_MAX ? [`  and ${alerts.length - SHOWN_MAX} more`] : [];
  const others =
    reports === 0 ? [] : [`  ${reports} report${reports === 1 ? '' : 's'} about alerts that nobody had acknowledged`];
  return [
    `When this backup was made (${localTime(madeAt, new Date())}), this was not over:`,
    ...shown,
    ...more,
    ...others,
    'drop: the gateway ran after the backup, and has dealt with it. Nothing is sent.',
    'keep: the gateway was stopped, and has not run since. What nobody acknowledged is sent when it starts.',
  ].flatMap((line) => wrapped(line, width, 6));
}

const SHOWN_MAX = 8;

function item(text: string, width: number): string[] {
  return wrapped(`  ${text}`, width, 4);
}

function size(bytes: number): string {
  const [unit, one] = bytes < 1024 * 1024 ? (['KiB', 1024] as const) : (['MiB', 1024 * 1024] as const);
  return `${(bytes / one).toFixed(bytes < 10 * one ? 1 : 0)} ${unit}`;
}
