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
}

export type PressKind = 'single' | 'long';
export type SimulatedPoint = 'doorContact' | 'bolt';

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
