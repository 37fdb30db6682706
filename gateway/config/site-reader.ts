import { messageOf } from '../../protocol/errors.ts';
import type { SiteReading } from './accepted-settings.ts';
import { type LoadRequest, readSiteInThread } from './load-in-thread.ts';
import { SettingsCache } from './settings-cache.ts';

type Log = (level: 'debug' | 'info', event: string, fields: object) => void;

/**
 * Reads the site for a running gateway. Only its start may use what an earlier start has kept; a
 * reload reads and checks the files.
 */
export class SiteReader {
  readonly #request: LoadRequest;
  readonly #cache: SettingsCache;
  readonly #log: Log;
  #isFirst = true;
  #mayKeep = false;
  #sealed: Uint8Array | undefined;

  constructor(request: LoadRequest, log: Log) {
    this.#request = request;
    this.#cache = new SettingsCache(request.dataDirectory, request.build);
    this.#log = log;
  }

  /** @throws CallpointError CONFIG_UNREADABLE if the files could not be read at all */
  async read(): Promise<SiteReading> {
    const kept = this.#isFirst ? this.#cache.read(this.#request) : undefined;
    this.#isFirst = false;
    if (kept !== undefined) {
      this.#log('debug', 'settings.kept', {});
      return kept;
    }
    const { reading, sealed } = await readSiteInThread(this.#request);
    this.#sealed = sealed;
    if (this.#mayKeep) this.#keep();
    return reading;
  }

  /** From now on, what is read is kept: the data directory is this gateway's. */
  keep(): void {
    this.#mayKeep = true;
    this.#keep();
  }

  #keep(): void {
    const sealed = this.#sealed;
    if (sealed === undefined) return;
    this.#sealed = undefined;
    this.#cache.write(sealed).catch((error: unknown) => {
      this.#log('info', 'settings.notKept', { detail: messageOf(error) });
    });
  }
}
