import { Context } from '../../../gateway/core/context.ts';
import { DeviceSupervision } from '../../../gateway/core/devices/device-supervision.ts';
import { Doors } from '../../../gateway/core/devices/doors.ts';
import type { Report } from '../../../gateway/core/report.ts';
import type { Device, Door, PointType } from '../../../gateway/core/site.ts';
import type { Timer } from '../../../gateway/core/timers.ts';
import { Troubles } from '../../../gateway/core/troubles/troubles.ts';
import type { DoorDocument } from '../../../protocol/mqtt-documents.ts';
import { device, path, site } from '../../simulation/site.ts';

export const CONTACT = 0;
export const BOLT = 1;

/** Reports a point as a person sees it. */
export const SAYS = {
  open: [CONTACT, true],
  closed: [CONTACT, false],
  unlocked: [BOLT, true],
  locked: [BOLT, false],
} as const;

export type Word = keyof typeof SAYS;

/** Door of `wb-<number>`, by default with its door contact and bolt. */
export function door(number: number, changes: Partial<Door> = {}): Door {
  const id = `wb-${number}`;
  const point = (point: number) => ({ device: id, point });
  const name = `Rm ${number}`;
  return { id, name, building: 'A', zone: 0, area: 0, contact: point(CONTACT), bolt: point(BOLT), ...changes };
}

/** Without the contact or the bolt. */
export function without(part: 'contact' | 'bolt', { [part]: _, ...rest }: Door): Door {
  return rest;
}

/** The doors and their devices, on simulated time. */
export class DoorRig {
  readonly context: Context;
  readonly troubles: Troubles;
  readonly doors: Doors;
  readonly reports: Report[] = [];
  readonly documents: DoorDocument[] = [];
  /** Buildings reported as changed, in order. */
  readonly changed: string[] = [];
  readonly #devices = new Map<string, DeviceSupervision>();
  #counter = 0;

  constructor(doors: readonly Door[], devices: readonly Device[] = [101, 102].map((number) => device(number))) {
    const now = { monoMs: 0, wallMs: 1_795_000_000_000 };
    this.context = new Context({ ...site(devices, [path('central')]), doors }, 1, now);
    this.troubles = new Troubles(this.context, (report) => this.reports.push(report));
    for (const each of devices) {
      const supervision = new DeviceSupervision(each, this.context, this.troubles, (id, point) =>
        this.doors.pointChanged(id, point),
      );
      this.#devices.set(each.id, supervision);
    }
    const pointState = (id: string, point: number) => this.device(id).pointState(point);
    this.doors = new Doors(this.context, this.troubles, pointState, (building) => this.changed.push(building));
  }

  device(id = 'wb-101'): DeviceSupervision {
    const found = this.#devices.get(id);
    if (found === undefined) throw new Error(`no device ${id}`);
    return found;
  }

  /** Sends a new message of the device. */
  say(word: Word, id = 'wb-101'): void {
    const [point, active] = SAYS[word];
    this.device(id).proven();
    this.#hear(id, point, active);
  }

  /** Delivers a message that a broker had retained. It is no sign of life. */
  kept(word: Word, id = 'wb-101'): void {
    const [point, active] = SAYS[word];
    this.#hear(id, point, active);
  }

  /** Reports a state and lets its debounce time pass. */
  settle(...words: readonly Word[]): void {
    for (const word of words) this.say(word);
    this.run(50);
  }

  run(ms: number): void {
    const { timers, now } = this.context;
    const endMs = now.monoMs + ms;
    for (let dueMs = timers.nextMs(); dueMs !== undefined && dueMs <= endMs; dueMs = timers.nextMs()) {
      this.#at(dueMs);
      const timer = timers.takeDue(dueMs);
      if (timer !== undefined) this.#fire(timer);
    }
    this.#at(endMs);
    this.#collect();
  }

  /** Runs nothing for this time, then everything that was due. */
  wakeLate(ms: number): void {
    const { timers, now } = this.context;
    this.#at(now.monoMs + ms);
    for (let timer = timers.takeDue(now.monoMs + ms); timer !== undefined; timer = timers.takeDue(now.monoMs + ms)) {
      this.#fire(timer);
    }
  }

  /** Returns code, zone and text of the reports so far. */
  get told(): string[] {
    return this.reports.map(
      ({ sia, contactId, qualifier, zone, text }) => `${sia} ${qualifier}${contactId} ${zone} ${text}`,
    );
  }

  #hear(id: string, point: number, active: boolean): void {
    this.#counter += 1;
    this.device(id).pointHeard(point, active, { epoch: 1, counter: this.#counter });
    this.#collect();
  }

  #fire(timer: Timer): void {
    if (timer.type === 'debounce') this.device(timer.device).debounced(timer.point);
    else if (timer.type === 'deviceDue') this.device(timer.device).overdue();
    else if (timer.type === 'doorForced') this.doors.forcedDue(timer.door);
    else if (timer.type === 'doorHeldOpen') this.doors.heldOpenDue(timer.door);
    else if (timer.type === 'flappingEnd') this.troubles.flappingOver(timer.trouble, timer.subject);
  }

  #at(monoMs: number): void {
    const { now } = this.context;
    this.context.now = { monoMs, wallMs: now.wallMs + monoMs - now.monoMs };
  }

  #collect(): void {
    for (const effect of this.context.takeEffects()) {
      if (effect.type === 'publish' && effect.publication.kind === 'door')
        this.documents.push(effect.publication.document);
    }
  }
}

/** A device that is heard only when something happens. */
export function eventsOnly(number: number, types: readonly PointType[]): Device {
  const points = types.map(
    (type, place) => [place, { id: type, number: place, type, zone: 0, debounceMs: 50 }] as const,
  );
  return device(number, { heartbeatMs: 0, points: new Map(points) });
}
