import type { InputSettings } from '../../../gateway/config/settings.ts';
import type { Identity, WallStatus } from '../../../gateway/core/signal.ts';
import type { InputSink } from '../../../gateway/inputs/input-driver.ts';
import type { EventOf } from '../life/life-shape.ts';

/** Events of a life that concern a wire or a device on it. */
export type WireEvent =
  | EventOf<'press' | 'point' | 'tamper' | 'battery' | 'wire' | 'reboot' | 'dies' | 'clash'>
  | EventOf<'attack' | 'weather'>;

/** A gateway that has started, as one wire knows it. */
export interface GatewayEnd {
  readonly settings: InputSettings;
  readonly session: number;
  /** Whether frames to a wall may bear the session's number. */
  readonly answersWalls: () => boolean;
  /** Made for this start: nothing passes after its end. */
  readonly sink: Pick<InputSink, 'signal' | 'unknownSignal' | 'health' | 'bridge' | 'reception'>;
}

/** One input: devices, their wire, and the pure part of the gateway's driver at its end. */
export interface Wire {
  readonly id: string;
  has(device: string): boolean;
  /** The devices have power. Once. */
  powerUp(): void;
  open(gateway: GatewayEnd): void;
  /** The gateway has ended, or its port is unplugged. */
  close(): void;
  event(event: WireEvent): void;
  answer?(device: string, identity: Identity, status: WallStatus): void;
  silence?(device: string, identity: Identity, silent: boolean): void;
  output?(output: string, on: boolean): void;
}
