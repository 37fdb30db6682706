import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { messageOf } from '../../protocol/errors.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../pty/pseudo-terminal.ts';
import { Unplayable } from './far-end.ts';
import { whyNotAt } from './simulated-place.ts';

/**
 * Makes a serial cable to the port in a path's configuration.
 * @throws Unplayable where a real port may be
 */
export function layCable(port: string | undefined): PseudoTerminal {
  if (port === undefined) throw new Unplayable('its serial port is missing');
  const path = resolve(port);
  const problem = whyNotAt(port);
  if (problem !== undefined) throw new Unplayable(problem);
  const terminal = openPseudoTerminal();
  try {
    mkdirSync(dirname(path), { recursive: true });
    terminal.link(path);
  } catch (error) {
    terminal.close();
    throw new Unplayable(`${port} can't be made: ${messageOf(error)}`);
  }
  return terminal;
}
