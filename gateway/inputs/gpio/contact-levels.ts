import type { ContactState } from '../../core/signal.ts';
import type { WiredContact } from '../wired-contact.ts';
import { type Level, LINE_FLAG } from './linux-gpio.ts';

/** Bias of a line. Chips that have none ignore it. */
export function biasFlag(pull: WiredContact['pull']): number {
  switch (pull) {
    case 'up':
      return LINE_FLAG.BIAS_PULL_UP;
    case 'down':
      return LINE_FLAG.BIAS_PULL_DOWN;
    case 'none':
      return LINE_FLAG.BIAS_DISABLED;
  }
}

/**
 * What the levels of a contact's lines say.
 *
 * A contact against a pull-up goes to ground, against a pull-down to 3.3 V; without a pull a
 * resistor to 3.3 V is outside. The window comparator of an end-of-line loop has open collectors:
 * both its lines are active low.
 *
 * @param cut level of `cutPin`, where there is one
 */
export function contactState(contact: WiredContact, level: Level, cut: Level | undefined): ContactState {
  if (contact.contact === 'endOfLine') {
    if (level === 0) return 'active';
    return cut === 0 ? 'cut' : 'normal';
  }
  const closed = level === (contact.pull === 'down' ? 1 : 0);
  return closed === (contact.contact === 'normallyOpen') ? 'active' : 'normal';
}
