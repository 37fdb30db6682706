import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, rmdirSync, statfsSync } from 'node:fs';
import { mkdtemp, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, normalize, resolve } from 'node:path';
import type { WallMs } from '../../../protocol/clocks.ts';
import { CallpointError } from '../../../protocol/errors.ts';
import { readSite, siteFiles } from '../../config/load.ts';
import { JOURNAL_LOCK, releaseDirectory, takeDirectory } from '../../journal/directory-lock.ts';
import { nodeJournalFiles } from '../../journal/journal-files.ts';
import { noteRestore, type Unfinished, type UnfinishedChoice } from '../../journal/note-restore.ts';
import { processOwner } from '../../journal/process-owner.ts';
import { type VerifyResult, verifyJournal } from '../../journal/verify-journal.ts';
import { errorCode } from '../../system/error-code.ts';
import { makeDirectories, whyNotWritten } from '../../system/make-directories.ts';
import { syncDirectory } from '../../system/sync-directory.ts';
import { gatewayRuns } from '../data-directory.ts';
import { ADDRESSES, KEYS, type Manifest, SITE, STATE } from './backup-format.ts';
import { openBackup } from './read-backup.ts';

export interface RestoreOptions {
  readonly file: string;
  readonly config: string;
  readonly data: string;
  readonly nowMs: WallMs;
  passphrase(): Promise<string>;
  choose(unfinished: Unfinished): Promise<UnfinishedChoice>;
  readonly onProgress?: (bytes: number) => void;
}

export interface Restored {
  readonly manifest: Manifest;
  readonly written: readonly string[];
  readonly journalDirectory: string;
  /** Absent: the backup has only the sum of the journal. */
  readonly proof?: VerifyResult;
  readonly unfinished: Unfinished;
  readonly choice: UnfinishedChoice;
  /** What the operator has to do or know. */
  readonly notes: readonly string[];
}

/** A directory of ours; one that is left over from an earlier restore may go. */
const STAGE = '.callpoint-restore-';
const SPARE_BYTES = 16 * 1024 * 1024;
const OUTSIDE = 'outside';
const FILES = nodeJournalFiles();
const OWNER = processOwner(randomUUID());

