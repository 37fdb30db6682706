import type {
  Identity,
  InputCounters,
  InputHealth,
  Reception,
  Signal,
  UnknownSignal,
  WallStatus,
} from '../core/signal.ts';

/** Where a driver puts what it hears. Called synchronously from the driver's own event; must not throw. */
export interface InputSink {
  signal(signal: Signal): void;
  unknownSignal(signal: UnknownSignal): void;
  health(health: InputHealth): void;
  reception(reception: Reception): void;
}

/** One source of signals: a serial port, a GPIO chip, a BLE scanner. */
export interface InputDriver {
  readonly id: string;
  /** Opens the source and keeps it open, for ever, until `stop`. Never throws: what is wrong is told as health. */
  start(): void;
  stop(): Promise<void>;
  counters(): InputCounters;
  /** Tells the wall how far a press has come. Best effort: the device repeats until it has heard. */
  answer?(device: string, identity: Identity, status: WallStatus): void;
  /** Tells the device to show nothing at the wall, or to show again. Best effort: it is said again at the next heartbeat. */
  silence?(device: string, identity: Identity, silent: boolean): void;
  /** Switches an output (configuration id) of this input's board. While the board is away nothing happens: the core says it again when it is back. */
  output?(output: string, on: boolean): void;
}
