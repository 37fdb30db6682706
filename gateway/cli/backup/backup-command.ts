import { type Command, Option } from 'commander';
import type { WallMs } from '../../../protocol/clocks.ts';
import { CallpointError } from '../../../protocol/errors.ts';
import type { Unfinished, UnfinishedChoice } from '../../journal/note-restore.ts';
import { giveWay } from '../give-way.ts';
import { describeCommand, type Prose } from '../help.ts';
import { type JsonFlag, jsonOption, jsonText } from '../json-output.ts';
import { startProgress } from '../progress.ts';
import { askOnce } from '../questions.ts';
import { dataDirectory, type SiteOptions, siteOptions } from '../site-options.ts';
import { terminalSafe } from '../terminal-safe.ts';
import { terminalWidth } from '../terminal-text.ts';
import { callpointVersion } from '../version.ts';

type Print = (line: string) => void;

const ABOUT_BACKUP: Prose = {
  about: [
    'It saves site.yaml, the keys, the certificates that site.yaml names, and the journal: alerts, sequence numbers, and what tells a press from a recording. The gateway may run meanwhile.',
    'A directory as FILE gets a file of a new name. Without --plain the backup is encrypted with a passphrase, which is asked for at a terminal.',
  ],
  examples: [
    ['callpoint backup /media/stick', ''],
    ['callpoint backup /mnt/nas --passphrase-file /etc/callpoint/passphrase', 'from cron, each night'],
  ],
  seeAlso: ['restore', 'verify', 'doctor'],
};

const ABOUT_RESTORE: Prose = {
  about: [
    'It writes over nothing: site.yaml, its keys and the data directory must not be there. It reads and proves the whole backup first.',
    'If an alert was open in the backup, say with --unfinished what becomes of it. drop: the gateway ran after the backup, and has dealt with it. keep: it was stopped for the backup, and has not run since.',
  ],
  examples: [
    ['callpoint restore callpoint-gw-oak.cpbackup --check', ''],
    ['callpoint restore callpoint-gw-oak.cpbackup --config /etc/callpoint/site.yaml --data /var/lib/callpoint', ''],
  ],
  seeAlso: ['backup', 'check', 'doctor'],
};

interface Common extends SiteOptions, JsonFlag {
  readonly passphraseFile?: string;
}

export function addBackupCommands(root: Command, out: Print): void {
  describeCommand(jsonOption(siteOptions(root.command('backup'))), ABOUT_BACKUP)
    .description('save everything that a new machine or SD card needs, also while the gateway runs')
    .argument('[file]', 'the file to write, or a directory for it', '.')
    .option('--passphrase-file <file>', 'encrypt with the passphrase in the first line of this file')
    .option('--plain', 'do not encrypt: whoever reads the file has the keys')
    .option('--without-journal', 'leave the history out; save only what a restart needs of it')
    .action(async (file: string, options: Common & { plain?: boolean; withoutJournal?: boolean }) => {
      await backup(file, options, out);
    });
  describeCommand(jsonOption(siteOptions(root.command('restore'))), ABOUT_RESTORE)
    .description('put a backup in place on a new machine or SD card')
    .argument('<file>', 'the backup')
    .option('--passphrase-file <file>', 'the passphrase is in the first line of this file')
    .addOption(
      new Option('--unfinished <what>', 'alerts that were not over in the backup: see the question').choices([
        'keep',
        'drop',
      ]),
    )
    .option('--check', 'read and prove the backup, and write nothing')
    .action(async (file: string, options: Common & { unfinished?: UnfinishedChoice; check?: boolean }) => {
      await restore(file, options, out);
    });
}

