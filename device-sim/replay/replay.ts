import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameEntry } from '../../protocol/recording/recording.ts';
import type { SimulatedInput, SimulatedSite } from '../site/site-file.ts';
import type { GatewayNeeds } from '../site/wire.ts';
import { RecordedAir, RecordedMessages } from './air-wires.ts';
import { RecordedContacts, RecordedPins } from './board-wires.ts';
import { readRecording } from './read-recording.ts';
import type { ReplayWire } from './replay-wire.ts';
import { RecordedLine, RecordedModules } from './serial-wires.ts';

/** Interval for looking whether the gateway has read everything, and the time that it then has. */
const LOOK_MS = 20;
const READ_MS_MAX = 10_000;
const LINGER_MS = 500;

/** A recording, and the simulated wires that it is played on. */
export class Replay {
  readonly #file: string;
  readonly #wires: ReadonlyMap<string, ReplayWire>;
  readonly #leftOut: LeftOut;
  readonly unplayed: readonly string[];
  #isWhole: boolean;
  #firstMs: number | undefined;
  #played = 0;
  #isStopped = false;

  private constructor(file: string, made: MadeWires) {
    this.#file = file;
    this.#wires = made.wires;
    this.#leftOut = made.leftOut;
    this.unplayed = made.unplayed;
    this.#isWhole = made.unplayed.length === 0;
  }

  /**
   * Reads the recording once, and puts the wires in place.
   *
   * @param fault called with each thing that can't be read of it
   * @throws CallpointError RECORDING_FAILED, USAGE
   */
  static async prepare(file: string, site: SimulatedSite, fault: (text: string) => void): Promise<Replay> {
    const drivers = new Map<string, string>();
    let isWhole = true;
    const onFault = (line: number, reason: string) => {
      isWhole = false;
      fault(`${file}, line ${line}: ${reason}`);
    };
    for await (const entry of readRecording(file, onFault)) {
      if (entry.type === 'wire' && entry.side === 'input') drivers.set(entry.id, entry.driver);
    }
    const replay = new Replay(file, makeWires(drivers, site));
    if (!isWhole) replay.#isWhole = false;
    try {
      for await (const frame of replay.#frames()) {
        replay.#firstMs ??= frame.ms;
        replay.#wires.get(frame.id)?.prepare?.(frame);
      }
    } catch (error) {
      await replay.stop();
      throw error;
    }
    return replay;
  }

  get inputs(): readonly string[] {
    return [...this.#wires.keys()];
  }

  get gatewayNeeds(): GatewayNeeds {
    const needs = [...this.#wires.values()].flatMap((wire) => wire.gatewayNeeds ?? []);
    const environment = Object.assign({}, ...needs.map((each) => each.environment)) as Record<string, string>;
    return { nodeArguments: needs.flatMap((each) => each.nodeArguments), environment };
  }

  get summary(): {
    readonly played: number;
    readonly leftOut: ReadonlyMap<string, number>;
    readonly isWhole: boolean;
  } {
    const { counts, isWhole } = this.#leftOut;
    return { played: this.#played, leftOut: counts, isWhole: this.#isWhole && isWhole };
  }

  /** Resolves when a gateway may be started. */
  async ready(): Promise<void> {
    await Promise.all([...this.#wires.values()].map((wire) => wire.ready));
  }

  /** Plays every frame at its time, and waits until the gateway has read them. */
  async run(speed: number, signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#wires.values()].map((wire) => wire.begin?.()));
    const startMs = performance.now() - (this.#firstMs ?? 0) / speed;
    for await (const frame of this.#frames()) {
      const waitMs = startMs + frame.ms / speed - performance.now();
      if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const wire = this.#wires.get(frame.id);
      if (wire === undefined) continue;
      await wire.play(frame);
      if (frame.direction === 'in') this.#played += 1;
    }
    const untilMs = performance.now() + READ_MS_MAX;
    const isRead = () => [...this.#wires.values()].every((wire) => wire.isRead());
    while (!isRead() && !signal.aborted && performance.now() < untilMs) await sleep(LOOK_MS);
    // What the system has taken, the gateway reads within its next turns.
    await sleep(LINGER_MS, undefined, { signal }).catch(() => undefined);
    if (!isRead()) this.#isWhole = false;
  }

  /** May be called twice. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    await Promise.all([...this.#wires.values()].map((wire) => wire.stop()));
  }

  async *#frames(): AsyncGenerator<FrameEntry> {
    for await (const entry of readRecording(this.#file, () => undefined)) {
      if (entry.type === 'frame' && entry.side === 'input') yield entry;
    }
  }
}

interface MadeWires {
  readonly wires: ReadonlyMap<string, ReplayWire>;
  readonly unplayed: readonly string[];
  readonly leftOut: LeftOut;
}

/** Frames that were not played, by the reason. */
class LeftOut {
  readonly counts = new Map<string, number>();
  isWhole = true;

  readonly note = (why: string, isMeant: boolean): void => {
    if (!isMeant) this.isWhole = false;
    // A hostile recording has a topic for each message.
    const key = this.counts.size < REASONS_MAX || this.counts.has(why) ? why : 'others';
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  };
}

const REASONS_MAX = 50;

function makeWires(drivers: ReadonlyMap<string, string>, site: SimulatedSite): MadeWires {
  const wires = new Map<string, ReplayWire>();
  const unplayed: string[] = [];
  const leftOut = new LeftOut();
  try {
    for (const [id, driver] of drivers) {
      const line = site.lines.find(({ input }) => input === id);
      const input = site.inputs.find((each) => each.id === id);
      const now = line === undefined ? input?.driver : 'button-bus';
      if (now !== driver) {
        const what = now === undefined ? 'is not in this site' : `is ${now} in this site, and was ${driver}`;
        unplayed.push(`Input ${id} ${what}: its frames are left out`);
      } else if (line !== undefined) wires.set(id, new RecordedLine(line.port));
      else if (input !== undefined) wires.set(id, wireOf(input, site, leftOut));
    }
  } catch (error) {
    for (const wire of wires.values()) void wire.stop();
    throw error;
  }
  return { wires, unplayed, leftOut };
}

function wireOf(input: SimulatedInput, { broker }: SimulatedSite, leftOut: LeftOut): ReplayWire {
  switch (input.driver) {
    case 'gpio':
      return new RecordedContacts(input);
    case 'firmata':
      return new RecordedPins(input);
    case 'modbus':
      return new RecordedModules(input.port);
    case 'ble':
      return new RecordedAir(input);
    case 'mqtt':
      return new RecordedMessages(broker, leftOut.note);
    default:
      throw new RangeError(`input ${input.id}: nothing simulates the driver ${input.driver}`);
  }
}
