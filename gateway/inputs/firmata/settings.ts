import type { WiredContact, WiredOutput } from '../wired-contact.ts';

/** A board with Firmata firmware on a USB serial port. */
export interface FirmataSettings {
  readonly driver: 'firmata';
  readonly id: string;
  /** `/dev/serial/by-id/…`. Absolute. */
  readonly port: string;
  readonly baudRate: number;
  /**
   * The board is asked this often whether it is there, ms; three questions without an answer: lost.
   */
  readonly pollMs: number;
  /** Analogue inputs are sampled this often, ms (10…100). */
  readonly samplingMs: number;
  /** Pins: digital `2`, analogue `A0`. */
  readonly contacts: readonly WiredContact[];
  readonly outputs: readonly WiredOutput[];
}
