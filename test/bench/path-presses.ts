import { roomsIn } from '../../device-sim/radio/radio-desk.ts';
import type { FarEnd } from '../../device-sim/site/far-end.ts';
import type { AlertDocument } from '../../protocol/mqtt-documents.ts';
import { roomOf } from './path-site.ts';
import type { WallPress, WallStatus } from './path-walls.ts';

/** The outcome of one press, in monotonic ms except `sentMs`. */
export interface PressRecord extends WallPress {
  /** Time of its first byte at the far end, by path. */
  readonly firstMs: Map<string, number>;
  /** Measured by the gateway: from the press read to the first byte handed to any network, ms. */
  sentMs?: number;
  /** Time at which the wall showed that a receiver has it. */
  acceptedMs?: number;
  /** The path whose receiver has it, according to MQTT. */
  acknowledgedBy?: string;
  /** Time at which MQTT reported that a path has handed it over. */
  handedOverMs?: number;
  notConfirmedWallMs?: number;
  notConfirmedMqttMs?: number;
}

/** Far ends that identify a report by its id. The others only have the text. */
const BY_ID: ReadonlySet<string> = new Set(['dc09-tcp', 'dc09-udp', 'cap', 'webhook', 'sip']);
/** Far ends that do not filter repeats: a pager or a phone shows every copy. */
const MINDLESS: ReadonlySet<string> = new Set(['tap', 'snpp', 'sms']);

/** All presses of a run, and what walls, MQTT and far ends report about them. */
export class PressBook {
  readonly presses: PressRecord[] = [];
  readonly #byId = new Map<string, PressRecord>();
  /** Number of displays, by path, then by alert. */
  readonly #shown = new Map<string, Map<string, number>>();
  /** Number of messages that named the room, by path, then by room. */
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

  /** Takes a display at a far end that knows ids. */
  displayed(path: string, id: string, firstMs: number): void {
    const record = this.#byId.get(id);
    if (record === undefined) return;
    if (!record.firstMs.has(path)) record.firstMs.set(path, firstMs);
    count(this.#shown, path, id);
  }

  /** Counts the repeated displays of alerts at the far end of one path. */
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
