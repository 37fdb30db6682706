import { after } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import { known } from '../invariant.ts';
import type { ContactPlace, ContactReading, ContactState } from '../signal.ts';
import type { Device } from '../site.ts';
import type { Timer } from '../timers.ts';
import type { Troubles } from '../troubles/troubles.ts';

/**
 * A loop must read cut or shorted for this long, so that the alarm is reported first. EN 50131-1
 * lets a system ignore a tamper or fault of up to 400 ms.
 */
const FAULT_MS = 300;

/**
 * The wires of one device's contacts, where an end-of-line resistor tells a cut or a short from the
 * contact's own states.
 */
export class ContactWires {
  #device: Device;
  readonly #context: Context;
  readonly #troubles: Troubles;
  readonly #states = new Map<string, ContactState>();

  constructor(device: Device, context: Context, troubles: Troubles) {
    this.#device = device;
    this.#context = context;
    this.#troubles = troubles;
  }

  /** A reload has reworded the device. */
  adopt(device: Device): void {
    this.#device = device;
  }

  heard({ of, number, state }: ContactReading): void {
    const key = keyOf({ of, number });
    if (this.#states.get(key) === state) return;
    this.#states.set(key, state);
    const { timers, now } = this.#context;
    timers.set(this.#timer({ of, number }), after(now.monoMs, FAULT_MS));
  }

  /** The wire has read the same for `FAULT_MS`. True if it is whole. */
  settled(contact: ContactPlace): boolean {
    const state = this.#states.get(keyOf(contact));
    const { id, location, area } = this.#device;
    const { of, number } = contact;
    const { buttons, points } = this.#device;
    const wired = of === 'button' ? known(buttons, number, 'button') : known(points, number, 'point');
    const subject = `${id}.${wired.id}`;
    const whole = state === 'normal' || state === 'active';
    if (whole) this.#troubles.restore('wireFault', subject);
    else {
      const what = state === 'cut' ? 'Wire cut' : 'Wire shorted';
      this.#troubles.raise(
        'wireFault',
        subject,
        { text: `${what}: ${id} ${wired.id}, ${location.text}` },
        {
          zone: wired.zone,
          area,
        },
      );
    }
    return whole;
  }

  /**
   * Restores troubles of an earlier run, whose records were read late, if their cause is known to
   * be over.
   */
  restoreTroubles(): void {
    const { buttons, points } = this.#device;
    for (const number of buttons.keys()) this.#restoreIfWhole({ of: 'button', number });
    for (const number of points.keys()) this.#restoreIfWhole({ of: 'point', number });
  }

  #restoreIfWhole(contact: ContactPlace): void {
    if (this.#states.has(keyOf(contact)) && !this.#context.timers.has(this.#timer(contact))) this.settled(contact);
  }

  #timer({ of, number }: ContactPlace): Timer {
    return { type: 'contactWire', device: this.#device.id, of, number };
  }
}

function keyOf({ of, number }: ContactPlace): string {
  return `${of}.${number}`;
}
