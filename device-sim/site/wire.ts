import type { LineFaults } from '../nodes/line-faults.ts';
import type { Led } from '../nodes/press-watch.ts';
import type { SimulatedInput, SimulatedLine } from './site-file.ts';

/** What passed on a wire, decoded for a person. */
export interface WireNotice {
  readonly input: string;
  /** Absent: it is of no device, or of one that the site does not have. */
  readonly device?: string;
  readonly isToGateway: boolean;
  readonly text: string;
}

export interface Pressed {
  /**
   * The alert's id at the gateway, `device.epoch.counter`, if the device numbers its presses
   * itself.
   */
  readonly alert?: string;
  /**
   * Resolves with that id when a device that numbers a press later has sent it; with `undefined` if
   * it has not within this time.
   */
  readonly numbered?: (withinMs: number) => Promise<string | undefined>;
}

export type PressKind = 'single' | 'long';
export type SimulatedPoint = 'doorContact' | 'bolt';

/** A field of a device's MQTT document, and its new value. */
export interface Mark {
  readonly device: string;
  readonly field: 'battery_mv' | 'battery_percent';
  readonly value: number;
}

/** What can befall one device. `isOn: false` ends it. */
export type DeviceFault =
  /** `lost`: it has no power. `keyLost`: it has another key than the gateway. */
  | { readonly type: 'lowBattery' | 'tamper' | 'lost' | 'keyLost'; readonly isOn: boolean }
  /** Its power is cut for a moment. */
  | { readonly type: 'reboot' }
  /** Somebody sends again what it sent so far. */
  | { readonly type: 'replay' }
  /** It is set to the address of another device on its wire. */
  | { readonly type: 'sameAddress'; readonly as: string }
  /** The wires of a contact; of its first one if none is named. */
  | { readonly type: 'cut' | 'short'; readonly contact?: string; readonly isOn: boolean };

/** The far end of one input: all its devices, and the cable, radio or broker in between. */
export interface Wire {
  readonly input: string;
  readonly devices: readonly string[];
  /**
   * Returns `undefined` if the device accepts no more presses until one is acknowledged.
   * @throws RangeError if the device or the button is unknown
   */
  press(device: string, button: string, kind: PressKind): Pressed | undefined;
  release(device: string, button: string): void;
  /** @throws RangeError if the device has no such point */
  setPoint(device: string, type: SimulatedPoint, active: boolean): void;
  /** Unplugs the input, or plugs it in again. */
  unplug(): void;
  replug(): void;
  stop(): void;
  /** @throws RangeError if this cannot befall the device */
  fault?(device: string, fault: DeviceFault): void;
  /** Sets the given faults of a button bus line, and leaves the others. */
  disturb?(faults: Partial<LineFaults>): void;
  /**
   * Lets a device say something harmless and new. What was sent on this wire before it has been
   * read once the gateway knows it. Absent where no such thing can be said.
   */
  mark?(): Mark | undefined;
  /** Sends the gateway bytes that no device sent. */
  noise?(bytes: Uint8Array): void;
  /**
   * Gives the devices a bad habit, or takes it from them: `normal`.
   * @throws RangeError naming the habits that there are
   */
  behave?(how: string): void;
  /**
   * Devices that the site does not have are there from now on, and the first one is pressed.
   * @param count how many there are at least; some wires have room for one
   */
  stranger?(count: number): void;
  /**
   * Sets the devices up as the changed site has them, as a person does with a set-up tool. What did
   * not change goes on untouched. Returns false if the wire itself has changed.
   */
  setUp?(changed: SimulatedLine | SimulatedInput): boolean;
  /** Returns what the wall shows. */
  led?(device: string): Led;
  onLed?(listener: (device: string, led: Led) => void): void;
  /**
   * Calls back with each frame, message or level on the wire. A wire without listeners decodes
   * nothing.
   */
  onNotice?(listener: (notice: WireNotice) => void): void;
  /** No radio of the input hears anything, until it is called with false. */
  jam?(isJammed: boolean): void;
  /** Returns what a gateway's process needs, besides its configuration, to find this wire. */
  readonly gatewayNeeds?: GatewayNeeds;
  /** Resolves when a gateway may be started on it; absent if it may start at once. */
  readonly ready?: Promise<void>;
}

export interface GatewayNeeds {
  /** Arguments before the script: `--import …`. */
  readonly nodeArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** The error of a device to which this cannot happen. */
export function cannotBefall(device: string, { type }: DeviceFault): RangeError {
  return new RangeError(`device ${device} has no ${type}: the devices on its wire do not know it`);
}
