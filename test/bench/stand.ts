import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { type Contestant, type ContestantCommand, type Place, type Running, startContestant } from './contestant.ts';
import { figuresOf, type PressFigures } from './figures.ts';
import { PressBook, type SealedPress } from './press-book.ts';
import { cpuMsOf, residentMbOf } from './process-figures.ts';
import { type RigRecords, readRecords } from './records.ts';
import { Rig } from './rig.ts';
import type { Scheduled } from './schedule.ts';

/** Longest wait for the reports of a load. */
const SETTLE_MS = 20_000;
/** Answers to the wall and reports that come twice follow the last first report within this. */
const GRACE_MS = 200;

export type LoadFigures = PressFigures & { readonly cpuMsPerPress: number };
export type SealedSchedule = readonly (Scheduled & { readonly id?: string })[];

interface StandOptions {
  readonly rigProgram: string;
  readonly lines?: number;
  readonly devicesPerLine?: number;
  readonly connections: number;
  /** Priority of the contestant. */
  readonly nice: number;
  readonly preload?: string;
}

/** One contestant between a wall and a receiver of its own. */
export class Stand {
  readonly rig: Rig;
  readonly place: Place;
  readonly #contestant: Contestant;
  readonly #command: ContestantCommand;
  #running: Running | undefined;

  private constructor(contestant: Contestant, rig: Rig, place: Place) {
    this.rig = rig;
    this.place = place;
    this.#contestant = contestant;
    this.#command = contestant.prepare(place);
  }

  static async open(contestant: Contestant, options: StandOptions): Promise<Stand> {
    const { rigProgram, lines = 1, devicesPerLine = 200, connections, nice, preload } = options;
    const directory = mkdtempSync(join(tmpdir(), 'callpoint-bench-'));
    const rig = await Rig.start(rigProgram, directory, lines);
    const place = {
      directory,
      book: new PressBook(lines, devicesPerLine),
      lines: rig.lines,
      receiverPort: rig.port,
      mqttPort: await freePort(),
      connections,
      nice,
      ...(preload !== undefined && { preload }),
    };
    return new Stand(contestant, rig, place);
  }

  get running(): Running {
    if (this.#running === undefined) throw new Error(`${this.#contestant.name} does not run`);
    return this.#running;
  }

  async start(): Promise<Running> {
    this.#running = await startContestant(this.#command, this.place);
    return this.#running;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#running === undefined) return;
    await this.#running.end(signal);
    this.#running = undefined;
  }

  residentMb(): number {
    return residentMbOf(this.running.pid);
  }

  /** Presses at an even rate; 0 ms apart is all at once. */
  schedule(count: number, everyMs: number): SealedSchedule {
    return this.place.book.seal(count).map((press, index) => scheduled(press, index * everyMs));
  }

  async load(schedule: SealedSchedule, settleMs = SETTLE_MS): Promise<LoadFigures> {
    const { figures } = await this.loadWithRecords(schedule, settleMs);
    return figures;
  }

  /** @param meanwhile runs while the presses are written */
  async loadWithRecords(
    schedule: SealedSchedule,
    settleMs = SETTLE_MS,
    meanwhile?: () => Promise<SealedSchedule | undefined>,
  ): Promise<{ readonly figures: LoadFigures; readonly records: RigRecords }> {
    const before = this.#running === undefined ? 0 : cpuMsOf(this.#running.pid);
    await this.rig.clear();
    await Promise.all([this.rig.send(schedule), meanwhile?.()]);
    const ids = new Set(schedule.flatMap(({ id }) => id ?? []));
    const untilMs = monoMs() + settleMs;
    let expected = ids.size;
    for (;;) {
      const have = await this.rig.await(expected, Math.max(0, untilMs - monoMs()));
      await sleep(GRACE_MS);
      const records = readRecords(await this.rig.records(), (line, address) => this.place.book.keyOf(line, address));
      const pressFigures = figuresOf(schedule, records, this.#contestant.connections(this.place));
      if (pressFigures.lost === 0 || monoMs() > untilMs || this.#running?.hasEnded()) {
        const cpuMs = (this.#running === undefined ? Number.NaN : cpuMsOf(this.#running.pid)) - before;
        return { figures: { ...pressFigures, cpuMsPerPress: cpuMs / Math.max(1, ids.size) }, records };
      }
      // Others than the reports that are missing came: polls do not count, troubles and repeats do.
      expected = have + 1;
    }
  }

  async close(): Promise<void> {
    await this.end('SIGTERM');
    await this.rig.stop();
    rmSync(this.place.directory, { recursive: true, force: true });
  }
}

export function scheduled(press: SealedPress, dueMs: number): Scheduled & { readonly id: string } {
  return { id: press.id, dueMs, line: press.line, wire: press.wire };
}
