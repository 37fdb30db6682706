import { BusLine } from '../../device-sim/nodes/bus-line.ts';
import type { LineFaults } from '../../device-sim/nodes/line-faults.ts';
import { NO_FAULTS } from '../../device-sim/nodes/line-faults.ts';
import { type Random, randomBelow } from '../../device-sim/random.ts';
import type { SimulatedSite } from '../../device-sim/site/site-file.ts';
import { TerminalPlug } from '../../device-sim/site/terminal-plug.ts';

const HELD_MS = 250;
/** Time within which the gateway finds the port again after a replug, ms. */
const SETTLED_MS = 5000;

interface Line {
  readonly bus: BusLine;
  readonly plug: TerminalPlug;
  readonly nodes: readonly string[];
  isPlugged: boolean;
  isNoisy: boolean;
  sinceMs: number;
}

/**
 * All wall nodes on their lines: real firmware logic, heartbeats and repeats, at pseudo-terminals
 * that can be unplugged.
 */
export class Walls {
  readonly #lines: ReadonlyMap<string, Line>;
  readonly #lineOf: ReadonlyMap<string, Line>;
  readonly #releases = new Set<NodeJS.Timeout>();
  readonly #random: Random;

  constructor(site: SimulatedSite, seed: number, random: Random) {
    this.#random = random;
    const lines = site.lines.map(({ input, port, nodes }, index) => {
      const bus = new BusLine({ nodes: nodes.map(({ settings }) => settings), seed: seed + index });
      const plug = new TerminalPlug(port, bus);
      const line: Line = {
        ...{ bus, plug, nodes: nodes.map(({ settings }) => settings.id) },
        ...{ isPlugged: true, isNoisy: false, sinceMs: performance.now() },
      };
      return [input, line] as const;
    });
    this.#lines = new Map(lines);
    this.#lineOf = new Map(lines.flatMap(([, line]) => line.nodes.map((node) => [node, line])));
  }

  anyone(): string {
    const nodes = [...this.#lineOf.keys()];
    return nodes[randomBelow(this.#random, nodes.length)] ?? '';
  }

  /** Returns this number of different nodes. */
  some(count: number): string[] {
    const nodes = [...this.#lineOf.keys()];
    for (let at = nodes.length - 1; at > 0; at--) {
      const other = randomBelow(this.#random, at + 1);
      [nodes[at], nodes[other]] = [nodes[other] ?? '', nodes[at] ?? ''];
    }
    return nodes.slice(0, count);
  }

  /**
   * @returns the id of the expected alert; `undefined` if the node has no room for another press.
   */
  press(node: string): string | undefined {
    const { bus } = this.#line(node);
    const identity = bus.press(node, 0);
    const release = setTimeout(() => {
      this.#releases.delete(release);
      bus.release(node, 0);
    }, HELD_MS);
    this.#releases.add(release);
    return identity && `${node}.${identity.epoch}.${identity.counter}`;
  }

  door(node: string, open: boolean): void {
    this.#line(node).bus.setPoint(node, 0, open);
  }

  /** Returns true if its line has had no fault for some seconds. */
  isWell(node: string): boolean {
    const { isPlugged, isNoisy, sinceMs } = this.#line(node);
    return isPlugged && !isNoisy && performance.now() - sinceMs > SETTLED_MS;
  }

  unplug(input: string): void {
    this.#change(input, ({ plug }) => plug.unplug(), { isPlugged: false });
  }

  replug(input: string): void {
    this.#change(input, ({ plug }) => plug.replug(), { isPlugged: true });
  }

  disturb(input: string, faults: Partial<LineFaults>): void {
    this.#change(input, ({ bus }) => bus.fault(faults), { isNoisy: true });
  }

  quiet(input: string): void {
    this.#change(input, ({ bus }) => bus.fault(NO_FAULTS), { isNoisy: false });
  }

  /** Returns nodes whose newest press is not yet shown as accepted. */
  waiting(): string[] {
    return [...this.#lineOf].flatMap(([node, { bus }]) => {
      const { led } = bus.node(node);
      return led === 'off' || led === 'green' ? [] : [node];
    });
  }

  stop(): void {
    for (const release of this.#releases) clearTimeout(release);
    for (const { bus, plug } of this.#lines.values()) {
      bus.stop();
      plug.unplug();
    }
  }

  #line(node: string): Line {
    const line = this.#lineOf.get(node);
    if (line === undefined) throw new RangeError(`there is no node ${node}`);
    return line;
  }

  #change(input: string, act: (line: Line) => void, to: Partial<Line>): void {
    const line = this.#lines.get(input);
    if (line === undefined) throw new RangeError(`there is no line ${input}`);
    act(line);
    Object.assign(line, to, { sinceMs: performance.now() });
  }
}
