import type { CoreInput } from '../../../gateway/core/input.ts';
import type { AlertRaised, JournalRecord } from '../../../gateway/core/journal-record.ts';
import type { Device } from '../../../gateway/core/site.ts';
import type { GatewayCommand } from '../../../protocol/gateway-command.ts';
import type { Observation } from '../observation.ts';
import type { Checker, CheckerDeps } from './checker.ts';

/** The remaining time is written this often: a restart after a change of the clock adds no more. */
const WRITTEN_MS = 60_000;
const SLACK_MS = 1_000;
/** The gateway notices that it stood still from two beats of 5 s on: an older press is real. */
const UNNOTICED_MS = 10_000 + SLACK_MS;

type DrillCommand = Extract<GatewayCommand, { command: 'drill' }>;

interface Drill {
  readonly scope: string;
  /** By its record: a crash before the answer may leave it running. */
  readonly startMs: number;
  /** An earlier run started it: this run does not know what waited meanwhile. */
  isOfEarlierRun: boolean;
  /** By the command, or when it was stopped. */
  endMs: number;
  readonly plannedMs: number;
  /** Number of the record of its end, until that is durable. */
  endRecord: number | undefined;
  /** The clock was set while it may have run. */
  isClockSet: boolean;
  downMs: number;
}

/** Promise 6: drills end on schedule, stay in their scope and hide no press that is always real. */
export class DrillsEnd implements Checker {
  readonly promise = 'drills end, and hide no real press';
  readonly #deps: CheckerDeps;
  /** The input that the gateway handles now is this. */
  #command: DrillCommand | undefined;
  readonly #drills: Drill[] = [];
  /** Alerts of this run: what a crash has lost was published before, and never ends. */
  readonly #shown = new Set<string>();
  #downSinceMs = 0;
  /** When each input that is up came up. */
  readonly #inputUpMs = new Map<string, number>();

  constructor(deps: CheckerDeps) {
    this.#deps = deps;
  }

  see(observation: Observation, nowMs: number): void {
    if (observation.type === 'input') this.#input(observation.input, nowMs);
    else if (observation.type === 'down') this.#down(nowMs);
    else if (observation.type === 'up') {
      this.#shown.clear();
      this.#inputUpMs.clear();
      for (const drill of this.#drills) drill.downMs += nowMs - this.#downSinceMs;
    } else if (observation.type === 'event' && observation.event.do === 'clock')
      for (const drill of this.#drills) drill.isClockSet = true;
    else if (observation.type === 'effect') {
      const { effect } = observation;
      if (effect.type === 'publish' && effect.publication.kind === 'alert')
        this.#shown.add(effect.publication.document.id);
      else if (effect.type === 'journal') this.#journalled(effect.entry.record, effect.number, nowMs);
    }
  }

  end(): void {
    for (const { document } of this.#deps.ledger.alerts.values()) {
      const { id, mode, state } = document;
      if (mode === 'drill' && this.#shown.has(id) && state !== 'resolved' && state !== 'cancelled')
        this.#broken(`${id} is of a drill that is over, and is still open`);
    }
  }

  #input(input: CoreInput, nowMs: number): void {
    if (input.type === 'inputHealth') {
      const { input: id, state } = input.health;
      if (state !== 'up') this.#inputUpMs.delete(id);
      else if (!this.#inputUpMs.has(id)) this.#inputUpMs.set(id, nowMs);
    }
    this.#command = input.type === 'command' && input.command.command === 'drill' ? input.command : undefined;
    if (input.type !== 'durable') return;
    for (const drill of this.#drills)
      if (drill.endRecord !== undefined && drill.endRecord <= input.number) drill.endRecord = undefined;
  }

  #started({ scope, minutes }: DrillCommand, nowMs: number): void {
    const plannedMs = nowMs + minutes * 60_000;
    const drill = { scope, startMs: nowMs, plannedMs, endMs: plannedMs, downMs: 0, isClockSet: false };
    this.#drills.push({ ...drill, isOfEarlierRun: false, endRecord: undefined });
  }

  #journalled(record: JournalRecord, number: number, nowMs: number): void {
    if (record.t === 'drill' && record.state === 'ended') {
      for (const drill of this.#drills) {
        if (drill.scope !== record.scope || nowMs >= drill.endMs) continue;
        drill.endMs = nowMs;
        drill.endRecord = number;
      }
    } else if (record.t === 'drill' && this.#command?.action === 'start') {
      this.#started(this.#command, nowMs);
    } else if (record.t === 'alert' && record.report.exercise === 'drill') this.#drillRaised(record, nowMs);
  }

  /** The record of an end may be lost: then the drill goes on. */
  #down(nowMs: number): void {
    this.#downSinceMs = nowMs;
    for (const drill of this.#drills) {
      if (drill.endRecord !== undefined) drill.endMs = drill.plannedMs;
      drill.endRecord = undefined;
      drill.isOfEarlierRun = true;
    }
  }

  #drillRaised({ id, device: from, pattern }: AlertRaised, nowMs: number): void {
    const { site } = this.#deps.ledger;
    const device = site?.devices.get(from);
    if (site === undefined || device === undefined) return;
    if (site.drillOverride.has(pattern)) this.#broken(`${id} is a drill, and ${pattern} is always real`);
    const covering = this.#drills.filter(
      (drill) => isIn(drill.scope, device.location.building) && nowMs <= latestEndMs(drill),
    );
    if (covering.length === 0) this.#broken(`${id} is a drill, and no drill runs in ${device.location.building}`);
    else if (covering.every((drill) => this.#isPressedBefore(id, device, drill, nowMs)))
      this.#broken(`${id} is a drill, and was pressed before the drill began`);
  }

  #isPressedBefore(id: string, device: Device, { startMs, isOfEarlierRun }: Drill, nowMs: number): boolean {
    const pressedMs = this.#deps.ledger.presses.get(id)?.newestMs;
    if (pressedMs === undefined || isOfEarlierRun || pressedMs >= startMs - UNNOTICED_MS) return false;
    return nowMs - pressedMs > this.#unnoticedMs(device, pressedMs);
  }

  /**
   * A press that was pressed then may wait for so long, and be new to the gateway. No wire says how
   * old a press is. Where the gateway and the line worked all the time, and only noise kept the
   * press back, an overdue device is the first sign of that.
   */
  #unnoticedMs({ input, bridge, heartbeatMs }: Device, pressedMs: number): number {
    const upMs = this.#inputUpMs.get(input) ?? Number.POSITIVE_INFINITY;
    const isDisturbed = upMs > pressedMs || this.#deps.ledger.stalledToMs > pressedMs;
    return isDisturbed || bridge !== undefined ? UNNOTICED_MS : overdueMs(heartbeatMs) + SLACK_MS;
  }

  #broken(what: string): void {
    this.#deps.broken(this.promise, what);
  }
}

/** Scopes that lie within a building are not told apart further. */
function isIn(scope: string, building: string): boolean {
  return scope === 'site' || !scope.startsWith('building:') || scope === `building:${building}`;
}

function latestEndMs({ endMs, isClockSet, downMs }: Drill): number {
  return endMs + SLACK_MS + (isClockSet ? WRITTEN_MS + downMs : 0);
}

/** A device that was silent for longer is overdue: a quarter of its heartbeat, and repeats. */
function overdueMs(heartbeatMs: number): number {
  return heartbeatMs === 0 ? Number.POSITIVE_INFINITY : heartbeatMs * 1.25 + 5_000;
}
