import { once } from 'node:events';
import { CallpointError } from '../../protocol/errors.ts';
import { startWorkerThread } from '../system/worker-thread.ts';
import type { SiteReading } from './accepted-settings.ts';

export interface LoadRequest {
  readonly siteFile: string;
  readonly dataDirectory: string;
}

/**
 * `readSite` in a thread that ends when it is done: the YAML parser and the schema are needed for half a second in years, and take
 * their 16 MB with them.
 *
 * @throws CallpointError CONFIG_UNREADABLE if the thread itself fails
 */
export async function readSiteInThread(request: LoadRequest): Promise<SiteReading> {
  const worker = startWorkerThread(new URL('./load-thread', import.meta.url), import.meta.url, { workerData: request });
  try {
    // It may end without a word, too: nothing would wait for it then.
    const ended = once(worker, 'exit').then(([code]) =>
      Promise.reject(new Error(`the thread ended with exit code ${code}`)),
    );
    const [reading] = (await Promise.race([once(worker, 'message'), ended])) as [SiteReading];
    return reading;
  } catch (cause) {
    throw new CallpointError('CONFIG_UNREADABLE', `${request.siteFile} could not be read: ${String(cause)}`, { cause });
  } finally {
    await worker.terminate();
  }
}
