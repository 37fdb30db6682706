import { getPriority, setPriority } from 'node:os';
import { messageOf } from '../../protocol/errors.ts';

/**
 * Lets the calling thread wait for the processor when the alert path wants it: on Linux a nice value is a thread's own. Kinder values
 * need no privilege, but a sandbox may refuse them: then the thread runs on as it is, and a warning says so.
 *
 * @param nice 1…19
 */
export function runInBackground(nice: number): void {
  try {
    // A gateway that was itself started with a kinder value keeps it: less kind is what needs a privilege.
    if (getPriority(0) < nice) setPriority(0, nice);
  } catch (error) {
    process.emitWarning(`this thread runs at the priority of the alert path: ${messageOf(error)}`);
  }
}
