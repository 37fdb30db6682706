/** A message that a simulated device publishes. */
export interface TwinMessage {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
  /** Time from the act until the message is published, ms. */
  readonly afterMs: number;
  /** What it says. */
  readonly says: 'event' | 'state' | 'availability' | 'bridge' | 'other';
}

export type TwinPress = 'single' | 'double' | 'long';

/** A button or contact of a device, and where it is on the device. */
export interface TwinContact {
  readonly id: string;
  /** Of a point: `doorContact`, `bolt`, `tamper`. */
  readonly type?: string;
  /** Input of the device, or name of the entity. Absent: the device has one. */
  readonly channel?: string;
  /** Words that the device is set to say, in place of its usual ones. */
  readonly press?: Readonly<Record<string, string>>;
  /** Of a device of no known kind: where it publishes, and its words for open and closed. */
  readonly topic?: string;
  readonly path?: readonly string[];
  readonly active?: string;
  readonly normal?: string;
}

/** A device behind a connection: one of a bridge's, or the one that is connected itself. */
export interface TwinDevice {
  readonly id: string;
  /** Name at its bridge, or Bluetooth address. A device that is connected itself needs none. */
  readonly name: string;
  readonly buttons: readonly TwinContact[];
  readonly points: readonly TwinContact[];
}

/**
 * What publishes over one connection to the broker, as pure functions: a bridge with its devices,
 * or one device. The caller has the clock and the connection. `wallMs` is the time in messages.
 */
export interface Twin {
  /** What the broker publishes when the connection is lost. */
  readonly will: TwinMessage;
  /** How often `again` is called, ms; infinite: never. */
  readonly againMs: number;
  /**
   * What is published at a connection.
   * @param isStart the device or bridge has begun anew, and has lost what it keeps in memory
   */
  connected(wallMs: number, isStart: boolean): readonly TwinMessage[];
  /**
   * @param word an event of the device's that no configuration names, in place of the press's own
   */
  press(device: string, button: string, how: TwinPress, wallMs: number, word?: string): readonly TwinMessage[];
  release(device: string, button: string, wallMs: number): readonly TwinMessage[];
  /** @param active the door is open, the bolt is not thrown */
  point(device: string, point: string, active: boolean, wallMs: number): readonly TwinMessage[];
  battery(device: string, percent: number, wallMs: number): readonly TwinMessage[];
  /**
   * The bridge finds that a device is out of reach, or heard it again. Of itself a device says
   * nothing.
   */
  presence(device: string, isPresent: boolean, wallMs: number): readonly TwinMessage[];
  /**
   * Devices that no configuration has join at the bridge, and the first one is pressed.
   * @param count how many there are at least; some bridges have room for one
   */
  stranger?(wallMs: number, count?: number): readonly TwinMessage[];
  /** What is published from time to time without any cause. */
  again(wallMs: number): readonly TwinMessage[];
}

export function message(
  says: TwinMessage['says'],
  topic: string,
  payload: string | object,
  how: { readonly retain?: boolean; readonly afterMs?: number } = {},
): TwinMessage {
  const { retain = false, afterMs = 0 } = how;
  return { says, topic, payload: typeof payload === 'string' ? payload : JSON.stringify(payload), retain, afterMs };
}

/** @throws RangeError */
export function partOf(device: TwinDevice | undefined, id: string): TwinContact {
  const part = [...(device?.buttons ?? []), ...(device?.points ?? [])].find((each) => each.id === id);
  if (part === undefined) throw new RangeError(`no "${id}" on device ${device?.id ?? '?'}`);
  return part;
}

/** The word of a press: the one that the configuration names for it, or the device's usual one. */
export function wordFor(contact: TwinContact, how: TwinPress, usual: Readonly<Record<TwinPress, string>>): string {
  const named = Object.entries(contact.press ?? {}).filter(([, pattern]) => pattern === how);
  if (named.length === 0 || named.some(([word]) => word === usual[how])) return usual[how];
  return named[0]?.[0] ?? usual[how];
}
