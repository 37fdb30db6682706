import { getPriority, setPriority } from 'node:os';
import { messageOf } from '../../protocol/errors.ts';

/**
 * Lowers the priority of the calling thread, so that the alert path gets the processor first. On
 * Linux a nice value belongs to a thread. A higher value needs no privilege, but a sandbox may
 * refuse it: then the thread keeps its priority, and a warning says so.
 *
 * @param nice 1…19
 */
export function runInBackground(nice: number): void {
  try {
    // A gateway that was started with a higher nice value keeps it: a lower one would need a
    // privilege.
    if (getPriority(0) < nice) setPriority(0, nice);
  } catch (error) {
    process.emitWarning(`this thread runs at the priority of the alert path: ${messageOf(error)}`);
  }
}
