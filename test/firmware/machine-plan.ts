import { type Random, randomBelow, seededRandom } from '../../device-sim/random.ts';

/** What happens to a school, at a time after it has settled. */
export type Happening = { readonly atMs: number } & (
  | { readonly what: 'press'; readonly device: string; readonly holdMs: number }
  | { readonly what: 'restart' | 'brownOut'; readonly device: string }
  | { readonly what: 'point'; readonly device: string; readonly point: number; readonly isActive: boolean }
  | { readonly what: 'cover'; readonly device: string; readonly isOn: boolean }
  | { readonly what: 'crash'; readonly downMs: number }
  /** Nothing passes on the lines. */
  | { readonly what: 'cut'; readonly forMs: number }
);

export interface Plan {
  readonly happenings: readonly Happening[];
  readonly endMs: number;
  /** What must be displayed in the end: the epochs of the presses, of each device that has some. */
  readonly epochs: Readonly<Record<string, readonly number[]>>;
  /** What a wall must show in the end: the light of a press, or none after a restart. */
  readonly lights: Readonly<Record<string, 'green' | 'off'>>;
  readonly openPoints: Readonly<Record<string, readonly number[]>>;
  readonly openCovers: readonly string[];
}

interface PlanDeps {
  readonly seed: number;
  readonly seconds: number;
  /** Mean time between what happens to any of the nodes. */
  readonly gapMs: number;
}

const FIRST_EPOCH = 1;
/** A press is surely heard after so long, and a node that was cut from its power is up again. */
const SETTLED_MS = 8_000;
const TAP_MS = 120;
/** The line is cut, and the gateway crashes, once in so many happenings. */
const CUT_EACH = 50;
const CRASH_EACH = 35;
const CUT_MS = 1_600;
/** In each of these ways so many nodes are pressed while the line is cut. */
const CUT_OF = 32;
const DOWN_MS_MAX = 800;
/** At the end nearly all are pressed, within this time. */
const STORM_MS = 3_000;
const LEFT_OUT = 8;

/** Makes plans that say by themselves what must come of them, whichever kind of node lives them. */
export function planOf({ seed, seconds, gapMs }: PlanDeps, devices: readonly string[]): Plan {
  const random = seededRandom(seed);
  const wall = new Wall(random, devices);
  const lifeMs = seconds * 1000;
  const [crashEveryMs, cutEveryMs] = [CRASH_EACH * gapMs, CUT_EACH * gapMs];
  for (let atMs = crashEveryMs / 2; atMs < lifeMs; atMs += crashEveryMs) {
    wall.add({ atMs, what: 'crash', downMs: 100 + randomBelow(random, DOWN_MS_MAX) });
  }
  for (let atMs = 0; atMs < lifeMs; atMs += cutEveryMs) {
    wall.cut(atMs);
    const untilMs = Math.min(atMs + cutEveryMs, lifeMs);
    for (let at = atMs + CUT_MS; at < untilMs; at += 1 + randomBelow(random, 2 * gapMs)) wall.any(at);
  }
  wall.storm(lifeMs + SETTLED_MS);
  return wall.plan(lifeMs + SETTLED_MS + STORM_MS);
}

class Wall {
  readonly #random: Random;
  readonly #devices: readonly string[];
  readonly #happenings: Happening[] = [];
  readonly #freeMs = new Map<string, number>();
  readonly #epoch = new Map<string, number>();
  readonly #epochs = new Map<string, number[]>();
  readonly #lights = new Map<string, 'green' | 'off'>();
  readonly #open = new Map<string, Set<number>>();
  readonly #covers = new Set<string>();

  constructor(random: Random, devices: readonly string[]) {
    this.#random = random;
    this.#devices = devices;
  }

  add(happening: Happening): void {
    this.#happenings.push(happening);
  }

