import { BusLine } from '../../device-sim/nodes/bus-line.ts';
import type { PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { type Random, randomBelow } from '../../device-sim/random.ts';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { TerminalPlug } from '../../device-sim/site/terminal-plug.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { ACCOUNTS, PATHS, type Place } from './place.ts';

const HELD_MS = 200;
/** A delimiter of the button bus, which means nothing: the line is never quiet for longer. */
const IDLE_BYTE = Uint8Array.of(0);
const IDLE_MS = 10;

/** A press, and what the receivers have of it. */
export interface Press {
  readonly alert: string;
  readonly pressedMs: number;
  /** First byte at the first receiver. */
  firstMs?: number;
  /** Sequence numbers that it came with and when each came first, by account. */
  readonly sequences: Map<string, Map<number, number>>;
  /** The wall has shown that it was heard. */
  isShown: boolean;
}

/**
 * Wall nodes on a serial line, the receivers at the far end, and the account of what was pressed.
 */
export class Walls {
  readonly presses: Press[] = [];
  readonly #byAlert = new Map<string, Press>();
  readonly #newest = new Map<string, Press>();
  readonly #line: BusLine;
  readonly #plug: TerminalPlug;
  readonly #receivers: readonly Receiver[];
  readonly #nodes: readonly string[];
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #idle: NodeJS.Timeout;
  /** Alerts that nobody has pressed. */
  readonly phantoms = new Set<string>();

  private constructor(place: Place, receivers: readonly Receiver[], seed: number) {
    this.#nodes = place.nodes;
    this.#receivers = receivers;
    const [line] = readSite(place.site, epochNow()).lines;
    if (line === undefined) throw new Error('the site has no line');
    this.#line = new BusLine({ nodes: line.nodes.map(({ settings }) => settings), seed });
    let terminal: PseudoTerminal | undefined;
    this.#plug = new TerminalPlug(line.port, {
      attach: (to) => {
        terminal = to;
        this.#line.attach(to);
      },
      detach: () => this.#line.detach(),
    });
    // So that the times of reading tell when the gateway hears.
    this.#idle = setInterval(() => terminal?.write(IDLE_BYTE), IDLE_MS);
    this.#line.onLed((node, led) => {
      const press = this.#newest.get(node);
      if (press !== undefined && led !== 'off' && led !== 'red') press.isShown = true;
    });
    for (const receiver of receivers) {
      receiver.on((notice) => {
        if (notice.type !== 'event') return;
        const { reportId, account, sequence, firstByteMs } = notice.event;
        if (reportId !== undefined) this.#received(reportId, account, sequence, firstByteMs);
      });
    }
  }

  static async start(place: Place, seed: number): Promise<Walls> {
    const receivers = await Promise.all(
      PATHS.map((path) => startReceiver({ port: place.receiverPorts[path], accounts: [{ account: ACCOUNTS[path] }] })),
    );
    return new Walls(place, receivers, seed);
  }

  /** Somebody presses a button. No node has two presses on their way. */
  press(random: Random): void {
    const free = this.#nodes.filter((node) => {
      const newest = this.#newest.get(node);
      return newest === undefined || newest.firstMs !== undefined;
    });
    const node = free[randomBelow(random, Math.max(1, free.length))];
    if (node === undefined) return;
    const pressedMs = monoMs();
    const identity = this.#line.press(node, 0);
    if (identity === undefined) return;
    const alert = `${node}.${identity.epoch}.${identity.counter}`;
    const press: Press = { alert, pressedMs, sequences: new Map(), isShown: false };
    this.presses.push(press);
    this.#byAlert.set(alert, press);
    this.#newest.set(node, press);
    this.#later(HELD_MS, () => this.#line.release(node, 0));
  }

  /** Presses that no receiver has. */
  get waiting(): readonly Press[] {
    return [...this.#newest.values()].filter(({ firstMs }) => firstMs === undefined);
  }

  async stop(): Promise<void> {
    clearInterval(this.#idle);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#line.stop();
    this.#plug.stop();
    await Promise.all(this.#receivers.map((receiver) => receiver.close()));
  }

  #received(alert: string, account: string, sequence: number, firstByteMs: number): void {
    // Other reports have a part more: `.restore`.
    if (!/^wb-\d+\.\d+\.\d+$/.test(alert)) return;
    const press = this.#byAlert.get(alert);
    if (press === undefined) {
      this.phantoms.add(alert);
      return;
    }
    press.firstMs ??= firstByteMs;
    const known = press.sequences.get(account) ?? new Map<number, number>();
    if (!known.has(sequence)) known.set(sequence, firstByteMs);
    press.sequences.set(account, known);
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}
