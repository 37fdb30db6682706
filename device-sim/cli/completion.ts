import { readFileSync } from 'node:fs';
import { refused } from '../errors.ts';

/** Made with the manual, from these commands themselves. */
const SCRIPTS = new URL('../../man/', import.meta.url);

/** @throws CallpointError SIMULATOR_REFUSED where nothing was built */
export function completionScript(shell: string): string {
  try {
    return readFileSync(new URL(`callpoint-sim.${shell}`, SCRIPTS), 'utf8');
  } catch {
    throw refused('The scripts are made by: npm run build. Then call the compiled callpoint-sim.');
  }
}
