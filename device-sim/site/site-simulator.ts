import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { BusLine } from '../nodes/bus-line.ts';
import type { Led } from '../nodes/press-watch.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../pty/pseudo-terminal.ts';
import type { SimulatedLine, SimulatedNode, SimulatedSite } from './site-file.ts';

export interface Pressed {
  /** The alert's id at the gateway: `device.epoch.counter`. */
  readonly alert: string;
}

export type DoorState = 'open' | 'closed' | 'locked' | 'unlocked';

const DOOR: Record<DoorState, readonly [point: string, active: boolean]> = {
  open: ['doorContact', true],
  closed: ['doorContact', false],
  unlocked: ['bolt', true],
  locked: ['bolt', false],
};

interface ServedLine {
  readonly line: SimulatedLine;
  readonly bus: BusLine;
  terminal: PseudoTerminal;
}

/** A whole site's wall nodes, each on its line's pseudo-terminal, which stands where the configuration says the port is. */
export class SiteSimulator {
  readonly #lines: readonly ServedLine[];

  /** @throws Error if a pseudo-terminal can't be had or its link can't be made. */
  constructor(site: SimulatedSite, seed: number) {
    this.#lines = site.lines.map((line, index) => {
      const bus = new BusLine({ nodes: line.nodes.map((node) => node.settings), seed: seed + index });
      return { line, bus, terminal: plug(line, bus) };
    });
  }

  get devices(): readonly string[] {
    return this.#lines.flatMap(({ line }) => line.nodes.map((node) => node.settings.id));
  }

  /** @param button number, or id of the configuration. @throws RangeError for an unknown device or button. */
  press(device: string, button: string, pattern: 'single' | 'long'): Pressed | undefined {
    const { bus, node } = this.#find(device);
    const identity = bus.press(device, buttonNumber(node, button), pattern);
    return identity && { alert: `${device}.${identity.epoch}.${identity.counter}` };
  }

  release(device: string, button: string): void {
    const { bus, node } = this.#find(device);
    bus.release(device, buttonNumber(node, button));
  }

  /** @throws RangeError if the device has no such sensor. */
  door(device: string, state: DoorState): void {
    const { bus, node } = this.#find(device);
    const [type, active] = DOOR[state];
    const point = node.points.get(type);
    if (point === undefined) throw new RangeError(`device ${device} has no ${type}`);
    bus.setPoint(device, point, active);
  }

  led(device: string): Led {
    return this.#find(device).bus.node(device).led;
  }

  onLed(listener: (device: string, led: Led) => void): void {
    for (const { bus } of this.#lines) bus.onLed(listener);
  }

  /** Pulls the plug of an input's line, or puts it back. @throws RangeError for an unknown input. */
  unplug(input: string): void {
    const served = this.#lineOf(input);
    served.bus.detach();
    served.terminal.close();
  }

  replug(input: string): void {
    const served = this.#lineOf(input);
    served.terminal = plug(served.line, served.bus);
  }

  /** Bytes that no node sent reach the gateway on an input's line. @throws RangeError for an unknown input. */
  noise(input: string, bytes: Uint8Array): void {
    this.#lineOf(input).terminal.write(bytes);
  }

  stop(): void {
    for (const { bus, terminal } of this.#lines) {
      bus.stop();
      terminal.close();
    }
  }

  #lineOf(input: string): ServedLine {
    const served = this.#lines.find(({ line }) => line.input === input);
    if (served === undefined) throw new RangeError(`no input "${input}" in this site`);
    return served;
  }

  #find(device: string): { bus: BusLine; node: SimulatedNode } {
    for (const { line, bus } of this.#lines) {
      const node = line.nodes.find((each) => each.settings.id === device);
      if (node !== undefined) return { bus, node };
    }
    throw new RangeError(`no device "${device}" in this site; it has ${this.devices.join(', ')}`);
  }
}

function plug(line: SimulatedLine, bus: BusLine): PseudoTerminal {
  const terminal = openPseudoTerminal();
  mkdirSync(dirname(line.port), { recursive: true });
  terminal.link(line.port);
  bus.attach(terminal);
  return terminal;
}

function buttonNumber(node: SimulatedNode, button: string): number {
  const number = node.buttons.get(button) ?? Number(button);
  if (Number.isInteger(number)) return number;
  throw new RangeError(
    `device ${node.settings.id} has no button "${button}"; it has ${[...node.buttons.keys()].join(', ')}`,
  );
}
