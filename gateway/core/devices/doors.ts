import type { DoorState, PointState } from '../../../protocol/states.ts';
import type { Context } from '../context.ts';
import { doorDocument } from '../documents.ts';
import { known } from '../invariant.ts';
import type { UnsecuredDoor } from '../report.ts';
import type { Door } from '../site.ts';
import type { Troubles } from '../troubles/troubles.ts';
import { DoorWatch } from './door-watch.ts';

/** Learns what is known of a door's contact and bolt. */
type DoorListener = (door: Door, contact: PointState, bolt: PointState) => void;

/** The doors of the site: which are secured, and which are not or may not be. */
export class Doors {
  readonly #context: Context;
  readonly #changed: (building: string) => void;
  readonly #heard: DoorListener;
  /** By id, in the order people count: Rm 9 before Rm 10. */
  readonly #watches = new Map<string, DoorWatch>();
  readonly #byPoint = new Map<string, DoorWatch[]>();
  readonly #makeWatch: (door: Door) => DoorWatch;

  /**
   * @param pointState what is known now; `unknown` also while its device or input is lost
   * @param changed called when the state of a door of this building has changed
   * @param heard called when what is known of a door's contact or bolt may have changed
   */
  constructor(
    context: Context,
    troubles: Troubles,
    pointState: (device: string, point: number) => PointState,
    changed: (building: string) => void,
    heard: DoorListener = () => {},
  ) {
    this.#context = context;
    this.#changed = changed;
    this.#heard = heard;
    this.#makeWatch = (door) => new DoorWatch(door, context, troubles, pointState);
    this.#setWatches(new Map());
  }

  /**
   * A reload has changed the site.
   *
   * @param renewed doors that begin anew; the others continue
   */
  adopt(renewed: ReadonlySet<string>): void {
    const kept = [...this.#watches].filter(([id]) => !renewed.has(id));
    this.#setWatches(new Map(kept));
    for (const watch of this.#watches.values()) {
      if (!renewed.has(watch.door.id)) continue;
      watch.update();
      this.#publish(watch);
      this.#changed(watch.door.building);
    }
  }

  #setWatches(kept: ReadonlyMap<string, DoorWatch>): void {
    this.#watches.clear();
    this.#byPoint.clear();
    for (const door of [...this.#context.site.doors].sort(byName)) {
      const watch = kept.get(door.id) ?? this.#makeWatch(door);
      this.#watches.set(door.id, watch);
      for (const point of [door.contact, door.bolt]) {
        if (point === undefined) continue;
        const key = pointKey(point.device, point.point);
        this.#byPoint.set(key, [...(this.#byPoint.get(key) ?? []), watch]);
      }
    }
  }

  /** What is known of the point may have changed. */
  pointChanged(device: string, point: number): void {
    for (const watch of this.#byPoint.get(pointKey(device, point)) ?? []) {
      this.#tellIf(watch.update(), watch);
      this.#heard(watch.door, watch.contact, watch.bolt);
    }
  }

  /**
   * The time is over in which a door that opened while locked could still report that it was
   * unlocked.
   */
  forcedDue(door: string): void {
    const watch = known(this.#watches, door, 'door');
    this.#tellIf(watch.forcedDue(), watch);
  }

  heldOpenDue(door: string): void {
    const watch = known(this.#watches, door, 'door');
    this.#tellIf(watch.update(), watch);
  }

  /**
   * The doors of a building that are open or unlocked, or may be. A closed door without a bolt
   * contact is among them: nothing reports its lock, so nobody may call it secured.
   */
  notSecured(building: string): readonly UnsecuredDoor[] {
    const doors: UnsecuredDoor[] = [];
    for (const { door, state } of this.#watches.values()) {
      if (door.building !== building || state === 'secured') continue;
      doors.push({ id: door.id, name: door.name, state });
    }
    return doors;
  }

  state(id: string): DoorState {
    return known(this.#watches, id, 'door').state;
  }

  publishAll(): void {
    for (const watch of this.#watches.values()) this.#publish(watch);
  }

  /** Restores or continues troubles of an earlier run, whose records were read late. */
  restoreTroubles(): void {
    for (const watch of this.#watches.values()) this.#tellIf(watch.restoreTroubles(), watch);
  }

  #tellIf(changed: boolean, watch: DoorWatch): void {
    if (!changed) return;
    const { door, state } = watch;
    this.#context.log('info', 'door', { door: door.id, state });
    this.#publish(watch);
    this.#changed(door.building);
  }

  #publish({ door, state, sinceWallMs }: DoorWatch): void {
    this.#context.publish({ kind: 'door', document: doorDocument(door, state, sinceWallMs) });
  }
}

function byName(one: Door, other: Door): number {
  return one.name.localeCompare(other.name, 'en', { numeric: true }) || (one.id < other.id ? -1 : 1);
}

function pointKey(device: string, point: number): string {
  return `${device}/${point}`;
}
