import { nodeReleaseDisk } from './release-disk.ts';
import { isUnseen, ReleaseStore } from './release-store.ts';

const LOOK_MS = 10_000;

/**
 * Tells the running gateway why the last update was returned, until a person has seen it. It never
 * keeps the process alive, and never throws: a store that can't be read says nothing new.
 */
export function watchReturned(directory: string, listener: (detail: string | undefined) => void): void {
  const store = new ReleaseStore(directory, nodeReleaseDisk);
  let known: string | undefined | null = null;
  const look = async (): Promise<void> => {
    const last = await store.decision();
    const detail = isUnseen(last) ? `version ${last?.version}: ${last?.reasons.join('; ')}` : undefined;
    if (detail !== known) listener(detail);
    known = detail;
  };
  const lookQuietly = () => {
    look().catch(() => undefined);
  };
  setInterval(lookQuietly, LOOK_MS).unref();
  lookQuietly();
}
