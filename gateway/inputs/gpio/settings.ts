import type { WiredContact, WiredOutput } from '../wired-contact.ts';

/** Contacts and outputs on the Pi's own header. */
export interface GpioSettings {
  readonly driver: 'gpio';
  readonly id: string;
  /**
   * Device file (`/dev/gpiochip0`) or label (`pinctrl-rp1`) of the chip; absent: the one that has
   * all the named lines.
   */
  readonly chip?: string;
  /** Levels are read anew this often, in case an edge was lost, ms. */
  readonly rereadMs: number;
  /** Pins are line names as the kernel gives them: `GPIO17`. */
  readonly contacts: readonly WiredContact[];
  readonly outputs: readonly WiredOutput[];
}
