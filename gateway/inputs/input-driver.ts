import type { Stranger } from '../../protocol/discovery-document.ts';
import type {
  BridgeState,
  Identity,
  InputCounters,
  InputHealth,
  Reception,
  Signal,
  UnknownSignal,
  WallStatus,
} from '../core/signal.ts';
import type { WireTap } from '../recording/wire-tap.ts';

/** Takes what a driver hears. Called synchronously from the driver's own event; must not throw. */
export interface InputSink {
  signal(signal: Signal): void;
  unknownSignal(signal: UnknownSignal): void;
  health(health: InputHealth): void;
  bridge(state: BridgeState): void;
  reception(reception: Reception): void;
  /** Where the driver shows what passes on its wire. */
  readonly tap?: WireTap;
}

/** Devices that an input hears and the configuration does not have. */
export interface HeardStrangers {
  readonly strangers: readonly Stranger[];
  /** How many had to make room for others. */
  readonly leftOut: number;
}

/** One source of signals: a serial port, a GPIO chip, a BLE scanner. */
export interface InputDriver {
  readonly id: string;
  /**
   * Opens the source and keeps it open until `stop`. Never throws: faults are reported as health.
   */
  start(): void;
  stop(): Promise<void>;
  counters(): InputCounters;
  /**
   * True if the driver can take other settings of its input while it is open. `Settings`: those it
   * was made with have the same form.
   */
  takes?(settings: unknown): boolean;
  /** Takes these settings, which `takes` has allowed. */
  update?(settings: unknown): void;
  /**
   * Sends the wall the status of a press. Best effort: the device repeats its press until it is
   * answered.
   */
  answer?(device: string, identity: Identity, status: WallStatus): void;
  /**
   * Makes the device show nothing at the wall, or show again. Best effort: the core repeats it at
   * the next heartbeat.
   */
  silence?(device: string, identity: Identity, silent: boolean): void;
  /**
   * Switches an output (configuration id) of this input's board. While the board is away nothing
   * happens: the core repeats it when the board is back.
   */
  output?(output: string, on: boolean): void;
  /** What is known of strangers. Only looks: nothing is sent on the wire. */
  strangers?(): HeardStrangers | Promise<HeardStrangers>;
}

/** Listens for strangers on an input that no gateway has open. */
export interface InputSearch {
  /** Never throws: `state` says what is wrong. */
  start(): void;
  stop(): Promise<void>;
  /** Whether it listens now; `detail` for a person. */
  state(): { readonly isListening: boolean; readonly detail: string };
  strangers(): HeardStrangers | Promise<HeardStrangers>;
}