/**
 * Puts a backup in place of a site and a data directory that are not there. The whole backup is
 * read and proven before anything is written; nothing is written over; what was written goes again
 * if the rest fails.
 *
 * @throws CallpointError BACKUP_INVALID, BACKUP_LOCKED, BACKUP_FAILED, DIRECTORY_NOT_EMPTY,
 *   ALREADY_RUNNING
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  await refuseUsed(options.data);
  const backup = await openBackup(options.file, options.passphrase);
  try {
    const small = new Map<string, Buffer>();
    let journalBytes = 0;
    const manifest = await backup.read(({ name, content }) => {
      if (name.startsWith('journal/')) journalBytes += content.length;
      else small.set(name, content);
    });
    const restoring = new Restoring(options, manifest, small);
    restoring.refuseExisting();
    try {
      return await restoring.run(journalBytes, (take) => backup.read(take));
    } catch (error) {
      await restoring.undo();
      throw inWords(error);
    }
  } finally {
    await backup.close();
  }
}

async function refuseUsed(data: string): Promise<void> {
  if (await gatewayRuns(data)) {
    throw new CallpointError('ALREADY_RUNNING', `A gateway runs on ${data}. Stop it, and move ${data} away.`);
  }
  if (!existsSync(data)) return;
  const there = readdirSync(data).filter((name) => !name.startsWith(STAGE));
  if (there.length > 0) refuse([data]);
}

function refuse(existing: readonly string[]): never {
  const what = `${existing.join(', ')} would be overwritten`;
  throw new CallpointError('DIRECTORY_NOT_EMPTY', `${what}. Move it away first, and keep it until all is well.`);
}

function inWords(error: unknown): unknown {
  if (error instanceof CallpointError || errorCode(error) === undefined) return error;
  const { path = 'a file' } = error as NodeJS.ErrnoException;
  return new CallpointError('BACKUP_FAILED', `${path} can't be written: ${whyNotWritten(error)}`, { cause: error });
}

interface SmallFile {
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
}

type Read = (
  take: (entry: { name: string; content: Buffer; modifiedMs: number }) => Promise<void>,
) => Promise<Manifest>;

class Restoring {
  readonly #options: RestoreOptions;
  readonly #manifest: Manifest;
  readonly #small: ReadonlyMap<string, Buffer>;
  readonly #files: readonly SmallFile[];
  readonly #notes: string[] = [];
  /** Newest last. */
  readonly #made: string[] = [];

  constructor(options: RestoreOptions, manifest: Manifest, small: ReadonlyMap<string, Buffer>) {
    this.#options = options;
    this.#manifest = manifest;
    this.#small = small;
    this.#files = this.#placed();
  }

  refuseExisting(): void {
    const existing = this.#files.filter(({ path }) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
    if (existing.length > 0) refuse(existing.map(({ path }) => path));
  }

  async run(journalBytes: number, read: Read): Promise<Restored> {
    const { data } = this.#options;
    const journalDirectory = await this.#journalDirectory();
    this.#makeDirectory(data, 0o700);
    this.#makeDirectory(journalDirectory, 0o750);
    // Another restore, or a gateway that starts meanwhile, must not take the same place.
    const holder = takeDirectory(FILES, journalDirectory, OWNER);
    if (holder !== undefined) {
      throw new CallpointError(
        'ALREADY_RUNNING',
        `${journalDirectory} is in use by ${holder}. Wait until that is over.`,
      );
    }
    try {
      return await this.#intoOwn(journalDirectory, journalBytes, read);
    } finally {
      releaseDirectory(FILES, journalDirectory, OWNER);
    }
  }

  async #intoOwn(journalDirectory: string, journalBytes: number, read: Read): Promise<Restored> {
    const ours = [JOURNAL_LOCK, basename(ADDRESSES)];
    const inUse = readdirSync(journalDirectory).filter((name) => !name.startsWith(STAGE) && !ours.includes(name));
    if (inUse.length > 0) refuse([journalDirectory]);
    const { bavail, bsize } = statfsSync(journalDirectory);
    if (bavail * bsize < journalBytes + SPARE_BYTES) {
      const wanted = `${Math.ceil((journalBytes + SPARE_BYTES) / 1024 / 1024)} MiB`;
      throw new CallpointError('BACKUP_FAILED', `${journalDirectory} needs ${wanted}. Make room.`);
    }
    const stage = await mkdtemp(join(journalDirectory, STAGE));
    this.#made.push(stage);
    await this.#unpack(stage, read);
    const proof = this.#manifest.with_journal ? verifyJournal(stage) : undefined;
    const { unfinished, choice } = await noteRestore({
      directory: stage,
      madeAtMs: Date.parse(this.#manifest.made_at) as WallMs,
      nowMs: this.#options.nowMs,
      choose: this.#options.choose,
      ...this.#sum(),
    });
    await rm(join(stage, 'journal.lock'), { force: true });
    for (const name of await readdir(stage)) {
      await rename(join(stage, name), join(journalDirectory, name));
      this.#made.push(join(journalDirectory, name));
    }
    rmdirSync(stage);
    await syncDirectory(journalDirectory);
    // The site last: without it no gateway starts on a restore that a power cut left half done.
    for (const each of this.#files) await this.#write(each);
    this.#note(proof);
    const written = this.#files.map(({ path }) => path);
    const notes = this.#notes;
    const { manifest } = this;
    return {
      manifest,
      written,
      journalDirectory,
      unfinished,
      choice,
      notes,
      ...(proof === undefined ? {} : { proof }),
    };
  }

  /** Only site.yaml says where the journal belongs. */
  async #journalDirectory(): Promise<string> {
    const { data } = this.#options;
    const aside = await mkdtemp(join(tmpdir(), 'callpoint-site-'));
    try {
      const site = join(aside, basename(SITE));
      await writeFile(site, this.#small.get(SITE) ?? '');
      return siteFiles(site, resolve(data))?.journalDirectories[0] ?? join(data, 'journal');
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  /** Removes what was written. */
  async undo(): Promise<void> {
    for (const path of this.#made.reverse()) {
      const isDirectory = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
      if (!isDirectory || basename(path).startsWith(STAGE)) await rm(path, { recursive: true, force: true });
      else tryRemove(path);
    }
  }

  #placed(): SmallFile[] {
    const { config, data } = this.#options;
    const site = dirname(config);
    return this.#manifest.files.flatMap(({ name, written = '' }): SmallFile[] => {
      const content = this.#small.get(name);
      if (content === undefined || name === STATE) return [];
      if (name === SITE) return [{ path: resolve(config), content, mode: 0o644 }];
      if (name === ADDRESSES) return [{ path: resolve(data, basename(ADDRESSES)), content, mode: 0o600 }];
      const usual = name === KEYS ? 'keys.yaml' : basename(name);
      return [{ path: resolve(site, this.#within(written, usual)), content, mode: 0o600 }];
    });
  }

  /**
   * A backup may not choose a place outside the site's directory, nor the name of a hidden file,
   * which a shell or a program may obey.
   */
  #within(written: string, usual: string): string {
    const path = normalize(written);
    const isInside = !isAbsolute(path) && !/(?:^|\/)\.|\0/.test(path) && !path.endsWith('/');
    if (isInside) return path;
    const place = join(OUTSIDE, usual);
    this.#notes.push(
      `site.yaml names ${JSON.stringify(written)}; its content is in ${join(dirname(this.#options.config), place)}: put it there.`,
    );
    return place;
  }

  async #write({ path, content, mode }: SmallFile): Promise<void> {
    this.#makeDirectory(dirname(path), 0o700);
    // 'wx': neither a file nor a link that appeared meanwhile is followed or overwritten.
    const file = await open(path, 'wx', mode);
    this.#made.push(path);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  #makeDirectory(path: string, mode: number): void {
    if (existsSync(path)) return;
    const missing: string[] = [];
    for (let each = resolve(path); !existsSync(each) && dirname(each) !== each; each = dirname(each))
      missing.unshift(each);
    makeDirectories(path, mode);
    this.#made.push(...missing);
  }

  async #unpack(stage: string, read: Read): Promise<void> {
    const modified = new Map(this.#manifest.files.map(({ name, modified_ms: at }) => [name, at]));
    let total = 0;
    await read(async ({ name, content }) => {
      if (!name.startsWith('journal/')) return;
      const file = await open(freeName(join(stage, basename(name))), 'wx', 0o640);
      try {
        await file.writeFile(content);
        await file.utimes(new Date(), new Date(modified.get(name) ?? 0));
        await file.sync();
      } finally {
        await file.close();
      }
      total += content.length;
      this.#options.onProgress?.(total);
    });
  }

  #sum(): { sum?: Buffer } {
    const sum = this.#small.get(STATE);
    return sum === undefined ? {} : { sum };
  }

  #note(proof: VerifyResult | undefined): void {
    const { config, data, nowMs } = this.#options;
    if (proof?.ok === false) {
      this.#notes.push(
        `The journal in the backup is not complete: ${proof.problems[0]?.text ?? ''}. The gateway uses what is left.`,
      );
    }
    if (nowMs < Date.parse(this.#manifest.made_at)) {
      this.#notes.push(
        'The clock of this machine is earlier than the backup. Set it before you start the gateway: wall nodes obey only a session that is later.',
      );
    }
    const errors = readSite(config, data).mistakes.filter(({ severity }) => severity === 'error');
    if (errors.length > 0)
      this.#notes.push(`The configuration has ${errors.length} errors: callpoint check --config ${config}`);
    if (process.getuid?.() === 0) {
      this.#notes.push(
        `Everything belongs to root. Give it to the user who runs the gateway: chown -R USER ${dirname(resolve(config))} ${resolve(data)}`,
      );
    }
  }
}

/** Two directories of a journal may each have had a segment of this number: see `byAge`. */
function freeName(path: string): string {
  return existsSync(path) && !path.endsWith('.failed') ? `${path}.failed` : path;
}

function tryRemove(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Something else is in it now.
  }
}