  /** Nodes are pressed, and lose their power, while nobody hears them. */
  cut(atMs: number): void {
    this.add({ atMs, what: 'cut', forMs: CUT_MS });
    const each = Math.max(1, Math.floor(this.#devices.length / CUT_OF));
    for (let times = 0; times < each; times++) {
      // It is still held when the node is back: the press counts, in the next epoch.
      for (const what of ['restart', 'brownOut'] as const) {
        this.#with(atMs, (device) => {
          this.add({ atMs: atMs + 100, what: 'press', device, holdMs: 2_500 });
          this.add({ atMs: atMs + 400, what, device });
          this.#restarted(device);
          this.#pressed(device);
        });
      }
      // It was let go before: a node forgets its queue (section 7.2).
      this.#with(atMs, (device) => {
        this.add({ atMs: atMs + 100, what: 'press', device, holdMs: TAP_MS });
        this.add({ atMs: atMs + 400, what: 'restart', device });
        this.#restarted(device);
      });
      this.#with(atMs, (device) => {
        this.add({ atMs: atMs + 100, what: 'press', device, holdMs: TAP_MS });
        this.#pressed(device);
      });
    }
  }

  any(atMs: number): void {
    this.#with(atMs, (device) => {
      switch (randomBelow(this.#random, 8)) {
        case 0:
          this.add({ atMs, what: randomBelow(this.#random, 2) === 0 ? 'restart' : 'brownOut', device });
          this.#restarted(device);
          break;
        case 1:
        case 2:
          this.#move(atMs, device, randomBelow(this.#random, 2));
          break;
        case 3: {
          const isOn = this.#covers.delete(device);
          if (!isOn) this.#covers.add(device);
          this.add({ atMs, what: 'cover', device, isOn });
          break;
        }
        default:
          this.add({ atMs, what: 'press', device, holdMs: TAP_MS + randomBelow(this.#random, 400) });
          this.#pressed(device);
      }
    });
  }

  /** Nearly all are pressed at once. */
  storm(atMs: number): void {
    for (const [index, device] of this.#devices.entries()) {
      if (index % LEFT_OUT === 0) {
        // The light of an older press may be out by then: the firmware keeps it for a minute.
        if (this.#lights.get(device) === 'green') this.#lights.delete(device);
        continue;
      }
      this.add({ atMs: atMs + randomBelow(this.#random, STORM_MS), what: 'press', device, holdMs: TAP_MS });
      this.#pressed(device);
    }
  }

  plan(endMs: number): Plan {
    return {
      happenings: this.#happenings.toSorted((a, b) => a.atMs - b.atMs),
      endMs,
      epochs: Object.fromEntries([...this.#epochs].sort()),
      lights: Object.fromEntries([...this.#lights].sort()),
      openPoints: Object.fromEntries(
        [...this.#open].filter(([, open]) => open.size > 0).map(([device, open]) => [device, [...open].sort()]),
      ),
      openCovers: [...this.#covers].sort(),
    };
  }

  /** A node to which nothing has happened for a while. */
  #with(atMs: number, happen: (device: string) => void): void {
    const free = this.#devices.filter((device) => (this.#freeMs.get(device) ?? 0) <= atMs);
    const device = free[randomBelow(this.#random, free.length)];
    if (device === undefined) return;
    this.#freeMs.set(device, atMs + SETTLED_MS);
    happen(device);
  }

  #pressed(device: string): void {
    const epoch = this.#epoch.get(device) ?? FIRST_EPOCH;
    this.#epochs.set(device, [...(this.#epochs.get(device) ?? []), epoch]);
    this.#lights.set(device, 'green');
  }

  #restarted(device: string): void {
    this.#epoch.set(device, 1 + (this.#epoch.get(device) ?? FIRST_EPOCH));
    this.#lights.set(device, 'off');
  }

  #move(atMs: number, device: string, point: number): void {
    const open = this.#open.get(device) ?? new Set();
    const isActive = !open.delete(point);
    if (isActive) open.add(point);
    this.#open.set(device, open);
    this.add({ atMs, what: 'point', device, point, isActive });
  }
}
