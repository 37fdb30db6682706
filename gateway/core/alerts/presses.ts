import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type { Context } from '../context.ts';
import { type ButtonEvent, eventDocument } from '../documents.ts';
import { invariant } from '../invariant.ts';
import type { Identity, Signal } from '../signal.ts';
import type { Device } from '../site.ts';
import type { Troubles } from '../troubles/troubles.ts';
import type { AlertBook } from './alert-book.ts';
import { alertId } from './alert-id.ts';
import type { CanaryTest } from './canary-test.ts';
import type { Drills } from './drills.ts';

/**
 * A device repeats `hold` while a button is held. A `hold` within this time of the last one belongs
 * to the same press.
 */
const STILL_HELD_MS = 3_000;

export interface Pressed {
  readonly button: number;
  readonly pattern: PressPattern;
}

/** The possible results of a press. */
interface PressDeps {
  readonly alerts: AlertBook;
  readonly troubles: Troubles;
  readonly drills: Drills;
  readonly canary: CanaryTest | undefined;
}

/**
 * Decides what a press is: an alert (real or drill), a canary press, or a button that the
 * configuration does not have.
 */
export class Presses {
  readonly #context: Context;
  readonly #alerts: AlertBook;
  readonly #troubles: Troubles;
  readonly #drills: Drills;
  readonly #canary: CanaryTest | undefined;
  readonly #lastPressMs = new Map<string, MonoMs>();

  constructor(context: Context, { alerts, troubles, drills, canary }: PressDeps) {
    this.#context = context;
    this.#alerts = alerts;
    this.#troubles = troubles;
    this.#drills = drills;
    this.#canary = canary;
  }

  /** A press of a known device's button that is heard for the first time. */
  press(press: Pressed & Pick<Signal, 'capturedMs' | 'authenticated'> & PressOf): void {
    const { device, identity, pattern, authenticated, capturedMs, part } = press;
    const button = device.buttons.get(press.button);
    if (button === undefined) {
      const text = `Press of button ${press.button}, which is not configured: ${device.id}, ${device.location.text}`;
      this.#troubles.notice('unknownButton', `${device.id}.${press.button}`, text, device);
      // No answer yet: the device repeats the press, and by then the notice is in the journal.
      return;
    }
    if (this.#isStillHeld(`${device.id}.${button.number}`, pattern)) return;
    const kindId = button.patternKinds?.get(pattern) ?? button.kind;
    const kind = this.#context.site.kinds.get(kindId);
    invariant(kind !== undefined, `kind ${kindId} of button ${button.id} is not in the checked configuration`);
    const event = { type: 'press', device: device.id, button: button.id, pattern, capturedMs } as const;
    if (this.#canary?.isCanary(device, button.number)) {
      const id = alertId(device.id, identity, part);
      this.#canary.heard(id, device, button.zone);
      this.publish({ ...event, id });
      return;
    }
    const drill = this.#drills.covers(device) && !this.#context.site.drillOverride.has(pattern);
    const exercise = drill ? ({ exercise: 'drill' } as const) : undefined;
    const base = { device, button, kind, pattern, identity, part, authenticated, capturedMs };
    const alert = this.#alerts.raise(exercise === undefined ? base : { ...base, ...exercise });
    this.publish({ ...event, id: alert.id, alert: alert.id });
  }

  #isStillHeld(button: string, pattern: PressPattern): boolean {
    const { monoMs } = this.#context.now;
    const lastMs = this.#lastPressMs.get(button) ?? LONG_AGO_MS;
    this.#lastPressMs.set(button, monoMs);
    return pattern === 'hold' && monoMs - lastMs < STILL_HELD_MS;
  }

  /** Tells MQTT clients what a button did. */
  publish(event: ButtonEvent): void {
    this.#context.publish({ kind: 'event', document: eventDocument(event, this.#context.now.wallMs) });
  }
}

interface PressOf {
  readonly device: Device;
  readonly identity: Identity;
  /** Position among the presses of one message. */
  readonly part: number;
}
