import type {
  AlertDocument,
  AlertHead,
  DeviceDocument,
  DoorDocument,
  DrillDocument,
  OverviewDocument,
  PathDocument,
  TroubleDocument,
} from '../../protocol/mqtt-documents.ts';
import type { TroubleSeverity } from '../../protocol/states.ts';
import type { WrittenAlert, WrittenPublication } from './written-publication.ts';

/** Doors and devices that are named; the others are counted by `count` alone. */
const NAMED_MAX = 20;
const SEVERITIES: readonly TroubleSeverity[] = ['minor', 'major', 'critical'];
/** States in which nothing is known of a door's lock. */
const UNKNOWN_LOCK: ReadonlySet<DoorDocument['state']> = new Set(['closed', 'unknown']);

/** What is counted of an open alert. There may be thousands. */
interface CountedAlert extends Pick<AlertDocument, 'id' | 'mode' | 'not_confirmed' | 'raised_at'> {
  /** Its document; `undefined`: the broker has it. */
  text: string | undefined;
}

/** Adds up the documents of the site, as they are published. */
export class Overview {
  readonly #alerts = new Map<string, CountedAlert>();
  readonly #textOf: (id: string) => string | undefined;
  readonly #drills = new Map<string, DrillDocument>();
  readonly #troubles = new Map<string, TroubleDocument>();
  readonly #doors = new Map<string, DoorDocument>();
  readonly #lowBatteries = new Map<string, string>();
  readonly #canaries = new Map<string, string>();

  /** @param textOf returns the document of an alert that is `published` */
  constructor(textOf: (id: string) => string | undefined) {
    this.#textOf = textOf;
  }

