import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Where a pseudo-terminal's link is to stand, its directory made. */
export function linkedPath(port: string | undefined): string {
  if (port === undefined) throw new RangeError('an input on a serial port has no port');
  mkdirSync(dirname(port), { recursive: true });
  return port;
}
