import type { NodeMachine } from '../../device-sim/firmware/node-machine.ts';
import { SharedLine } from '../../device-sim/firmware/shared-line.ts';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import type { WallNodeSettings } from '../../device-sim/nodes/wall-node.ts';
import type { Random } from '../../device-sim/random.ts';
import type { WorldClock } from '../../device-sim/swarm/world-clock.ts';
import { openFrame, parseFrame } from '../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';
import { machine, storageOf } from '../firmware/image.ts';

const BAUD_RATE = 115_200;
/** A line is run for so long at once. The gateway's frames wait for the end of it. */
const STEP_MS = 1;
const HOLD_MS = 120;
const SPREAD_MS = 3_000;

interface Ends {
  /** An undamaged frame has reached the gateway's end of a line. */
  frame(wire: Uint8Array): void;
  /** A press has been sent for the first time. */
  pressed(alert: string): void;
}

/** Lines of machines that run the firmware, in a world. */
export class MachineLines {
  /** Times at which the contact of a button closed, of each device. */
  readonly closed = new Map<string, number[]>();
  readonly machines = new Map<string, NodeMachine>();
  readonly #perLine: number;
  readonly #settings = new Map<number, WallNodeSettings>();
  readonly #lineOf = new Map<string, SharedLine>();
  readonly #pressed = new Set<string>();
  #lines: SharedLine[] = [];
  readonly #wakeMs = new Map<SharedLine, number>();
  #clock: WorldClock | undefined;
  #originMs = 0;
  #random: Random = () => 0;

  constructor(perLine = 64) {
    this.#perLine = perLine;
  }

  get collisions(): number {
    return this.#lines.reduce((sum, line) => sum + line.collisions, 0);
  }

  add(settings: WallNodeSettings, random: Random): void {
    const { id, key, address, buttons, points, epoch } = settings;
    const storage = storageOf({ key, address, buttons, points, isSharedLine: true }, epoch - 1);
    this.machines.set(id, machine(storage, { seed: random() * 2 ** 32, clockError: (random() - 0.5) * 0.01 }));
    this.#settings.set(address, settings);
    this.#random = random;
  }

  connect(clock: WorldClock, ends: Ends): void {
    this.#clock = clock;
    this.#originMs = clock.nowMs;
    const all = [...this.machines];
    for (let at = 0; at < all.length; at += this.#perLine) {
      const members = all.slice(at, at + this.#perLine);
      const scanner = new FrameScanner();
      const line = new SharedLine({
        baudRate: BAUD_RATE,
        machines: members.map(([, each]) => each),
        random: this.#random,
        onByte: (byte, atMs) => {
          const hear = (body: Uint8Array) => {
            const wire = Uint8Array.of(0, ...body, 0);
            clock.at(this.#originMs + atMs, () => this.#reached(wire, body, ends));
          };
          scanner.push(Uint8Array.of(byte), hear, () => undefined);
        },
      });
      this.#lines.push(line);
      for (const [id] of members) this.#lineOf.set(id, line);
    }
  }

  /** The nodes of a school are not switched on in the same millisecond. */
  start(): void {
    for (const id of this.machines.keys()) this.#after(this.#random() * SPREAD_MS, id, (each) => each.switchOn());
  }

  press(device: string, button: number, holdMs = HOLD_MS): undefined {
    this.now(device, (each) => each.button(button, true));
    const times = this.closed.get(device) ?? [];
    times.push(this.#clock?.nowMs ?? 0);
    this.closed.set(device, times);
    this.#after(holdMs, device, (each) => each.button(button, false));
  }

  send(device: string, bytes: Uint8Array): void {
    const line = this.#lineOf.get(device);
    if (line === undefined || this.#clock === undefined) throw new Error(`no machine ${device}`);
    line.send(bytes, this.#clock.nowMs - this.#originMs);
    this.#schedule(line);
  }

  #reached(wire: Uint8Array, body: Uint8Array, ends: Ends): void {
    const parsed = parseFrame(body);
    if (parsed.ok) {
      const { address, epoch, counter } = parsed.frame.header;
      const settings = this.#settings.get(address);
      const message = settings && openFrame(nodeAesCcm, settings.key, parsed.frame);
      const id = `${settings?.id}.${epoch}.${counter}`;
      if (message?.type === 'press' && !this.#pressed.has(id)) {
        this.#pressed.add(id);
        ends.pressed(id);
      }
    }
    ends.frame(wire);
  }

  #after(ms: number, device: string, act: (machine: NodeMachine) => void): void {
    this.#clock?.after(ms, () => this.now(device, act));
  }

  /** Brings the machine up to the present before something happens to it. */
  now(device: string, act: (machine: NodeMachine) => void): void {
    const [one, line] = [this.machines.get(device), this.#lineOf.get(device)];
    if (one === undefined || line === undefined || this.#clock === undefined) throw new Error(`no machine ${device}`);
    const now = this.#clock.nowMs - this.#originMs;
    line.runUntil(now);
    one.runUntil(now);
    act(one);
    this.#schedule(line);
  }

  #schedule(line: SharedLine): void {
    const clock = this.#clock;
    if (clock === undefined) return;
    const atMs = Math.max(clock.nowMs, line.nextMs + this.#originMs);
    if (atMs >= (this.#wakeMs.get(line) ?? Infinity)) return;
    this.#wakeMs.set(line, atMs);
    clock.at(atMs, () => {
      if (this.#wakeMs.get(line) !== atMs) return;
      this.#wakeMs.delete(line);
      line.runUntil(clock.nowMs - this.#originMs + STEP_MS);
      this.#schedule(line);
    });
  }
}
