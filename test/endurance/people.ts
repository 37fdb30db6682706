import type { AlertWatch } from '../../device-sim/demo/alert-watch.ts';
import { type Random, randomBelow, seededRandom } from '../../device-sim/random.ts';
import { monotonicMs } from '../../device-sim/site/screen.ts';
import { askGateway } from '../../gateway/control/ask-gateway.ts';
import type { Fleet } from './fleet.ts';
import type { Ledger, Press } from './ledger.ts';
import type { Loops, Pause } from './loops.ts';
import type { Radio } from './radio.ts';
import type { Walls } from './walls.ts';
import { within } from './weather.ts';

const PRESS_EVERY_MS = [2_000, 4_000] as const;
const DOOR_EVERY_MS = [1_000, 3_000] as const;
const STORM_PRESSES = 100;
const STORM_EVERY_MS = 600_000;
/** Within a storm. */
const STORM_GAP_MS = 10;
/** Time from the acknowledgement of an alert until an operator handles it. */
const DEALT_WITH_MS = 45_000;
const OPERATOR_EVERY_MS = 400;
const DRILL_EVERY_MS = [240_000, 480_000] as const;
const DRILL_SCOPES = ['building:A', 'floor:B/1', 'building:C', 'device:wb-7'] as const;
const DRILL_MS = 40_000;

interface Surroundings {
  readonly ledger: Ledger;
  readonly walls: Walls;
  readonly fleet: Fleet;
  readonly radio: Radio;
  readonly watch: AlertWatch;
  /** Data directory of the gateway, which holds its control socket. */
  readonly data: string;
  /** Returns true if a first receiver of each press answers and the gateway knows it. */
  readonly isPathUp: () => boolean;
}

/** The people who press, open doors, start drills and handle alerts. */
export class People {
  readonly #around: Surroundings;
  drills = 0;
  resolved = 0;
  cancelled = 0;
  refused = 0;
  /** Presses that the nodes had no room for. An older press stands for each. */
  noRoom = 0;
  /** Presses whose alerts the operator has ended. */
  readonly #ended = new Set<Press>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** @param forMs duration of the presses */
  begin(loops: Loops, seed: number, forMs: number): void {
    const random = (index: number) => seededRandom(seed + index);
    loops.start((pause) => this.#press(pause, random(1)));
    loops.start((pause) => this.#storm(pause, forMs));
    loops.start((pause) => this.#openDoors(pause, random(2)));
    loops.start((pause) => this.#drill(pause, random(3)));
  }

  /** Handles alerts until the loops end. */
  attend(loops: Loops, seed: number): void {
    const random = seededRandom(seed);
    loops.start(async (pause) => {
      for (;;) {
        await pause(OPERATOR_EVERY_MS);
        const press = this.#around.ledger
          .open()
          .find((each) => monotonicMs() - (each.firstMs ?? monotonicMs()) > DEALT_WITH_MS && !this.#ended.has(each));
        if (press?.alert !== undefined) await this.#dealWith(press, press.alert, random);
      }
    });
  }

  async #press(pause: Pause, random: Random): Promise<void> {
    const { fleet, radio, walls } = this.#around;
    for (;;) {
      await pause(within(PRESS_EVERY_MS, random));
      const draw = random();
      const device = draw < 0.2 ? fleet.anyone() : undefined;
      if (device !== undefined) await this.#pressMqtt(device);
      else if (draw > 0.88 && radio.isWell) this.#pressTag(radio.anyone());
      else this.#pressWall(walls.anyone(), false);
    }
  }

  async #storm(pause: Pause, forMs: number): Promise<void> {
    await pause(Math.min(STORM_EVERY_MS, forMs) / 2);
    for (;;) {
      for (const node of this.#around.walls.some(STORM_PRESSES)) {
        this.#pressWall(node, true);
        await pause(STORM_GAP_MS);
      }
      await pause(STORM_EVERY_MS);
    }
  }

  #pressWall(node: string, isOfStorm: boolean): void {
    const { ledger, walls } = this.#around;
    const isFair = walls.isWell(node) && this.#around.isPathUp();
    const pressedMs = monotonicMs();
    const alert = walls.press(node);
    if (alert === undefined) this.noRoom += 1;
    else ledger.pressed({ device: node, pressedMs, isFair, isOfStorm }, alert);
  }

  #pressTag(tag: string): void {
    const { ledger, radio } = this.#around;
    const pressedMs = monotonicMs();
    const alert = radio.press(tag);
    ledger.pressed({ device: tag, pressedMs, isFair: this.#around.isPathUp(), isOfStorm: false }, alert);
  }

  async #pressMqtt(device: string): Promise<void> {
    const { fleet, ledger } = this.#around;
    const isFair = this.#around.isPathUp();
    const press = ledger.pressed({ device, pressedMs: monotonicMs(), isFair, isOfStorm: false });
    try {
      await fleet.press(device);
    } catch {
      // The connection was lost before the broker had it.
      if (press.alert === undefined) ledger.withdraw(press);
    }
  }

  async #openDoors(pause: Pause, random: Random): Promise<void> {
    const { walls } = this.#around;
    const open = new Set<string>();
    for (;;) {
      await pause(within(DOOR_EVERY_MS, random));
      const node = walls.anyone();
      if (open.has(node)) open.delete(node);
      else open.add(node);
      walls.door(node, open.has(node));
    }
  }

  async #drill(pause: Pause, random: Random): Promise<void> {
    const { watch } = this.#around;
    for (;;) {
      await pause(within(DRILL_EVERY_MS, random));
      const scope = DRILL_SCOPES[randomBelow(random, DRILL_SCOPES.length)] ?? 'site';
      this.drills += 1;
      await watch.command('drill', { action: 'start', scope, minutes: 1, reason: 'endurance' });
      await pause(DRILL_MS);
      // Every second drill ends by itself.
      if (this.drills % 2 === 0) await watch.command('drill', { action: 'stop', scope, reason: 'over' });
    }
  }

  /** Resolves an alert, or sometimes cancels it, over MQTT or the control socket. */
  async #dealWith(press: Press, alert: string, random: Random): Promise<void> {
    const { data, watch } = this.#around;
    this.#ended.add(press);
    const command = random() < 0.1 ? 'cancel' : 'resolve';
    if (command === 'cancel') this.cancelled += 1;
    else this.resolved += 1;
    if (random() < 0.5) {
      await watch.command(command, { alert, reason: 'endurance' });
      return;
    }
    const { ok } = await askGateway(data, { command, alert, reason: 'endurance', by: 'endurance' });
    // The end of a drill also ended its alerts.
    if (!ok) this.refused += 1;
  }
}
