import { readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, randomBelow, seededRandom } from '../../device-sim/random.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { until } from '../rig/waiting.ts';
import { Operator } from './operator.ts';
import { makePlace, type Place } from './place.ts';
import { ProbeReadings } from './probe-readings.ts';
import { installPackaged, QUICK_FAULTS, type Release, type Updates } from './releases.ts';
import { type Run, Supervisor } from './supervisor.ts';
import { Updater } from './updater.ts';
import { Walls } from './walls.ts';

const KILLS = ['nothing', 'gateway', 'command', 'service', 'gatewayAndCommand', 'power'] as const;
type Kill = (typeof KILLS)[number];

/** An update, and what happens to it. */
export interface Round {
  readonly release: Release;
  readonly kill: Kill;
  /** From the start of the command, or from the end of the old gateway; ms. */
  readonly killMs: number;
  readonly killFrom: 'start' | 'stop';
  /** An alert is open and stays open until the command has answered. */
  readonly alertHeld: boolean;
}

export interface RoundResult {
  readonly round: Round;
  readonly result: 'confirmed' | 'returned' | 'refused' | 'notBegun';
  /** Why, and what a person has to know. */
  readonly notes: readonly string[];
  readonly tookMs: number;
  /** What must not be. */
  readonly faults: readonly string[];
}

/** Time in which nobody hears the serial port, between two processes. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
  /** The process before ended as it was asked to, and was not killed. */
  readonly isPlanned: boolean;
}

const START_WITHIN_MS = 180_000;
const END_WITHIN_MS = 300_000;
const HEARD_WITHIN_MS = 60_000;
/** From a start to the next stop. */
const QUIET_MS = 1_000;
/** Between two presses, on average. */
const PRESS_MS = 1_500;
/** A kill comes within this time of the command's start, or of the end of the old gateway. */
const KILL_MS = 4_000;
/** Presses that come in the moment of a switch. */
const PRESS_AT_END_MS = 500;

interface MachineOptions {
  readonly seed: number;
  readonly restartMs: number;
  readonly wrapper?: readonly string[];
  readonly updates: Updates;
  readonly dist: string;
  /** Called before anything of it is started. */
  readonly onMachine?: (machine: Machine) => void;
}

/** One machine whose gateway is updated again and again while its buttons are pressed. */
export class Machine {
  readonly place: Place;
  readonly walls: Walls;
  readonly supervisor: Supervisor;
  readonly #operator: Operator;
  readonly #updater: Updater;
  readonly #probes: ProbeReadings;
  readonly #random: Random;
  readonly log: string[] = [];
  #pressing: NodeJS.Timeout | undefined;
  #isPressing = true;
  #onGatewayEnd: (() => void) | undefined;

