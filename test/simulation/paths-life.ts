import { type Random, randomBelow, seededRandom } from '../../device-sim/random.ts';
import type { Attempt, Outcome } from '../../gateway/core/report.ts';
import type { Site } from '../../gateway/core/site.ts';
import type { AlertDocument } from '../../protocol/mqtt-documents.ts';
import { ROOMS, randomSite } from './paths-site.ts';
import { SensorWorld } from './sensor-world.ts';

const MINUTE = 60_000;
const ACKNOWLEDGED: Outcome = { type: 'receiverAcknowledged' };
/** A node repeats for longer, but it has been answered by then. */
const REPEATED_MS = 20_000;

/** What reached a far end, whether or not the gateway knows it. */
export interface Arrival {
  readonly path: string;
  readonly report: NonNullable<Attempt['report']>;
  readonly atMs: number;
}

interface Crash {
  readonly downMs: number;
  upMs: number;
}

const MOODS = [
  'well',
  'well',
  'cutOff',
  'refuses',
  'silent',
  'late',
  'deaf',
  'dislikesTime',
  'understandsNothing',
  /** Acknowledges every poll and accepts no report. */
  'refusesReports',
  /** Fails every poll, and accepts the second copy of each report. */
  'failsPolls',
  'limitsRate',
  /**
   * Answers NAK to the first format although its clock agrees. If the path has no other format, it
   * answers NAK to every message.
   */
  'naksFormat',
  /** Accepts reports, but its answers to polls prove nothing. */
  'unprovenPolls',
] as const;
type Mood = (typeof MOODS)[number];

/**
 * A school with random paths and plans. Everything goes wrong for a while, and then all is well.
 * There are presses, drills, cancels, doors, canary presses, crashes, a slow disk, and far ends
 * that misbehave, each in its own way. One seed gives one history.
 */