  /** @returns true if the publication may change the overview */
  learn(publication: WrittenPublication): boolean {
    switch (publication.kind) {
      case 'alert':
        return this.#alert(publication);
      case 'drill':
        return replace(
          this.#drills,
          publication.document.scope,
          publication.document,
          publication.document.state === 'running',
        );
      case 'trouble':
        return replace(
          this.#troubles,
          publication.document.id,
          publication.document,
          publication.document.state === 'standing',
        );
      case 'door':
        return replace(this.#doors, publication.document.door, publication.document, true);
      case 'device':
        return this.#device(publication.document);
      case 'path':
        return this.#path(publication.document);
      case 'gone':
        return this.#gone(publication.document);
      default:
        return false;
    }
  }

  get document(): OverviewDocument {
    const last = [...this.#canaries.values()].sort().at(-1);
    return {
      ...this.#alertsNow(),
      drill: this.#newestDrill(),
      drills: this.#drills.size,
      troubles: { count: this.#troubles.size, worst: this.#worst() },
      doors: this.#doorsNow(),
      low_batteries: [...this.#lowBatteries.values()].slice(0, NAMED_MAX),
      canary: { last_at: last ?? null, failed: this.#stands('canaryFailed') },
    };
  }

  #alert({ id, isOpen, mode, not_confirmed, raised_at, text }: WrittenAlert): boolean {
    if (isOpen) {
      this.#alerts.set(id, { id, mode, not_confirmed, raised_at, text });
      return true;
    }
    // The settled ones of a long evening are thousands. They change nothing but a number.
    return this.#alerts.delete(id) || mode === 'live';
  }

  /** The broker has the document. If it can be read back, nobody else needs to keep it. */
  published({ id, text }: WrittenAlert): void {
    const alert = this.#alerts.get(id);
    if (alert?.text === text) alert.text = undefined;
  }

  /** One pass: thousands of alerts may be open while a storm asks for the overview again. */
  #alertsNow(): Pick<OverviewDocument, 'alerts' | 'alert' | 'exercise'> {
    const count = { live: 0, drill: 0, test: 0 };
    let notConfirmed = 0;
    let alert: CountedAlert | undefined;
    let exercise: CountedAlert | undefined;
    for (const each of this.#alerts.values()) {
      count[each.mode] += 1;
      if (each.mode !== 'live') exercise = newer(each, exercise);
      else {
        alert = newer(each, alert);
        if (each.not_confirmed) notConfirmed += 1;
      }
    }
    const alerts = { ...count, not_confirmed: notConfirmed };
    return { alerts, alert: this.#headOf(alert), exercise: this.#headOf(exercise) };
  }

  #headOf(alert: CountedAlert | undefined): AlertHead | null {
    const text = alert === undefined ? undefined : (alert.text ?? this.#textOf(alert.id));
    return text === undefined ? null : headOf(JSON.parse(text) as AlertDocument);
  }

  #device({ device, room_name, low_battery }: DeviceDocument): boolean {
    const before = this.#lowBatteries.has(device);
    if (low_battery === true) this.#lowBatteries.set(device, `${room_name}, ${device}`);
    else this.#lowBatteries.delete(device);
    return before !== (low_battery === true);
  }

  #path({ path, last_canary_at }: PathDocument): boolean {
    if (last_canary_at === null || this.#canaries.get(path) === last_canary_at) return false;
    this.#canaries.set(path, last_canary_at);
    return true;
  }

  #gone({ of, id }: { readonly of: string; readonly id: string }): boolean {
    if (of === 'door') return this.#doors.delete(id);
    if (of === 'device') return this.#lowBatteries.delete(id);
    return of === 'path' && this.#canaries.delete(id);
  }

  #newestDrill(): OverviewDocument['drill'] {
    const drills = [...this.#drills.values()].sort((a, b) => (a.started_at < b.started_at ? 1 : -1));
    const [drill] = drills;
    if (drill === undefined) return null;
    const { scope, started_at, ends_at, by, reason } = drill;
    return { scope, started_at, ends_at, by, reason };
  }

  #worst(): OverviewDocument['troubles']['worst'] {
    let worst: TroubleDocument | undefined;
    for (const trouble of this.#troubles.values()) if (worst === undefined || isWorse(trouble, worst)) worst = trouble;
    if (worst === undefined) return null;
    // The detail is for the administrator, and may be long.
    const { state: _, detail: __, restored_at: ___, ...shown } = worst;
    return shown;
  }

  #stands(type: string): boolean {
    for (const trouble of this.#troubles.values()) if (trouble.type === type) return true;
    return false;
  }

  #doorsNow(): OverviewDocument['doors'] {
    const doors = [...this.#doors.values()];
    const unknown = doors.filter(({ state }) => UNKNOWN_LOCK.has(state)).map(({ name }) => name);
    const open = doors.filter(({ state }) => state !== 'secured' && !UNKNOWN_LOCK.has(state)).map(({ name }) => name);
    const whole = unknown.length === 0 && doors.length > 0 ? true : null;
    return {
      count: doors.length,
      secured: open.length > 0 ? false : whole,
      not_secured: open.slice(0, NAMED_MAX),
      unknown: unknown.slice(0, NAMED_MAX),
    };
  }
}

function replace<T>(of: Map<string, T>, id: string, document: T, stands: boolean): boolean {
  if (!stands) return of.delete(id);
  of.set(id, document);
  return true;
}

function newer(alert: CountedAlert, last: CountedAlert | undefined): CountedAlert {
  return last === undefined || alert.raised_at >= last.raised_at ? alert : last;
}

function isWorse(one: TroubleDocument, other: TroubleDocument): boolean {
  const by = SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity);
  return by === 0 ? one.since_at >= other.since_at : by > 0;
}

function headOf(alert: AlertDocument): AlertHead {
  const { id, state, not_confirmed, kind, kind_name, silent, mode, device, text, raised_at } = alert;
  const { building, floor, room, building_name, floor_name, room_name } = alert;
  const place = { building, floor, room, building_name, floor_name, room_name };
  return { id, state, not_confirmed, kind, kind_name, silent, mode, device, ...place, text, raised_at };
}
