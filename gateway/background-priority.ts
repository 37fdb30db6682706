import { setPriority } from 'node:os';

/**
 * Lets the calling thread wait for the processor when the alert path wants it: on Linux a nice value is a thread's own. Kinder values
 * need no privilege.
 *
 * @param nice 1…19
 */
export function runInBackground(nice: number): void {
  setPriority(0, nice);
}