export class PathsLife {
  readonly site: Site;
  readonly world: SensorWorld;
  readonly arrivals: Arrival[] = [];
  readonly crashes: Crash[] = [];
  /** Alert ids of the presses made, and whether a drill covered each at all its sendings. */
  readonly pressed = new Map<string, { readonly atMs: number; readonly inDrill: Set<boolean> }>();
  /** `report path` of the attempts that a later gateway knows. */
  readonly kept = new Set<string>();
  /** Alerts that were unacknowledged long after their deadline and not marked NOT CONFIRMED. */
  readonly unflagged: string[] = [];
  /** Time from which all is well. */
  fairMs = Number.POSITIVE_INFINITY;
  readonly #random: Random;
  readonly #moods = new Map<string, Mood>();
  readonly #counters = new Map<string, number>();
  readonly #doors = new Map<number, { open: boolean; unlocked: boolean }>();
  #canaryOn = false;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.site = randomSite(this.#random);
    this.world = new SensorWorld(this.site, seed);
    this.world.receive = (attempt) => this.#receive(attempt);
    this.#watchCanary();
    this.#watchDeadlines();
  }

  live(turns: number): void {
    const { world } = this;
    for (const room of ROOMS) if (this.#below(2) === 0) this.#moveDoor(room);
    for (let turn = 0; turn < turns; turn++) {
      world.journalDelayMs = [2, 5, 40, 2000][this.#below(4)] as number;
      for (const { id } of this.site.paths) if (this.#below(2) === 0) this.#moods.set(id, this.#mood());
      const events = 1 + this.#below(6);
      for (let event = 0; event < events; event++) world.clock.after(this.#random() * 8000, () => this.#event());
      world.run(3000 + this.#random() * 12_000);
    }
    this.#clearUp();
  }

  /** Alerts as last published. */
  alerts(): AlertDocument[] {
    return [...this.pressed.keys()].flatMap((id) => {
      const document = this.world.published.get(`alert/${id}`);
      return document === undefined ? [] : [document as AlertDocument];
    });
  }

  #clearUp(): void {
    const { world } = this;
    world.run(10_000);
    if (!world.isRunning) this.#start();
    world.journalDelayMs = 5;
    for (const { id } of this.site.paths) this.#moods.set(id, 'well');
    for (const room of ROOMS) this.#setDoor(room, this.#below(2) === 0);
    this.fairMs = world.clock.nowMs;
    world.run(20 * MINUTE);
    // A canary press at the last moment must come through as well.
    const lastMs = world.attempts.at(-1)?.atMs ?? 0;
    if (world.clock.nowMs - lastMs < 1000) world.run(5000);
  }

  #event(): void {
    const { world } = this;
    const dice = this.#below(14);
    if (dice === 0) this.#crash();
    else if (dice === 1) this.#drill();
    else if (dice < 4) this.#close();
    else if (dice === 4) for (let n = 0; n < 12; n++) this.#press();
    else if (dice < 8) this.#moveDoor(ROOMS[this.#below(ROOMS.length)] as number);
    else if (dice === 8) world.command({ command: 'canary', reason: 'after repair', by: 'maria' });
    else this.#press();
  }

  #press(): void {
    const room = ROOMS[this.#below(ROOMS.length)] as number;
    const counter = (this.#counters.get(`wb-${room}`) ?? 0) + 1;
    this.#counters.set(`wb-${room}`, counter);
    const button = this.#below(3) === 0 ? 1 : 0;
    // A node that finds no gateway keeps repeating.
    const press = { atMs: this.world.clock.nowMs, inDrill: new Set<boolean>() };
    this.pressed.set(`wb-${room}.1.${counter}`, press);
    this.#say(room, counter, button);
  }

  #say(room: number, counter: number, button: number): void {
    const id = `wb-${room}.1.${counter}`;
    const press = this.pressed.get(id);
    if (press === undefined || this.world.clock.nowMs - press.atMs > REPEATED_MS) return;
    if (this.world.isRunning) {
      press.inDrill.add(this.#drillCovers(room));
      this.world.press(`wb-${room}`, counter, { button });
    }
    this.world.clock.after(1000, () => this.#say(room, counter, button));
  }

  #drillCovers(room: number): boolean {
    const runs = (scope: string) =>
      (this.world.published.get(`drill/${scope}`) as { state?: string } | undefined)?.state === 'running';
    return runs('site') || runs(`building:${room < 200 ? 'A' : 'B'}`);
  }

  #drill(): void {
    const scope = ['site', 'building:A', 'building:B'][this.#below(3)] as string;
    const action = this.#below(3) === 0 ? 'stop' : 'start';
    const minutes = 1 + this.#below(2);
    this.world.command({ command: 'drill', action, scope, minutes, reason: 'exercise', by: 'maria' });
  }

  #close(): void {
    const open = this.alerts().filter(({ state }) => state !== 'resolved' && state !== 'cancelled');
    const alert = open[this.#below(open.length)]?.id;
    if (alert === undefined) return;
    const command = this.#below(2) === 0 ? 'resolve' : 'cancel';
    this.world.command({ command, alert, reason: 'over', by: 'maria' });
  }

  #moveDoor(room: number): void {
    this.#setDoor(room, this.#below(3) > 0);
  }

  #setDoor(room: number, secured: boolean): void {
    this.#doors.set(room, { open: !secured && this.#below(2) === 0, unlocked: !secured });
    this.#sayDoor(room);
  }

  #sayDoor(room: number): void {
    const { open, unlocked } = this.#doors.get(room) ?? { open: false, unlocked: false };
    const points = [
      { point: 0, active: open },
      { point: 1, active: unlocked },
    ];
    this.world.readings(`wb-${room}`, { points });
  }

  #crash(): void {
    const { world } = this;
    if (!world.isRunning) return;
    world.crash();
    for (const record of world.journal.records)
      if (record.t === 'attempt') this.kept.add(`${record.report} ${record.path}`);
    this.crashes.push({ downMs: world.clock.nowMs, upMs: Number.POSITIVE_INFINITY });
    world.clock.after(this.#random() * ([20, 4000][this.#below(2)] as number), () => {
      if (!world.isRunning) this.#start();
    });
  }

  #start(): void {
    const { world } = this;
    // The last publications may have been lost. At the start the gateway publishes what is true.
    world.troubles.clear();
    for (const topic of world.published.keys()) if (topic.startsWith('drill/')) world.published.delete(topic);
    world.start();
    const crash = this.crashes.at(-1);
    if (crash !== undefined) crash.upMs = world.clock.nowMs;
    // Nodes report their points again with the next heartbeat.
    for (const room of this.#doors.keys()) world.clock.after(this.#random() * 5000, () => this.#sayDoor(room));
  }

  /** The relay closes the canary's contact: the wire brings a press. */
  #watchCanary(): void {
    const { world } = this;
    const on = world.outputs.get('canary-relay') ?? false;
    if (on && !this.#canaryOn && world.isRunning) {
      const counter = (this.#counters.get('wb-999') ?? 0) + 1;
      this.#counters.set('wb-999', counter);
      world.press('wb-999', counter, { button: 1 });
    }
    this.#canaryOn = on;
    world.clock.after(100, () => this.#watchCanary());
  }

  #watchDeadlines(): void {
    const { nowMs, wallOffsetMs } = this.world.clock;
    const upMs = this.crashes.at(-1)?.upMs ?? 0;
    for (const { id, state, not_confirmed, raised_at, kind } of this.alerts()) {
      const isDue = nowMs + wallOffsetMs - Date.parse(raised_at) > this.site.deadlines.notConfirmedMs + 100;
      const isContent = (this.site.plans.get(kind) ?? this.site.plan).done === 'handedOver';
      if (!isDue || isContent || not_confirmed || nowMs < upMs + 100 || (state !== 'raised' && state !== 'sent'))
        continue;
      this.unflagged.push(id);
    }
    if (nowMs < this.fairMs) this.world.clock.after(1000, () => this.#watchDeadlines());
  }

  #mood(): Mood {
    return MOODS[this.#below(MOODS.length)] as Mood;
  }

  #receive(attempt: Attempt): { afterMs: number; outcome: Outcome } | undefined {
    const mood = moodOn(attempt.path, this.#moods.get(attempt.path) ?? 'well');
    const accepted: Outcome = attempt.path === 'pager' ? { type: 'handedOver' } : ACKNOWLEDGED;
    const quickMs = 1 + this.#below(mood === 'well' ? 30 : 1500);
    const isPoll = attempt.report === undefined;
    const refused: Outcome = { type: 'failed', reason: 'refused', detail: 'refused' };
    switch (mood) {
      case 'cutOff':
        return { afterMs: quickMs, outcome: { type: 'failed', reason: 'unreachable', detail: 'no route' } };
      case 'refuses':
        return { afterMs: quickMs, outcome: refused };
      case 'refusesReports':
        return { afterMs: quickMs, outcome: isPoll ? ACKNOWLEDGED : refused };
      case 'failsPolls':
        if (isPoll || this.#isFirst(attempt)) return { afterMs: quickMs, outcome: refused };
        break;
      case 'limitsRate': {
        const retryAfterMs = [2_000, 20_000, 86_400_000][this.#below(3)] as number;
        return { afterMs: quickMs, outcome: { ...refused, retryAfterMs } };
      }
      case 'naksFormat':
        if (attempt.format > 0) break;
        return { afterMs: quickMs, outcome: { type: 'wrongTime', receiverTimeMs: this.world.clock.now.wallMs } };
      case 'unprovenPolls':
        if (isPoll) return { afterMs: quickMs, outcome: { type: 'unproven', detail: '404' } };
        break;
      case 'silent':
        return undefined;
      case 'deaf':
        this.#arrives(attempt, this.#below(3000));
        return undefined;
      case 'late':
        this.#arrives(attempt, this.#below(3000));
        return { afterMs: 3000 + this.#below(30_000), outcome: accepted };
      case 'dislikesTime':
        return { afterMs: quickMs, outcome: { type: 'wrongTime', receiverTimeMs: this.world.clock.now.wallMs + 1000 } };
      case 'understandsNothing':
        return { afterMs: quickMs, outcome: { type: 'notUnderstood' } };
      case 'well':
        break;
    }
    this.#arrives(attempt, quickMs);
    return { afterMs: quickMs, outcome: accepted };
  }

  #isFirst({ path, report }: Attempt): boolean {
    return this.world.attempts.filter((each) => each.path === path && each.report.id === report?.id).length <= 1;
  }

  /** The answer arrives unless its connection is dropped meanwhile. */
  #arrives(attempt: Attempt, afterMs: number): void {
    const { world } = this;
    const { report } = attempt;
    if (report === undefined) return;
    const { runs } = world;
    world.clock.after(afterMs, () => {
      if (!world.isUnderWay(attempt, runs)) return;
      this.arrivals.push({ path: attempt.path, report, atMs: world.clock.nowMs });
    });
  }

  #below(limit: number): number {
    return randomBelow(this.#random, limit);
  }
}

/** A radio has no clock to compare. */
function moodOn(path: string, mood: Mood): Mood {
  return path === 'radio' && mood === 'dislikesTime' ? 'refuses' : mood;
}
