import type { Pressed } from '../alerts/presses.ts';
import type { Context } from '../context.ts';
import { invariant } from '../invariant.ts';
import type { ButtonReading, Signal } from '../signal.ts';
import type { LimitedNotices } from '../troubles/limited-notices.ts';
import { bouncedPress, endlessPress, lateRepeat, oldPress, retainedPress } from '../troubles/press-notices.ts';
import type { ButtonMemory } from './button-memory.ts';
import type { DeviceSupervision } from './device-supervision.ts';
import type { NotUnderstoodValues } from './not-understood.ts';

interface ButtonReadingsDeps {
  readonly notices: LimitedNotices;
  readonly notUnderstood: NotUnderstoodValues;
}

/**
 * Finds the new presses in what buttons say on a wire that numbers nothing. What may be a press and
 * becomes no alert is reported.
 */
export class ButtonReadings {
  readonly #context: Context;
  readonly #notices: LimitedNotices;
  readonly #notUnderstood: NotUnderstoodValues;

  constructor(context: Context, { notices, notUnderstood }: ButtonReadingsDeps) {
    this.#context = context;
    this.#notices = notices;
    this.#notUnderstood = notUnderstood;
  }

  /**
   * @returns the new presses, and what to do once their alerts are raised: only then may the
   *   journal say that they were heard. A crash between the two gives two alerts, not none.
   *   `isEvent`: one of them is surely no older than the message.
   */
  heard(
    signal: Signal,
    readings: readonly ButtonReading[],
    device: DeviceSupervision,
  ): { readonly presses: readonly Pressed[]; readonly isEvent: boolean; readonly remember: () => void } {
    const presses: Pressed[] = [];
    let isEvent = false;
    const changed = new Map<string, ButtonMemory>();
    for (const reading of readings) {
      const { buttons } = device;
      const name = buttons.nameOf(reading.button);
      const memory = buttons.of(name);
      const { heard, isOld, mustSave } = memory.hear(reading, signal.kept === true, signal.capturedMs);
      if (mustSave) changed.set(name, memory);
      this.#reportMissingMark(reading, device);
      const { button, means, value, member } = reading;
      if (heard === 'press' && means === 'notUnderstood') {
        this.#notUnderstood.heard(device, { type: 'notUnderstood', of: 'button', member, value });
      } else if (heard === 'press' && means !== 'release' && means !== 'notUnderstood') {
        presses.push({ button, pattern: means });
        if (isOld) this.#notices.tell(oldPress(device.device, name));
        else isEvent = true;
      } else if (heard === 'retained') this.#notices.tell(retainedPress(device.device, name, value));
      else if (heard === 'bounced') this.#notices.tell(bouncedPress(device.device, name));
      else if (heard === 'endless') this.#notices.tell(endlessPress(device.device, name));
      else if (heard === 'lateRepeat') this.#notices.tell(lateRepeat(device.device, name));
    }
    return { presses, isEvent, remember: () => this.#remember(device, changed) };
  }

  /** A release may have none: bridges clear the last event without one. */
  #reportMissingMark({ repeats, means, value }: ButtonReading, device: DeviceSupervision): void {
    if (repeats.by !== 'time' || repeats.markMissing === undefined || means === 'release') return;
    this.#notUnderstood.heard(device, { type: 'notUnderstood', of: 'counter', member: repeats.markMissing, value });
  }

  #remember({ device }: DeviceSupervision, changed: ReadonlyMap<string, ButtonMemory>): void {
    const { now } = this.#context;
    for (const [button, { saved }] of changed) {
      invariant(saved !== undefined, `button ${button} of ${device.id} has said something, and it is not remembered`);
      this.#context.journal({ t: 'button', at: now.wallMs, device: device.id, button, heard: saved });
    }
  }
}
