import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { messageOf } from '../../protocol/errors.ts';
import { type LinkPem, whyUnusable } from './certificates.ts';

/** A file of certificates or a key, and what it held when the gateway read its configuration. */
export interface PemFile {
  /** As in `site.yaml`, for a person. */
  readonly written: string;
  /** From the root. */
  readonly path: string;
  readonly text: string;
}

/** The certificate files of one link. Plain data. */
export interface CertificateSource {
  /** `path.central`, `input.zigbee`, `mqtt`. */
  readonly of: string;
  /** For a person: "path central". */
  readonly name: string;
  readonly ca?: PemFile;
  readonly certificate?: PemFile;
  readonly key?: PemFile;
}

/** Where it is told what becomes of the files. Must not throw. */
interface CertificateFilesSink {
  /** Renewed files are in use from the next connection on. */
  renewed(source: CertificateSource, pem: LinkPem): void;
  /** Renewed files can not be used; once for each state of the files. `inUse`: what is. */
  refused(source: CertificateSource, why: string, inUse: LinkPem): void;
  /** After `refused`: the files on disk are again the ones in use. */
  unchanged(source: CertificateSource, inUse: LinkPem): void;
}

const CHECK_MS = 5_000;
const FILE_BYTES_MAX = 1024 * 1024;
const ROLES = ['ca', 'certificate', 'key'] as const;

interface Read {
  readonly text: string;
  /** Changes whenever the file does. */
  readonly state: string;
  readonly mode: number;
}

interface Watched {
  readonly source: CertificateSource;
  /** Of the files that were read last, in order of `ROLES`. */
  states: string;
  texts: LinkPem;
  /** Files that could not be used, as they were found one check earlier. */
  suspected?: string;
  refused?: string;
}

/**
 * Looks at certificate files for ever, and takes up what was renewed on disk. No notices of the
 * file system are used: network file systems give none, and a mount may come and go. One file is
 * opened at a time: a mount that hangs holds one thread of the pool, and the alert path needs none.
 *
 * A pair is renewed in two steps. What does not fit together is left alone, and told if it is still
 * so at the next check.
 */
export class CertificateFiles {
  readonly #watched: readonly Watched[];
  readonly #sink: CertificateFilesSink;
  readonly #checkMs: number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(sources: readonly CertificateSource[], sink: CertificateFilesSink, checkMs = CHECK_MS) {
    this.#watched = sources
      .filter((source) => ROLES.some((role) => source[role] !== undefined))
      .map((source) => ({ source, states: '', texts: pemOf(source, (role) => source[role]?.text) }));
    this.#sink = sink;
    this.#checkMs = checkMs;
  }

  start(): void {
    if (this.#watched.length > 0) this.#checkLater();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Looks at every file once. Never rejects. */
  async check(): Promise<void> {
    for (const watched of this.#watched) await this.#look(watched);
  }

  #checkLater(): void {
    this.#timer = setTimeout(async () => {
      await this.check();
      if (!this.#stopped) this.#checkLater();
    }, this.#checkMs);
    this.#timer.unref();
  }

  async #look(watched: Watched): Promise<void> {
    const { source } = watched;
    try {
      const states: string[] = [];
      for (const role of ROLES) {
        const file = source[role];
        states.push(file === undefined ? '' : await stateOf(file));
      }
      const now = states.join(' ');
      if (now === watched.states) {
        this.#inUse(watched);
        return;
      }
      if (now === watched.refused) return;
      const found = new Map<string, Read>();
      for (const role of ROLES) {
        const file = source[role];
        if (file !== undefined) found.set(role, await readPem(file));
      }
      if (!this.#stopped) this.#compare(watched, found);
    } catch (error) {
      if (!this.#stopped) this.#suspect(watched, messageOf(error), messageOf(error));
    }
  }

  #compare(watched: Watched, found: ReadonlyMap<string, Read>): void {
    const { source } = watched;
    const states = ROLES.map((role) => found.get(role)?.state ?? '').join(' ');
    const texts = pemOf(source, (role) => found.get(role)?.text);
    const isSame = JSON.stringify(texts) === JSON.stringify(watched.texts);
    const exposed = ((found.get('key')?.mode ?? 0) & 0o007) !== 0;
    // A start refuses an exposed key, so it is told of the files in use as well.
    const why = exposed ? 'every user of this machine has access to the private key' : undefined;
    const unusable = why ?? (isSame ? undefined : whyUnusable(texts));
    if (unusable !== undefined) {
      this.#suspect(watched, states, unusable);
      return;
    }
    watched.states = states;
    if (isSame) {
      this.#inUse(watched);
      return;
    }
    delete watched.suspected;
    delete watched.refused;
    watched.texts = texts;
    this.#sink.renewed(source, texts);
  }

  #inUse(watched: Watched): void {
    const wasRefused = watched.refused !== undefined;
    delete watched.suspected;
    delete watched.refused;
    if (wasRefused) this.#sink.unchanged(watched.source, watched.texts);
  }

  #suspect(watched: Watched, states: string, why: string): void {
    const isSettled = watched.suspected === states;
    watched.suspected = states;
    if (!isSettled || watched.refused === states) return;
    watched.refused = states;
    this.#sink.refused(watched.source, why, watched.texts);
  }
}

function pemOf(source: CertificateSource, textOf: (role: (typeof ROLES)[number]) => string | undefined): LinkPem {
  const [ca, certificate, key] = ROLES.map((role) => (source[role] === undefined ? undefined : textOf(role)));
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined || key === undefined ? {} : { own: { certificate, key } }),
  };
}

/** @throws Error that names the file, for a person */
async function stateOf({ path, written }: PemFile): Promise<string> {
  try {
    return stateIn(await stat(path));
  } catch (error) {
    throw unreadable(written, error);
  }
}

function stateIn({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join('.');
}

function unreadable(written: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : messageOf(error);
  return new Error(`the file ${JSON.stringify(written)} can't be read (${code})`);
}

/** @throws Error that names the file, for a person */
async function readPem({ path, written }: PemFile): Promise<Read> {
  let file: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its other end for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > FILE_BYTES_MAX) throw new Error('it is no file of certificates');
    return { text: await file.readFile('utf8'), state: stateIn(stats), mode: stats.mode };
  } catch (error) {
    throw unreadable(written, error);
  } finally {
    await file?.close().catch(() => undefined);
  }
}
