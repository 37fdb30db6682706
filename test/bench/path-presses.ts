import { roomsIn } from '../../device-sim/radio/radio-desk.ts';
import type { FarEnd } from '../../device-sim/site/far-end.ts';
import type { AlertDocument } from '../../protocol/mqtt-documents.ts';
import { roomOf } from './path-site.ts';
import type { WallPress, WallStatus } from './path-walls.ts';

/** What became of one press. Monotonic ms, but for `sentMs`. */
export interface PressRecord extends WallPress {
  /** By path: its first byte at the far end. */
  readonly firstMs: Map<string, number>;
  /** The gateway's own word: from the press read to the first byte handed to any network, ms. */
  sentMs?: number;
  /** The wall was told that a receiver has it. */
  acceptedMs?: number;
  /** The path whose receiver has it, as MQTT said. */
  acknowledgedBy?: string;
  /** MQTT said that a path has handed it over. */
  handedOverMs?: number;
  notConfirmedWallMs?: number;
  notConfirmedMqttMs?: number;
}

/** Far ends that know a report by its id; at the others only the words tell. */
const BY_ID: ReadonlySet<string> = new Set(['dc09-tcp', 'dc09-udp', 'cap', 'webhook', 'sip']);
/** Far ends without a mind of their own: a pager or a phone shows again what comes again. */
const MINDLESS: ReadonlySet<string> = new Set(['tap', 'snpp', 'sms']);

/** All presses of a run, and what walls, MQTT and far ends say of them. */
export class PressBook {
  readonly presses: PressRecord[] = [];
  readonly #byId = new Map<string, PressRecord>();
  /** By path, then by alert: how often it was displayed. */
  readonly #shown = new Map<string, Map<string, number>>();
  /** By path, then by room: how often a message named it. */
  readonly #named = new Map<string, Map<string, number>>();

  pressed(press: WallPress): PressRecord {
    const record = { ...press, firstMs: new Map<string, number>() };
    this.presses.push(record);
    this.#byId.set(press.id, record);
    return record;
  }

  told(id: string, status: WallStatus, atMs: number): void {
    const record = this.#byId.get(id);
    if (record === undefined) return;
    if (status === 'accepted') record.acceptedMs ??= atMs;
    if (status === 'notConfirmed') record.notConfirmedWallMs ??= atMs;
  }

  published({ id, state, not_confirmed, timeline, paths }: AlertDocument, atMs: number): void {
    const record = this.#byId.get(id);
    if (record === undefined) return;
    if (timeline.sent !== undefined) record.sentMs ??= timeline.sent;
    if (not_confirmed) record.notConfirmedMqttMs ??= atMs;
    const on = Object.entries(paths);
    const acknowledged = on.find(([, path]) => path.state === 'acknowledged')?.[0];
    if (state === 'acknowledged' && acknowledged !== undefined) record.acknowledgedBy ??= acknowledged;
    if (on.some(([, path]) => path.state === 'handedOver')) record.handedOverMs ??= atMs;
  }

  watch(end: FarEnd): void {
    end.on((shown) => {
      if (shown.type === 'remark') return;
      const { id = '', text, firstMs } = shown.displayed;
      if (shown.type === 'repeated' && !MINDLESS.has(end.driver)) return;
      if (BY_ID.has(end.driver)) this.displayed(end.path, id, firstMs);
      else this.#worded(end.path, text, firstMs);
    });
  }

  /** A far end that knows ids has displayed it. */
  displayed(path: string, id: string, firstMs: number): void {
    const record = this.#byId.get(id);
    if (record === undefined) return;
    if (!record.firstMs.has(path)) record.firstMs.set(path, firstMs);
    count(this.#shown, path, id);
  }

  /** Alerts displayed more than once at the far end of one path, each time beyond the first. */
  doubledAt(path: string): number {
    const pressesOf = (room: string) => this.presses.filter(({ device }) => roomOf(device) === room).length;
    const shown = [...(this.#shown.get(path)?.values() ?? [])].map((times) => times - 1);
    const named = [...(this.#named.get(path) ?? [])].map(([room, times]) => Math.max(0, times - pressesOf(room)));
    return [...shown, ...named].reduce((sum, each) => sum + each, 0);
  }

  #worded(path: string, text: string, firstMs: number): void {
    for (const room of roomsIn(text)) {
      count(this.#named, path, room);
      for (const { device, firstMs: first } of this.presses) {
        if (roomOf(device) === room && !first.has(path)) first.set(path, firstMs);
      }
    }
  }
}

function count(counts: Map<string, Map<string, number>>, path: string, what: string): void {
  const ofPath = counts.get(path) ?? new Map<string, number>();
  counts.set(path, ofPath.set(what, (ofPath.get(what) ?? 0) + 1));
}
