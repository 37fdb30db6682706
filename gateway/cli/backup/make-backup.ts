import { createHash } from 'node:crypto';
import { createWriteStream, readFileSync, rmSync, statSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { CallpointError, messageOf } from '../../../protocol/errors.ts';
import { type SiteFiles, siteFiles } from '../../config/load.ts';
import { copySegments, journalSum } from '../../journal/journal-copy.ts';
import { errorCode } from '../../system/error-code.ts';
import { whyNotWritten } from '../../system/make-directories.ts';
import { syncDirectory } from '../../system/sync-directory.ts';
import { TAR_END } from '../../system/tar-blocks.ts';
import { gatewayRuns } from '../data-directory.ts';
import { encryption, newKey } from './backup-cipher.ts';
import { ADDRESSES, type BackupFile, FORMAT, KEYS, MANIFEST, type Manifest, SITE, STATE } from './backup-format.ts';
import { readBackup } from './read-backup.ts';
import { type Entry, tarEntry } from './tar-entries.ts';

export interface BackupOptions {
  readonly config: string;
  readonly data: string;
  /** The file, or a directory for it. */
  readonly to: string;
  readonly version: string;
  /** Absent: the backup is not encrypted. */
  readonly passphrase?: string;
  /** False: only what a restart needs of the journal. */
  readonly withJournal: boolean;
  readonly nowMs: number;
  readonly onProgress?: (bytes: number) => void;
}

export interface MadeBackup {
  readonly file: string;
  readonly bytes: number;
  readonly manifest: Manifest;
  /** The backup would be lost with the disk. */
  readonly isOnSameDisk: boolean;
  /** Directories of the journal that are not there. */
  readonly missing: readonly string[];
}

/**
 * Writes a backup, also beside a running gateway, and reads it back. Writes over nothing, and
 * leaves nothing behind if it fails.
 *
 * @throws CallpointError BACKUP_FAILED, CONFIG_INVALID, JOURNAL_UNREADABLE
 */
export async function makeBackup(options: BackupOptions): Promise<MadeBackup> {
  const { config, data, passphrase, nowMs } = options;
  const site = siteFiles(config, data);
  if (site === undefined) {
    const next = `Run callpoint check --config ${config}`;
    throw new CallpointError('CONFIG_INVALID', `${config} can't be read, so what belongs to it is not known. ${next}`);
  }
  const file = await fileName(options, site.gateway);
  const part = `${file}.part-${process.pid}`;
  const key = passphrase === undefined ? undefined : await newKey(passphrase);
  try {
    const made = new Packer(options, site, await gatewayRuns(data));
    const steps: Transform[] = [createGzip(), ...(key === undefined ? [] : [encryption(key)])];
    // Mode 0600: whoever has the keys can forge an alarm.
    const output = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true });
    const source = Readable.from(made.bytes(), { objectMode: false });
    await (steps[1] === undefined
      ? pipeline(source, steps[0] as Transform, output)
      : pipeline(source, steps[0] as Transform, steps[1], output));
    await readBackup(part, passphrase);
    // `link` would replace nothing, but memory sticks have no links.
    if (isThere(file)) refuseExisting(file);
    await rename(part, file);
    await syncDirectory(dirname(file));
    const { size: bytes } = await stat(file);
    const isOnSameDisk = deviceOf(dirname(file)) === deviceOf(data);
    const missing = site.journalDirectories.filter((each) => !isThere(each));
    return { file, bytes, manifest: made.manifest(nowMs), isOnSameDisk, missing };
  } catch (error) {
    if (error instanceof CallpointError) throw error;
    if (errorCode(error) === 'EEXIST') refuseExisting(file);
    throw new CallpointError('BACKUP_FAILED', `${file} can't be written: ${whyNotWritten(error)}`, { cause: error });
  } finally {
    rmSync(part, { force: true });
  }
}

/** @throws CallpointError BACKUP_FAILED */
async function fileName({ to, passphrase, nowMs }: BackupOptions, gateway: string): Promise<string> {
  const given = statSync(to, { throwIfNoEntry: false });
  if (given !== undefined && !given.isDirectory()) refuseExisting(to);
  if (given === undefined) return resolve(to);
  const time = new Date(nowMs).toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
  const file = join(to, `callpoint-${gateway}-${time}Z.${passphrase === undefined ? 'tar.gz' : 'cpbackup'}`);
  if (isThere(file)) refuseExisting(file);
  return resolve(file);
}

function refuseExisting(file: string): never {
  throw new CallpointError('BACKUP_FAILED', `${file} is there already. Name another file, or a directory.`);
}

class Packer {
  readonly #options: BackupOptions;
  readonly #site: SiteFiles;
  readonly #running: boolean;
  readonly #files: BackupFile[] = [];

  constructor(options: BackupOptions, site: SiteFiles, running: boolean) {
    this.#options = options;
    this.#site = site;
    this.#running = running;
  }

  *bytes(): Generator<Buffer> {
    let total = 0;
    for (const { written, ...entry } of this.#entries()) {
      const { name, content, modifiedMs } = entry;
      const sha256 = createHash('sha256').update(content).digest('hex');
      this.#files.push({
        name,
        bytes: content.length,
        sha256,
        modified_ms: modifiedMs,
        ...(written === undefined ? {} : { written }),
      });
      yield* tarEntry(entry);
      total += content.length;
      this.#options.onProgress?.(total);
    }
    const { nowMs } = this.#options;
    const content = Buffer.from(`${JSON.stringify(this.manifest(nowMs), undefined, 2)}\n`);
    yield* tarEntry({ name: MANIFEST, content, modifiedMs: nowMs });
    yield TAR_END;
  }

  manifest(nowMs: number): Manifest {
    const { version, withJournal } = this.#options;
    return {
      format: FORMAT,
      version,
      gateway: this.#site.gateway,
      made_at: new Date(nowMs).toISOString(),
      gateway_running: this.#running,
      with_journal: withJournal,
      files: this.#files,
    };
  }

  *#entries(): Generator<Entry & { readonly written?: string }> {
    const { config, data, withJournal } = this.#options;
    const { keys, pem, journalDirectories: journal } = this.#site;
    yield fileEntry(SITE, config);
    yield { ...fileEntry(KEYS, keys.path), written: keys.written };
    for (const [at, { written, path }] of pem.entries()) {
      yield { ...fileEntry(`site/pem/${at}.pem`, path), written };
    }
    const addresses = join(data, 'addresses.json');
    if (statSync(addresses, { throwIfNoEntry: false })?.isFile()) yield fileEntry(ADDRESSES, addresses);
    const there = journal.filter(isThere);
    if (!withJournal) {
      yield { name: STATE, content: journalSum(there), modifiedMs: this.#options.nowMs };
      return;
    }
    for (const { directory, name, modifiedMs, content } of copySegments(there)) {
      yield { name: `journal/${journal.indexOf(there[directory] ?? '')}/${name}`, content, modifiedMs };
    }
  }
}

/** @throws CallpointError BACKUP_FAILED */
function fileEntry(name: string, path: string): Entry {
  try {
    return { name, content: readFileSync(path), modifiedMs: statSync(path).mtimeMs };
  } catch (error) {
    const next = 'Run this as the user who runs the gateway, or with sudo';
    throw new CallpointError('BACKUP_FAILED', `${path} can't be read: ${messageOf(error)}. ${next}.`, { cause: error });
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function deviceOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.dev;
}
