import { randomBytes } from 'node:crypto';
import { BusLine } from '../nodes/bus-line.ts';
import type { Led } from '../nodes/press-watch.ts';
import { epochNow, type SimulatedLine, type SimulatedNode } from './site-file.ts';
import { TerminalPlug } from './terminal-plug.ts';
import type { Pressed, PressKind, SimulatedPoint, Wire } from './wire.ts';

/** No device of a site has such an id. */
const STRANGER = ' stranger';
const STRANGER_ADDRESSES: readonly number[] = Array.from({ length: 254 }, (_, at) => 254 - at);
const STRANGER_HOLDS_MS = 300;

/** A line's wall nodes on a pseudo-terminal at the path of the configured port. */
export class ButtonBusWire implements Wire {
  readonly #line: SimulatedLine;
  readonly #bus: BusLine;
  readonly #plug: TerminalPlug;
  #hasStranger = false;

  /** @throws Error if it cannot make the pseudo-terminal or its link. */
  constructor(line: SimulatedLine, seed: number) {
    this.#line = line;
    this.#bus = new BusLine({ nodes: line.nodes.map((node) => node.settings), seed });
    this.#plug = new TerminalPlug(line.port, this.#bus);
  }

  get input(): string {
    return this.#line.input;
  }

  get devices(): readonly string[] {
    return this.#line.nodes.map((node) => node.settings.id);
  }

  press(device: string, button: string, kind: PressKind): Pressed | undefined {
    const identity = this.#bus.press(device, buttonNumber(this.#node(device), button), kind);
    return identity && { alert: `${device}.${identity.epoch}.${identity.counter}` };
  }

  release(device: string, button: string): void {
    this.#bus.release(device, buttonNumber(this.#node(device), button));
  }

  setPoint(device: string, type: SimulatedPoint, active: boolean): void {
    const point = this.#node(device).points.get(type);
    if (point === undefined) throw new RangeError(`device ${device} has no ${type}`);
    this.#bus.setPoint(device, point, active);
  }

  led(device: string): Led {
    return this.#bus.node(device).led;
  }

  onLed(listener: (device: string, led: Led) => void): void {
    this.#bus.onLed(listener);
  }

  /** One, at an address that is free and with a key that nobody has. */
  stranger(): void {
    if (!this.#hasStranger) {
      this.#hasStranger = true;
      const taken = new Set(this.#line.nodes.map(({ settings }) => settings.address));
      const address = STRANGER_ADDRESSES.find((each) => !taken.has(each)) ?? 0;
      this.#bus.join({ id: STRANGER, address, key: randomBytes(16), epoch: epochNow(), buttons: 1, points: 0 });
    }
    this.#bus.press(STRANGER, 0);
    setTimeout(() => this.#bus.release(STRANGER, 0), STRANGER_HOLDS_MS).unref();
  }

  unplug(): void {
    this.#plug.unplug();
  }

  replug(): void {
    this.#plug.replug();
  }

  noise(bytes: Uint8Array): void {
    this.#plug.write(bytes);
  }

  stop(): void {
    this.#bus.stop();
    this.#plug.stop();
  }

  #node(device: string): SimulatedNode {
    const node = this.#line.nodes.find((each) => each.settings.id === device);
    if (node === undefined) throw new RangeError(`no device "${device}" on ${this.input}`);
    return node;
  }
}

function buttonNumber(node: SimulatedNode, button: string): number {
  const number = node.buttons.get(button) ?? Number(button);
  if (Number.isInteger(number)) return number;
  throw new RangeError(
    `device ${node.settings.id} has no button "${button}"; it has ${[...node.buttons.keys()].join(', ')}`,
  );
}
