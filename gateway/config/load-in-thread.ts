import { once } from 'node:events';
import { CallpointError } from '../../protocol/errors.ts';
import { startWorkerThread } from '../system/worker-thread.ts';
import type { SiteReading } from './accepted-settings.ts';

export interface LoadRequest {
  readonly siteFile: string;
  readonly dataDirectory: string;
  /** Of the account of the gateway's own inputs at the embedded broker: the same at each reload. */
  readonly inputsPassword: string;
  /** Of this program. Absent: the reading is not sealed. */
  readonly build?: string;
}

/** What the thread has read. */
export interface LoadedSite {
  readonly reading: SiteReading;
  /** The reading for the next start; absent if it holds for this start only. */
  readonly sealed?: Uint8Array;
}

/**
 * Runs `loadSite` in a thread that ends afterwards. The YAML parser and the schema are needed for
 * half a second in years, and their 16 MB go with the thread.
 *
 * @throws CallpointError CONFIG_UNREADABLE if the thread itself fails
 */
export async function readSiteInThread(request: LoadRequest): Promise<LoadedSite> {
  const worker = startWorkerThread(new URL('./load-thread', import.meta.url), import.meta.url, { workerData: request });
  try {
    // The thread may also end without an error. Nothing would end the wait then.
    const ended = once(worker, 'exit').then(([code]) =>
      Promise.reject(new Error(`the thread ended with exit code ${code}`)),
    );
    const [loaded] = (await Promise.race([once(worker, 'message'), ended])) as [LoadedSite];
    return loaded;
  } catch (cause) {
    throw new CallpointError('CONFIG_UNREADABLE', `${request.siteFile} could not be read: ${String(cause)}`, { cause });
  } finally {
    await worker.terminate();
  }
}
