import { setPriority } from 'node:os';

/** For long work: the gateway beside it goes first. */
export function giveWay(): void {
  try {
    setPriority(10);
  } catch {
    // It runs at the priority that it has.
  }
}
