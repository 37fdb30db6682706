import type { WiredContact, WiredOutput } from '../wired-contact.ts';

/** Contacts and outputs on the Pi's own header. */
export interface GpioSettings {
  readonly driver: 'gpio';
  readonly id: string;
  /**
   * Device file (`/dev/gpiochip0`) or label (`pinctrl-rp1`) of the chip; absent: the one that has
   * most of the named lines.
   */
  readonly chip?: string;
  /** Levels are read anew this often, in case an edge was lost, ms. */
  readonly rereadMs: number;
  /** Pins are GPIO numbers (`GPIO17`) or names that the kernel gives to lines (`SDA1`). */
  readonly contacts: readonly WiredContact[];
  readonly outputs: readonly WiredOutput[];
}
