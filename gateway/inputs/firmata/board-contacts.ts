import type { Firmata } from 'firmata-io';
import type { MonoMs } from '../../../protocol/clocks.ts';
import { loopState } from '../../../protocol/supervised-loop.ts';
import type { ContactState } from '../../core/signal.ts';
import type { WiredContact } from '../wired-contact.ts';
import type { ContactPlan, DigitalPlan, LoopPlan } from './board-pins.ts';

/** Where the firmware does not say: of the ATmega. */
const DEFAULT_ADC_MAX = 1_023;
/** After this many questions without an answer a pin is reported as silent. */
const SILENT_AFTER = 3;
const PINS_A_PORT = 8;

export type TellContact = (contact: WiredContact, state: ContactState, capturedMs: MonoMs) => void;

interface Reading<P extends ContactPlan> {
  readonly plan: P;
  state: ContactState | undefined;
  /** Report it at its next reading, changed or not. */
  due: boolean;
  /** Polls since its last report. */
  unheard: number;
}

/** What the contacts of one board say, from what it last reported of their pins. */
export class BoardContacts {
  readonly #io: Firmata;
  readonly #tell: TellContact;
  readonly #digital: readonly Reading<DigitalPlan>[];
  readonly #loops: readonly Reading<LoopPlan>[];
  /**
   * Ports that have been reported at all, bit 0 the first: before that a pin's value means nothing.
   */
  #reported = 0;

  constructor(plans: readonly ContactPlan[], io: Firmata, tell: TellContact) {
    this.#io = io;
    this.#tell = tell;
    const fresh = { state: undefined, due: true, unheard: 0 };
    this.#digital = plans.flatMap((plan) => (plan.type === 'digital' ? [{ plan, ...fresh }] : []));
    this.#loops = plans.flatMap((plan) => (plan.type === 'loop' ? [{ plan, ...fresh }] : []));
  }

  /** The board reported a port, and firmata-io has taken it in. */
  portReported(port: number, capturedMs: MonoMs): void {
    this.#reported |= 1 << port;
    for (const reading of this.#digital) {
      const { pin, cutPin } = reading.plan;
      if (portOf(pin) !== port && (cutPin === undefined || portOf(cutPin) !== port)) continue;
      if (!this.#isReported(pin) || (cutPin !== undefined && !this.#isReported(cutPin))) continue;
      this.#heard(reading, this.#digitalState(reading.plan), capturedMs);
    }
  }

  /** The board reported an analogue input, and firmata-io has taken it in. */
  channelReported(channel: number, capturedMs: MonoMs): void {
    for (const reading of this.#loops) {
      const { plan, state } = reading;
      if (plan.channel !== channel) continue;
      const ratio = this.#valueOf(plan.pin) / (this.#io.RESOLUTION.ADC || DEFAULT_ADC_MAX);
      this.#heard(reading, loopState(plan.wiring, ratio, state), capturedMs);
    }
  }

  /** Each contact is reported again as soon as the board sends it, changed or not. */
  tellAgain(): void {
    for (const reading of [...this.#digital, ...this.#loops]) reading.due = true;
  }

  /** To be called at each poll. */
  polled(): void {
    for (const reading of [...this.#digital, ...this.#loops]) reading.unheard += 1;
  }

  /** Contacts whose pins the board does not report, though it answers. */
  get silent(): readonly WiredContact[] {
    const silent = [...this.#digital, ...this.#loops].filter(({ unheard }) => unheard > SILENT_AFTER);
    return silent.map(({ plan }) => plan.contact);
  }

  /** Analogue inputs that were not reported since the last poll. */
  get missingChannels(): readonly number[] {
    return this.#loops.flatMap(({ plan, unheard }) => (unheard > 0 ? [plan.channel] : []));
  }

  #heard(reading: Reading<ContactPlan>, state: ContactState, capturedMs: MonoMs): void {
    reading.unheard = 0;
    if (state === reading.state && !reading.due) return;
    reading.state = state;
    reading.due = false;
    this.#tell(reading.plan.contact, state, capturedMs);
  }

  #digitalState({ contact, pin, cutPin }: DigitalPlan): ContactState {
    // A contact to ground pulls down what a resistor, in the board or outside, holds up.
    const closed = this.#valueOf(pin) === 0;
    switch (contact.contact) {
      case 'normallyOpen':
        return closed ? 'active' : 'normal';
      case 'normallyClosed':
        return closed ? 'normal' : 'active';
      default:
        // Pressed and cut at once counts as pressed.
        if (closed) return 'active';
        return cutPin !== undefined && this.#valueOf(cutPin) === 0 ? 'cut' : 'normal';
    }
  }

  #isReported(pin: number): boolean {
    return (this.#reported & (1 << portOf(pin))) !== 0;
  }

  #valueOf(pin: number): number {
    return this.#io.pins[pin]?.value ?? 0;
  }
}

export function portOf(pin: number): number {
  return Math.floor(pin / PINS_A_PORT);
}