async function backup(
  to: string,
  options: Common & { readonly plain?: boolean; readonly withoutJournal?: boolean },
  out: Print,
): Promise<void> {
  const { backupText } = await import('./backup-text.ts');
  const { makeBackup } = await import('./make-backup.ts');
  const { noteBackup } = await import('./last-backup.ts');
  const passphrase = options.plain ? undefined : await newPassphrase(options);
  giveWay();
  const progress = startProgress();
  const data = dataDirectory(options);
  const made = await makeBackup({
    config: options.config,
    data,
    to,
    version: callpointVersion(),
    withJournal: options.withoutJournal !== true,
    nowMs: Date.now(),
    onProgress: (bytes) => progress.show(mebibytes('Saving', bytes)),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  progress.end();
  const { file, bytes, manifest, isOnSameDisk, missing } = made;
  if (options.json) {
    const { files, ...about } = manifest;
    const answer = { file, bytes, encrypted: passphrase !== undefined, ...about, files: files.length };
    out(jsonText({ ok: true, ...answer, on_same_disk: isOnSameDisk, missing }));
  } else for (const line of backupText(made, passphrase !== undefined, terminalWidth())) out(line);
  try {
    await noteBackup(data, { made_at: manifest.made_at, file });
  } catch {
    process.stderr.write(`${terminalSafe(data)} can't be written, so callpoint doctor will not know of this backup.\n`);
  }
}

/** @throws CallpointError BACKUP_LOCKED, USAGE */
async function newPassphrase({ passphraseFile }: Common): Promise<string> {
  const { askPassphrase, passphraseIn, refuseWeak } = await import('./passphrase.ts');
  if (passphraseFile !== undefined) {
    const passphrase = passphraseIn(passphraseFile);
    refuseWeak(passphrase);
    return passphrase;
  }
  if (!process.stdin.isTTY) {
    const what = 'The backup holds keys, and there is no terminal to ask for a passphrase';
    throw new CallpointError(
      'BACKUP_LOCKED',
      `${what}. Name --passphrase-file, or --plain for a backup that is not encrypted.`,
    );
  }
  const passphrase = await askPassphrase('Passphrase for the backup: ');
  refuseWeak(passphrase);
  if ((await askPassphrase('The same again: ')) === passphrase) return passphrase;
  throw new CallpointError('BACKUP_LOCKED', 'The two are not the same. Nothing was written.');
}

async function restore(
  file: string,
  options: Common & { readonly unfinished?: UnfinishedChoice; readonly check?: boolean },
  out: Print,
): Promise<void> {
  const passphrase = () => knownPassphrase(file, options);
  const { checkedText, restoreText } = await import('./backup-text.ts');
  if (options.check) {
    const { readBackup } = await import('./read-backup.ts');
    const manifest = await readBackup(file, passphrase);
    if (options.json) out(jsonText({ ok: true, ...manifest }));
    else for (const line of checkedText(file, manifest, { width: terminalWidth(), now: new Date() })) out(line);
    return;
  }
  const { restoreBackup } = await import('./restore.ts');
  const progress = startProgress();
  const restored = await restoreBackup({
    file,
    config: options.config,
    data: dataDirectory(options),
    nowMs: Date.now() as WallMs,
    passphrase,
    choose: (unfinished) => {
      progress.end();
      return chosen(unfinished, options.unfinished);
    },
    onProgress: (bytes) => progress.show(mebibytes('Restoring', bytes)),
  });
  progress.end();
  if (!options.json) {
    for (const line of restoreText(restored, { width: terminalWidth(), now: new Date() })) out(line);
    return;
  }
  const { manifest, written, journalDirectory, proof, unfinished, choice, notes } = restored;
  const { files: _files, ...about } = manifest;
  const { alerts, reports } = unfinished;
  const journal = { directory: journalDirectory, proven: proof?.ok ?? null, last_record: proof?.proven.to ?? null };
  out(jsonText({ ok: true, ...about, written, journal, unfinished: { alerts, reports, choice }, notes }));
}

async function knownPassphrase(file: string, { passphraseFile }: Common): Promise<string> {
  const { askPassphrase, passphraseIn } = await import('./passphrase.ts');
  if (passphraseFile !== undefined) return passphraseIn(passphraseFile);
  if (process.stdin.isTTY) return await askPassphrase(`Passphrase of ${file}: `);
  throw new CallpointError('BACKUP_LOCKED', `${file} is encrypted. Name --passphrase-file.`);
}

/** @throws CallpointError BACKUP_FAILED without an answer */
async function chosen(unfinished: Unfinished, given: UnfinishedChoice | undefined): Promise<UnfinishedChoice> {
  if (given !== undefined) return given;
  const { unfinishedText } = await import('./backup-text.ts');
  for (const line of unfinishedText(unfinished, terminalWidth(process.stderr)))
    process.stderr.write(`${terminalSafe(line)}\n`);
  if (process.stdin.isTTY) {
    const answer = (await askOnce('drop or keep? ', { shown: process.stderr }))?.trim();
    if (answer === 'drop' || answer === 'keep') return answer;
  }
  throw new CallpointError('BACKUP_FAILED', 'Nothing was restored. Say --unfinished drop or --unfinished keep.');
}

function mebibytes(what: string, bytes: number): string {
  return `${what}: ${Math.round(bytes / 1024 / 1024)} MiB`;
}
