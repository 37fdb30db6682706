import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { openFrame } from '../../protocol/button-bus/frame.ts';
import { unknownName } from '../known-names.ts';
import { BusLine } from '../nodes/bus-line.ts';
import type { LineFaults } from '../nodes/line-faults.ts';
import type { MakeNode } from '../nodes/line-node.ts';
import { nodeAesCcm } from '../nodes/node-aes-ccm.ts';
import type { Led } from '../nodes/press-watch.ts';
import type { WallNodeSettings } from '../nodes/wall-node.ts';
import { describeMessage } from './describe-message.ts';
import { NodeFaults } from './node-faults.ts';
import { PressNumbers } from './press-numbers.ts';
import { epochNow, type SimulatedLine, type SimulatedNode } from './site-file.ts';
import { TerminalPlug } from './terminal-plug.ts';
import type { DeviceFault, Mark, Pressed, PressKind, SimulatedPoint, Wire, WireNotice } from './wire.ts';

/** No device of a site has such an id. */
const strangerId = (address: number) => ` stranger ${address}`;
const STRANGER_ADDRESSES: readonly number[] = Array.from({ length: 254 }, (_, at) => 254 - at);
const STRANGER_HOLDS_MS = 300;
/** A node begins with this epoch under a key that it has never had. */
const FIRST_EPOCH = 1;

/** A line's wall nodes on a pseudo-terminal at the path of the configured port. */
export class ButtonBusWire implements Wire {
  #line: SimulatedLine;
  readonly #bus: BusLine;
  readonly #plug: TerminalPlug;
  readonly #faults: NodeFaults;
  readonly #numbers: PressNumbers;
  /** Their addresses. */
  readonly #strangers = new Set<number>();

  /**
   * @param makeNode default: the simulated nodes
   * @throws Error if it cannot make the pseudo-terminal or its link.
   */
  constructor(line: SimulatedLine, seed: number, makeNode?: MakeNode) {
    this.#line = line;
    const nodes = line.nodes.map((node) => node.settings);
    this.#bus = new BusLine({ nodes, seed, baudRate: line.baudRate, ...(makeNode && { makeNode }) });
    this.#faults = new NodeFaults(this.#bus, (device) => this.#node(device).settings);
    this.#numbers = new PressNumbers(this.#bus, () => this.#line.nodes);
    this.#plug = new TerminalPlug(line.port, this.#bus);
  }

  get input(): string {
    return this.#line.input;
  }

  get devices(): readonly string[] {
    return this.#line.nodes.map((node) => node.settings.id);
  }

  press(device: string, button: string, kind: PressKind): Pressed | undefined {
    const number = buttonNumber(this.#node(device), button);
    // A node without power does nothing.
    if (this.#faults.isLost(device)) return {};
    const identity = this.#bus.press(device, number, kind);
    if (this.#bus.node(device).numbersLater) {
      return { numbered: (withinMs) => this.#numbers.next(device, number, withinMs) };
    }
    return identity && { alert: `${device}.${identity.epoch}.${identity.counter}` };
  }

  release(device: string, button: string): void {
    const number = buttonNumber(this.#node(device), button);
    if (!this.#faults.isLost(device)) this.#bus.release(device, number);
  }

  setPoint(device: string, type: SimulatedPoint, active: boolean): void {
    const point = this.#node(device).points.get(type);
    if (point === undefined) throw new RangeError(`device ${device} has no ${type}`);
    if (!this.#faults.isLost(device)) this.#bus.setPoint(device, point, active);
  }

  fault(device: string, fault: DeviceFault): void {
    this.#faults.fault(device, fault);
  }

  mark(): Mark | undefined {
    return this.#faults.mark(this.devices);
  }

  disturb(faults: Partial<LineFaults>): void {
    this.#bus.fault(faults);
  }

  led(device: string): Led {
    return this.#faults.isLost(device) ? 'off' : this.#bus.node(device).led;
  }

  onLed(listener: (device: string, led: Led) => void): void {
    this.#bus.onLed(listener);
  }

  onNotice(listener: (notice: WireNotice) => void): void {
    this.#bus.onFrame((frame, isToGateway) => {
      const { address, counter } = frame.header;
      const node = this.#line.nodes.find(({ settings }) => settings.address === address);
      const message = node && openFrame(nodeAesCcm, node.settings.key, frame);
      const isRead = node !== undefined && message !== undefined;
      const text = isRead ? describeMessage(message, node) : `sealed with another key, address ${address}`;
      const device = node === undefined ? {} : { device: node.settings.id };
      listener({ input: this.input, ...device, isToGateway, text: `${text}, counter ${counter}` });
    });
  }

  /** At addresses that are free, from the highest on, each with a key that nobody has. */
  stranger(count: number): void {
    const taken = new Set(this.#line.nodes.map(({ settings }) => settings.address));
    const free = STRANGER_ADDRESSES.filter((each) => !taken.has(each) && !this.#strangers.has(each));
    for (const address of free.slice(0, Math.max(0, count - this.#strangers.size))) {
      const id = strangerId(address);
      this.#bus.join({ id, address, key: randomBytes(16), epoch: epochNow(), buttons: 1, points: 0 });
      this.#strangers.add(address);
    }
    const [pressed] = this.#strangers;
    if (pressed === undefined) throw new RangeError(`every address on ${this.input} is taken`);
    const id = strangerId(pressed);
    this.#bus.press(id, 0);
    const release = () => {
      if (this.#strangers.has(pressed)) this.#bus.release(id, 0);
    };
    setTimeout(release, STRANGER_HOLDS_MS).unref();
  }

  /**
   * A node with a new key is another node, or the same one set up anew: either counts from epoch 1.
   * A stranger at the address of a node of the site is that node from now on.
   */
  setUp(changed: SimulatedLine): boolean {
    if (changed.port !== this.#line.port || changed.baudRate !== this.#line.baudRate) return false;
    const before = new Map(this.#line.nodes.map((node) => [node.settings.id, node.settings]));
    for (const id of before.keys()) {
      if (!changed.nodes.some(({ settings }) => isSameNode(settings, before.get(id)))) this.#faults.takeOff(id);
    }
    for (const { settings } of changed.nodes) {
      const old = before.get(settings.id);
      if (isSameNode(settings, old)) continue;
      if (this.#strangers.delete(settings.address)) this.#bus.leave(strangerId(settings.address));
      const hasItsKey = old !== undefined && isDeepStrictEqual(old.key, settings.key);
      this.#bus.join(hasItsKey ? settings : { ...settings, epoch: FIRST_EPOCH });
    }
    this.#line = changed;
    return true;
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
  if (button.trim() !== '' && number >= 0 && number < node.settings.buttons) return number;
  throw unknownName(
    `device ${node.settings.id} has no button "${button}"`,
    button,
    [...node.buttons.keys()],
    'it has no buttons',
  );
}

/** Epochs apart, which each reading of a site makes anew. */
function isSameNode(node: WallNodeSettings, other: WallNodeSettings | undefined): boolean {
  return other !== undefined && isDeepStrictEqual({ ...node, epoch: 0 }, { ...other, epoch: 0 });
}
