import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isoTime } from '../../protocol/wall-time.ts';
import type { SiteReading } from '../config/accepted-settings.ts';

interface ConfigurationDeps {
  /** Reads and checks the files, away from the alert path. */
  read(): Promise<SiteReading>;
  /** The files were changed and are not taken up. Called once for each change. */
  changed(change: ChangedFiles): void;
  /** Time between two looks at the files, ms. Default 10,000. */
  readonly lookMs?: number;
}

/** Files that differ from what the gateway runs on. */
interface ChangedFiles {
  /** Their names without directories. */
  readonly files: readonly string[];
  /** ISO 8601 UTC: the last change. */
  readonly at: string;
}

const LOOK_MS = 10_000;

/** A file as it was found: `state` changes whenever the file does. */
interface Found {
  readonly state: string;
  readonly mtimeMs: number;
}

/**
 * The configuration's files: reads them, and notices when they differ from what the gateway runs
 * on. It looks at one file at a time: a disk that hangs holds one thread of the pool.
 */
export class Configuration {
  readonly #deps: ConfigurationDeps;
  #files: readonly string[];
  /** As they were before they were read last. */
  #read: ReadonlyMap<string, Found> = new Map();
  /** As they were when what the gateway runs on was read. */
  #inUse: ReadonlyMap<string, Found> = new Map();
  #changed: ChangedFiles | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param siteFile the other files are known when it is read */
  constructor(siteFile: string, deps: ConfigurationDeps) {
    this.#files = [siteFile];
    this.#deps = deps;
  }

  /** `undefined`: the gateway runs on what the files say. */
  get changed(): ChangedFiles | undefined {
    return this.#changed;
  }

  async read(): Promise<SiteReading> {
    const before = await foundIn(this.#files);
    const reading = await this.#deps.read();
    const { files = this.#files } = reading;
    // A file that is known only now may have been changed while it was read. The next look tells.
    const others = await foundIn(files.filter((file) => !this.#files.includes(file)));
    this.#files = files;
    this.#read = new Map([...before, ...others]);
    return reading;
  }

  /** The gateway runs on what was read last. */
  takenUp(): void {
    this.#inUse = this.#read;
    this.#changed = undefined;
  }

  start(): void {
    this.#timer = setTimeout(async () => {
      await this.look();
      if (this.#timer !== undefined) this.start();
    }, this.#deps.lookMs ?? LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Looks at every file once. Never rejects. */
  async look(): Promise<void> {
    const inUse = this.#inUse;
    const now = await foundIn(this.#files);
    // A reload came meanwhile.
    if (inUse !== this.#inUse) return;
    // An editor may remove a file for a moment.
    const changed = [...now].filter(([file, { state }]) => inUse.get(file)?.state !== state);
    if (changed.length === 0) {
      this.#changed = undefined;
      return;
    }
    const at = isoTime(Math.max(...changed.map(([, { mtimeMs }]) => mtimeMs)));
    const found = { files: changed.map(([file]) => basename(file)), at };
    const isNew = this.#changed?.at !== at;
    this.#changed = found;
    if (isNew) this.#deps.changed(found);
  }
}

async function foundIn(files: readonly string[]): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>();
  for (const file of files) {
    try {
      const { dev, ino, size, mtimeMs } = await stat(file);
      found.set(file, { state: [dev, ino, size, mtimeMs].join('.'), mtimeMs });
    } catch {
      // It is missing, or its disk is away: the next reload says so.
    }
  }
  return found;
}
