import { type Random, randomBelow, seededRandom } from '../../device-sim/random.ts';
import type { FarEndBehaviour } from '../../device-sim/site/far-end.ts';
import type { FarEnds } from '../../device-sim/site/far-ends.ts';
import type { Display } from './display.ts';
import type { Fleet } from './fleet.ts';
import type { Loops, Pause } from './loops.ts';
import type { Radio } from './radio.ts';
import { LINES, PAGER, RECEIVERS } from './site.ts';
import type { Walls } from './walls.ts';

type Range = readonly [least: number, most: number];

const FIRST_CALM_MS: Range = [5_000, 40_000];
const PATH_CALM_MS: Range = [40_000, 150_000];
const PATH_FAILS_MS: Range = [10_000, 45_000];
const FAILURES: readonly FarEndBehaviour[] = ['refuse', 'hang', 'late', 'loseAnswers'];
/** Duration of each outage of all receivers at once. */
const ALL_DEAD_EVERY_MS: Range = [480_000, 720_000];
const ALL_DEAD_MS: Range = [25_000, 40_000];
const LINE_CALM_MS: Range = [60_000, 200_000];
const LINE_FAILS_MS: Range = [3_000, 25_000];
/** Long enough for the line's nodes to be reported missing. */
const LINE_LONG_MS = 110_000;
const RADIO_CALM_MS: Range = [60_000, 200_000];
const RADIO_FAILS_MS: Range = [5_000, 25_000];
/** Longer than the silence after which a radio is restarted. */
const RADIO_JAMMED_MS = 45_000;
const DEVICE_LEAVES_EVERY_MS: Range = [8_000, 16_000];
const DEVICE_AWAY_MS: Range = [1_000, 20_000];
const DISPLAY_CALM_MS: Range = [30_000, 90_000];
/**
 * The longer freezes fill every buffer on the way to the display, so that the broker disconnects
 * it.
 */
const DISPLAY_FROZEN_MS: Range = [20_000, 240_000];
const NOISE = { loseUp: 0.2, loseDown: 0.2, flipUp: 0.1, flipDown: 0.1, duplicateUp: 0.1, garbageUp: 0.2 };

interface Weathered {
  readonly ends: FarEnds;
  readonly walls: Walls;
  readonly radio: Radio;
  readonly fleet: Fleet;
  readonly display: Display;
}

/**
 * The faults around the gateway, by a seeded schedule: receivers, lines, radio, devices, a display.
 */
export class Weather {
  /** Number of faults of each kind. */
  readonly happened = new Map<string, number>();
  readonly #site: Weathered;
  readonly #behaviours = new Map<string, FarEndBehaviour>();
  #allDead = false;

  constructor(site: Weathered) {
    this.#site = site;
  }

  /** Returns true if the path's far end answers properly. */
  isWell(path: string): boolean {
    return !this.#allDead && (this.#behaviours.get(path) ?? 'normal') === 'normal';
  }

  begin(loops: Loops, seed: number): void {
    let next = seed;
    const begin = (loop: (pause: Pause, random: Random) => Promise<void>) => {
      next += 1;
      const random = seededRandom(next);
      loops.start((pause) => loop(pause, random));
    };
    for (const path of [...RECEIVERS, PAGER]) begin((pause, random) => this.#path(path, pause, random));
    begin((pause, random) => this.#allReceivers(pause, random));
    for (const line of LINES) begin((pause, random) => this.#line(line, pause, random));
    begin((pause, random) => this.#radio(pause, random));
    begin((pause, random) => this.#devices(pause, random));
    begin((pause, random) => this.#display(pause, random));
  }

  /** Ends all faults after the loops have ended. */
  async clear(): Promise<void> {
    const { ends, walls, radio, display } = this.#site;
    this.#allDead = false;
    for (const path of [...RECEIVERS, PAGER]) await this.#behave(path, 'normal');
    await Promise.all(ends.all.map((end) => end.behave('normal')));
    for (const line of LINES) {
      walls.quiet(line);
      walls.replug(line);
    }
    radio.jam(false);
    radio.replug();
    display.thaw();
  }

  async #path(path: string, pause: Pause, random: Random): Promise<void> {
    await pause(within(FIRST_CALM_MS, random));
    for (;;) {
      const how = FAILURES[randomBelow(random, FAILURES.length)] ?? 'refuse';
      this.#count(`${path} ${how}`);
      await this.#behave(path, how);
      await pause(within(PATH_FAILS_MS, random));
      await this.#behave(path, 'normal');
      await pause(within(PATH_CALM_MS, random));
    }
  }

  async #allReceivers(pause: Pause, random: Random): Promise<void> {
    const { ends } = this.#site;
    for (;;) {
      await pause(within(ALL_DEAD_EVERY_MS, random));
      this.#count('all receivers dead');
      this.#allDead = true;
      for (const path of RECEIVERS) await ends.of(path).behave(random() < 0.5 ? 'refuse' : 'hang');
      await pause(within(ALL_DEAD_MS, random));
      this.#allDead = false;
      for (const path of RECEIVERS) await ends.of(path).behave(this.#behaviours.get(path) ?? 'normal');
    }
  }

  async #line(line: string, pause: Pause, random: Random): Promise<void> {
    const { walls } = this.#site;
    await pause(within(FIRST_CALM_MS, random));
    for (;;) {
      if (random() < 0.4) {
        this.#count(`${line} noisy`);
        walls.disturb(line, NOISE);
        await pause(within(LINE_FAILS_MS, random));
        walls.quiet(line);
      } else {
        const isLong = random() < 0.15;
        this.#count(`${line} unplugged${isLong ? ' for long' : ''}`);
        walls.unplug(line);
        await pause(isLong ? LINE_LONG_MS : within(LINE_FAILS_MS, random));
        walls.replug(line);
      }
      await pause(within(LINE_CALM_MS, random));
    }
  }

  async #radio(pause: Pause, random: Random): Promise<void> {
    const { radio } = this.#site;
    await pause(within(FIRST_CALM_MS, random));
    for (;;) {
      const isJam = random() < 0.3;
      // A tag must not be sending a press.
      while (!(isJam ? radio.jam(true) : radio.unplug())) await pause(100);
      this.#count(isJam ? 'radio jammed' : 'radio unplugged');
      await pause(isJam ? RADIO_JAMMED_MS : within(RADIO_FAILS_MS, random));
      if (isJam) radio.jam(false);
      else radio.replug();
      await pause(within(RADIO_CALM_MS, random));
    }
  }

  async #devices(pause: Pause, random: Random): Promise<void> {
    const { fleet } = this.#site;
    for (;;) {
      await pause(within(DEVICE_LEAVES_EVERY_MS, random));
      const device = fleet.anyone();
      if (device === undefined) continue;
      this.#count('MQTT device away');
      await fleet.blink(device, within(DEVICE_AWAY_MS, random));
    }
  }

  async #display(pause: Pause, random: Random): Promise<void> {
    const { display } = this.#site;
    for (;;) {
      await pause(within(DISPLAY_CALM_MS, random));
      this.#count('display frozen');
      display.freeze();
      await pause(within(DISPLAY_FROZEN_MS, random));
      display.thaw();
    }
  }

  async #behave(path: string, how: FarEndBehaviour): Promise<void> {
    this.#behaviours.set(path, how);
    if (this.#allDead && path !== PAGER) return;
    await this.#site.ends.of(path).behave(how);
  }

  #count(what: string): void {
    this.happened.set(what, (this.happened.get(what) ?? 0) + 1);
  }
}

export function within([least, most]: Range, random: Random): number {
  return least + random() * (most - least);
}