  private constructor(place: Place, walls: Walls, { seed, restartMs, wrapper }: MachineOptions) {
    this.place = place;
    this.walls = walls;
    this.#random = seededRandom(seed);
    this.#probes = new ProbeReadings(place.directory);
    this.supervisor = new Supervisor(place, {
      environment: this.#probes.environment,
      restartMs,
      ...(wrapper !== undefined && { wrapper }),
      onLine: (line) => {
        this.log.push(line);
        if (this.log.length > 2_000) this.log.splice(0, 1_000);
      },
    });
    this.supervisor.onEnd((run) => this.#gatewayEnded(run));
    this.#operator = new Operator(place.data);
    this.#updater = new Updater(place);
  }

  /** Resolves when the packaged release runs. */
  static async start(options: MachineOptions): Promise<Machine> {
    const place = await makePlace();
    installPackaged(options.dist, join(place.directory, 'lib'));
    writeFileSync(join(place.keys, 'rig.pem'), options.updates.publicKey, { mode: 0o644 });
    const walls = await Walls.start(place, options.seed);
    const machine = new Machine(place, walls, options);
    options.onMachine?.(machine);
    machine.supervisor.start();
    machine.#operator.start();
    if (!(await machine.#isUp(START_WITHIN_MS))) throw new Error(`the gateway did not start:\n${machine.log.at(-1)}`);
    machine.#press();
    return machine;
  }

  async update(round: Round): Promise<RoundResult> {
    const startedMs = monoMs();
    const before = this.#updater.decision?.id;
    const current = this.#current();
    const faults: string[] = [];
    if (round.alertHeld && !(await this.#holdAlert())) faults.push('no alert was raised to be held open');
    const kill = this.#killLater(round);
    this.#updater.update(round.release.file, !round.alertHeld);
    await until(() => !this.#updater.isBusy, END_WITHIN_MS);
    if (round.alertHeld) faults.push(...this.#heldFaults(current, round));
    this.#operator.isHolding = false;
    await kill();
    if (!(await this.#isOver())) faults.push(`it is not over after ${END_WITHIN_MS / 1000} s: ${this.#updater.output}`);
    const decision = this.#updater.decision;
    const result = decision === undefined || decision.id === before ? 'notBegun' : decision.result;
    if (round.release.fault !== undefined && result === 'confirmed') faults.push('a broken release was confirmed');
    if (round.alertHeld && result !== 'notBegun' && result !== 'refused')
      faults.push(`an update was ${result} while an alert was open`);
    const isUndisturbed = round.kill === 'nothing' && !round.alertHeld;
    if (isUndisturbed && round.release.fault === undefined && result !== 'confirmed')
      faults.push(`a good release was not confirmed: ${this.#updater.output.trim()}`);
    if (!(await this.#isUp(START_WITHIN_MS))) faults.push('no gateway runs');
    return {
      ...{
        round,
        faults,
        notes: result === 'notBegun' ? [] : (decision?.reasons ?? []).concat(decision?.notes ?? []),
        tookMs: monoMs() - startedMs,
      },
      result: result as RoundResult['result'],
    };
  }

  /** Asks for stops without an update. */
  async restart(): Promise<void> {
    const { run } = this.supervisor;
    // A press that came since the operator looked has opened an alert: the gateway refuses.
    do await until(() => this.#operator.status?.alerts.length === 0, HEARD_WITHIN_MS);
    while (!(await this.#operator.stopsGateway()));
    await until(() => this.supervisor.run !== undefined && this.supervisor.run !== run, START_WITHIN_MS);
    await this.#isUp(START_WITHIN_MS);
    // It has read, and runs as it does when nothing happens.
    await sleep(QUIET_MS);
  }

  /** Nobody presses any more. @returns when every press has reached a receiver, or in vain */
  async settle(): Promise<void> {
    this.#isPressing = false;
    clearTimeout(this.#pressing);
    await until(() => this.walls.waiting.length === 0, HEARD_WITHIN_MS);
  }

  /** When a gateway was killed or crashed: it may have left a report that is not on its disk. */
  get crashesMs(): readonly number[] {
    return this.supervisor.runs.flatMap(({ killed, exit }) =>
      exit !== undefined && (killed || exit.code !== 0) ? [exit.atMs] : [],
    );
  }

  get gaps(): readonly Gap[] {
    const gaps: Gap[] = [];
    let last: { readonly run: Run; readonly lastMs: number } | undefined;
    let isPlanned = true;
    for (const run of this.supervisor.runs) {
      const reading = this.#probes.of(run.pid);
      if (reading !== undefined) {
        if (last !== undefined) gaps.push({ fromMs: last.lastMs, toMs: reading.firstMs, isPlanned });
        last = { run, lastMs: reading.lastMs };
        isPlanned = true;
      }
      isPlanned &&= !run.killed && run.exit?.code === 0;
    }
    return gaps;
  }

  /** Ends at once everything that it has started. */
  abandon(): void {
    this.#updater.killCommand();
    this.#updater.killService();
    void this.supervisor.cut();
    this.place.remove();
  }

  async stop(): Promise<void> {
    await this.settle();
    this.#operator.stop();
    this.#updater.killCommand();
    this.#updater.killService();
    await this.supervisor.stop();
    await this.walls.stop();
    this.place.remove();
  }

  #press(): void {
    if (!this.#isPressing) return;
    this.#pressing = setTimeout(
      () => {
        this.walls.press(this.#random);
        this.#press();
      },
      2 * PRESS_MS * this.#random(),
    );
  }

  #gatewayEnded(_run: Run): void {
    this.#onGatewayEnd?.();
    if (!this.#isPressing) return;
    setTimeout(() => this.walls.press(this.#random), PRESS_AT_END_MS * this.#random());
  }

  async #holdAlert(): Promise<boolean> {
    this.#operator.isHolding = true;
    this.walls.press(this.#random);
    return await until(() => (this.#operator.status?.alerts.length ?? 0) > 0, HEARD_WITHIN_MS);
  }

  #heldFaults(current: string, { kill }: Round): string[] {
    if (kill !== 'nothing') return [];
    const { code, output } = this.#updater;
    const isRefused = code === 1 && /is open/.test(output);
    if (!isRefused) return [`an update was not refused while an alert was open: ${code} ${output}`];
    return this.#current() === current ? [] : ['a refused update has changed the release'];
  }

  /** @returns resolves when what was to be killed was killed */
  #killLater({ kill, killMs, killFrom }: Round): () => Promise<void> {
    if (kill === 'nothing') return async () => undefined;
    let killed: Promise<void> | undefined;
    const begin = () => {
      this.#onGatewayEnd = undefined;
      killed ??= sleep(killMs).then(() => this.#kill(kill));
    };
    if (killFrom === 'start') begin();
    else this.#onGatewayEnd = begin;
    return async () => {
      this.#onGatewayEnd = undefined;
      await killed;
    };
  }

  async #kill(kill: Kill): Promise<void> {
    switch (kill) {
      case 'nothing':
        break;
      case 'gateway':
        this.supervisor.kill();
        break;
      case 'command':
        this.#updater.killCommand();
        break;
      case 'service':
        // The command's own watch ends, and the service is killed when it has begun to watch.
        this.#updater.killCommand();
        this.#updater.resume();
        await sleep(1_000 * this.#random());
        this.#updater.killService();
        break;
      case 'gatewayAndCommand':
        this.#updater.killCommand();
        this.supervisor.kill();
        break;
      case 'power':
        this.#updater.killCommand();
        this.#updater.killService();
        await this.supervisor.cut();
        this.supervisor.start();
        this.#updater.resume();
        break;
    }
  }

  /** As the service manager does: a trial is never left alone. */
  async #isOver(): Promise<boolean> {
    const endMs = monoMs() + END_WITHIN_MS;
    while (this.#updater.hasTrial || this.#updater.isWatched) {
      if (monoMs() > endMs) return false;
      if (!this.#updater.isWatched) this.#updater.resume();
      await sleep(20);
    }
    return true;
  }

  async #isUp(withinMs: number): Promise<boolean> {
    const isRunning = () => {
      const { status } = this.#operator;
      const { run } = this.supervisor;
      return status !== undefined && run !== undefined && Date.parse(status.started_at) > 0;
    };
    return await until(isRunning, withinMs);
  }

  /** As `launch` chooses. */
  #current(): string {
    const { releases } = this.place;
    try {
      const name = readlinkSync(join(releases, 'current'));
      return statSync(join(releases, name, 'dist/gateway/cli/main.js')).isFile() ? name : 'packaged';
    } catch {
      return 'packaged';
    }
  }
}

const BAD_SHARE = 0.08;
/** Of the broken releases. */
const QUICK_SHARE = 0.5;
const UNDISTURBED_SHARE = 0.4;
const HELD_SHARE = 0.05;

/** What happens in a round, by the seed. */
export function randomRound(random: Random, { good, bad }: Updates, last: Release | undefined): Round {
  const others = good.filter((each) => each !== last);
  const isBad = random() < BAD_SHARE;
  const pick = <T>(list: readonly T[]): T => list[randomBelow(random, list.length)] as T;
  const pickBad = () => {
    const quick = bad.filter(({ fault }) => fault !== undefined && QUICK_FAULTS.includes(fault));
    return pick(random() < QUICK_SHARE ? quick : bad);
  };
  return {
    release: isBad ? pickBad() : pick(others),
    kill: random() < UNDISTURBED_SHARE ? 'nothing' : pick(KILLS),
    killFrom: random() < 0.5 ? 'start' : 'stop',
    killMs: Math.floor(random() * KILL_MS),
    alertHeld: random() < HELD_SHARE,
  };
}
