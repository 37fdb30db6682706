import type { Led } from '../nodes/press-watch.ts';

export interface Pressed {
  /**
   * The alert's id at the gateway, where the device numbers its presses itself:
   * `device.epoch.counter`.
   */
  readonly alert?: string;
}

export type PressKind = 'single' | 'long';
export type SimulatedPoint = 'doorContact' | 'bolt';

/** The far end of one input: every device on it, and the cable, radio or broker between. */
export interface Wire {
  readonly input: string;
  readonly devices: readonly string[];
  /**
   * `undefined`: the device takes no more presses until one is acknowledged. @throws RangeError for
   * an unknown device or button
   */
  press(device: string, button: string, kind: PressKind): Pressed | undefined;
  release(device: string, button: string): void;
  /** @throws RangeError if the device has no such point */
  setPoint(device: string, type: SimulatedPoint, active: boolean): void;
  /** Pulls the plug of the input, or puts it back. */
  unplug(): void;
  replug(): void;
  stop(): void;
  /** Bytes that no device sent reach the gateway. */
  noise?(bytes: Uint8Array): void;
  /** What the wall shows. */
  led?(device: string): Led;
  onLed?(listener: (device: string, led: Led) => void): void;
  /** What a gateway's process needs to find this wire, beside its configuration. */
  readonly gatewayNeeds?: GatewayNeeds;
  /** Resolves when a gateway may be started on it; absent: at once. */
  readonly ready?: Promise<void>;
}

export interface GatewayNeeds {
  /** Before the script: `--import …`. */
  readonly nodeArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}
