import { existsSync, readdirSync } from 'node:fs';
import { radioAddress } from '../../inputs/kernel-radios.ts';
import type { View } from '../read/view.ts';
import { Unique } from './unique.ts';
import { weakName } from './usb-serial-names.ts';

/**
 * The serial ports and radios of all inputs and paths. Each must have a name that stays the same,
 * and one user.
 */
export class Ports {
  readonly #used = new Unique('two drivers on one port would steal bytes from each other; give each its own');

  readonly #radios = new Unique('a radio serves one input, once; give each its own');

  /** @param port the text at `key` of `view` */
  add(view: View, key: string, port: string | undefined): void {
    if (port === undefined) return;
    this.#used.add(view, key, port, 'this port');
    checkPort(view, key, port);
    warnOfWeakName(view, key, port);
  }

  /** A kernel radio without a port: hci0. */
  addRadio(view: View, key: string, name: string): void {
    const byAddress = radioAddress(name) !== undefined;
    const other = this.#radios.values().find((each) => (radioAddress(each) !== undefined) !== byAddress);
    if (other !== undefined) {
      const hint = `name both by their addresses, or both by their USB ports`;
      view.warn(key, `nobody can tell here whether ${name} is the same radio as ${other}`, hint);
    }
    this.#radios.add(view, key, name, 'this radio');
  }
}

function checkPort(view: View, key: string, port: string): void {
  if (!port.startsWith('/')) {
    view.wrong(key, 'the port is not a full path', `write it from the root: /dev/serial/by-id/…${byId()}`);
  } else if (/^\/dev\/tty(USB|ACM)\d+$/.test(port)) {
    // The kernel numbers USB ports in the order they appear: after a restart two lines may have
    // changed places.
    view.wrong(
      key,
      `${port} may be another port after a restart`,
      `write its stable name: /dev/serial/by-id/…${byId()}`,
    );
  } else if (!existsSync(port)) {
    view.warnOfMachine(key, 'this machine has no such port at the moment', `plug it in, or correct the name${byId()}`);
  }
}

function warnOfWeakName(view: View, key: string, port: string): void {
  const weak = weakName(port);
  if (weak === undefined) return;
  const here = weak.paths.length === 0 ? '' : ` (here: ${weak.paths.join(', ')})`;
  const hint = `write the USB socket instead, /dev/serial/by-path/…${here}, or use adapters with serial numbers of their own`;
  const what = weak.isShared
    ? `${weak.paths.length} adapters here have this name, and it leads to one of them, by chance`
    : 'this name has no serial number: a second adapter of the same model would take it over';
  view.warnOfMachine(key, what, hint);
}

/** The existing ports, for a person at the machine itself. */
function byId(): string {
  const directory = '/dev/serial/by-id';
  if (!existsSync(directory)) return '';
  try {
    const names = readdirSync(directory);
    return names.length === 0 ? '' : ` (here: ${names.map((name) => `${directory}/${name}`).join(', ')})`;
  } catch {
    // Unplugged between the two calls: the hint is complete without the list.
    return '';
  }
}
