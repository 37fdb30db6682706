import type { MonoMs } from '../../../protocol/clocks.ts';
import type { Context } from '../context.ts';
import { known } from '../invariant.ts';
import type { ContactReading } from '../signal.ts';
import type { Device } from '../site.ts';
import type { Troubles } from '../troubles/troubles.ts';
import { ButtonContact, type ButtonContactDeps } from './button-contact.ts';
import { ContactWires } from './contact-wires.ts';
import type { DeviceSupervision } from './device-supervision.ts';

/** The wired contacts of one device: buttons, points, and the wires to both. */
export class DeviceContacts {
  readonly #supervision: DeviceSupervision;
  readonly #context: Context;
  readonly #wires: ContactWires;
  readonly #buttons = new Map<number, ButtonContact>();

  constructor(supervision: DeviceSupervision, context: Context, troubles: Troubles, deps: ButtonContactDeps) {
    const { device } = supervision;
    this.#supervision = supervision;
    this.#context = context;
    this.#wires = new ContactWires(device, context, troubles);
    for (const [number, button] of device.buttons) {
      if (button.contact === undefined) continue;
      this.#buttons.set(number, new ButtonContact(device, button, context, troubles, deps));
    }
  }

  /** A reload has reworded the device. */
  adopt(device: Device): void {
    this.#wires.adopt(device);
    for (const [number, contact] of this.#buttons) contact.adopt(device, known(device.buttons, number, 'button'));
  }

  heard(reading: ContactReading, capturedMs: MonoMs): void {
    const { of, number, state, mayBeCut } = reading;
    if (of === 'button') known(this.#buttons, number, 'wired button').heard(state, capturedMs);
    else if (mayBeCut) this.#supervision.pointLost(number);
    else if (state === 'normal' || state === 'active') {
      this.#supervision.pointHeard(number, state === 'active', { epoch: this.#context.session, counter: 0 });
    }
    // After the press: an alarm goes before a tamper.
    if (!mayBeCut) this.#wires.heard(reading);
  }

  /** The button is held. */
  isActive(button: number): boolean {
    return this.#buttons.get(button)?.isActive === true;
  }

  buttonDue(number: number): void {
    known(this.#buttons, number, 'wired button').due();
  }

  wireDue(of: ContactReading['of'], number: number): void {
    const whole = this.#wires.settled({ of, number });
    if (!whole && of === 'point') this.#supervision.pointLost(number);
  }

  restoreTroubles(): void {
    this.#wires.restoreTroubles();
    for (const button of this.#buttons.values()) button.restoreTroubles();
  }
}
