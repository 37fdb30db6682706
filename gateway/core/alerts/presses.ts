import { after } from '../../../protocol/clocks.ts';
import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type { Context } from '../context.ts';
import { type ButtonEvent, eventDocument } from '../documents.ts';
import { invariant, known } from '../invariant.ts';
import type { AlertRaised, HoldHeard } from '../journal-record.ts';
import type { Exercise } from '../report.ts';
import type { Identity, Signal } from '../signal.ts';
import type { Button, Device } from '../site.ts';
import type { Troubles } from '../troubles/troubles.ts';
import type { PressQuality, Proofs, ProvingPress } from '../walk-test/proofs.ts';
import type { WalkTests } from '../walk-test/walk-tests.ts';
import type { Alert } from './alert.ts';
import type { AlertBook } from './alert-book.ts';
import { alertId } from './alert-id.ts';
import { ButtonUse, ENDS } from './button-use.ts';
import type { CanaryTest } from './canary-test.ts';
import type { Drills } from './drills.ts';
import { Exercises } from './exercises.ts';
import { heldPattern, isTestOutcome, kindOf, outcomeOf } from './press-outcome.ts';

/**
 * A `hold` whose end decides what it raises waits for that end no longer than this. The captured
 * ends of clicks came after 0.9 s.
 */
const HOLD_WAIT_MS = 3_000;

export interface Pressed {
  readonly button: number;
  readonly pattern: PressPattern;
}

interface WalkTestOfPresses {
  readonly tests: Pick<WalkTests, 'covers' | 'isTest' | 'noteUse'>;
  readonly proofs: Pick<Proofs, 'undeliverable'>;
  pressed(press: ProvingPress): void;
}

interface PressDeps {
  readonly alerts: AlertBook;
  readonly troubles: Troubles;
  readonly drills: Pick<Drills, 'covers' | 'coversFrom'>;
  readonly walkTest: WalkTestOfPresses;
  /** `undefined`: the site has none. A reload may give it one. */
  readonly canary: CanaryTest | undefined;
  /** How old a press of the device may be that is heard now; `undefined`: it is fresh. */
  ageSecondsMax(device: string): number | undefined;
}

interface Heard extends Pressed, Pick<Signal, 'capturedMs' | 'authenticated'>, PressQuality {
  readonly device: Device;
  readonly identity: Identity;
  /** Position among the presses of one message. */
  readonly part: number;
}

/** One button, as it is used. */
interface Used {
  readonly use: ButtonUse;
  /** A `hold` whose end is not known yet. */
  waiting: (Heard & { readonly configured: Button }) | undefined;
  /** What the present use has raised. */
  raised: string | undefined;
  /**
   * The exercise that covered the device when the present use began. One that begins later has no
   * part in it.
   */
  began: Exercise | undefined;
}

/**
 * Decides what a press is: an alert (real, drill or test), a canary press, or a button that the
 * configuration does not have. One use of a button raises one alert, although some devices send
 * several messages about it.
 */
export class Presses {
  readonly #context: Context;
  readonly #alerts: AlertBook;
  readonly #troubles: Troubles;
  readonly #exercises: Exercises;
  readonly #deps: Pick<PressDeps, 'canary' | 'walkTest' | 'ageSecondsMax'>;
  /** By device and button number. */
  readonly #used = new Map<string, Map<number, Used>>();

  constructor(context: Context, deps: PressDeps) {
    const { alerts, troubles, drills, walkTest } = deps;
    const ageSecondsMax = (device: string) => deps.ageSecondsMax(device);
    this.#context = context;
    this.#alerts = alerts;
    this.#troubles = troubles;
    this.#exercises = new Exercises(context, { drills, walkTests: walkTest.tests, ageSecondsMax });
    this.#deps = deps;
  }

  /** A press of a known device's button that is heard for the first time. */
  press(press: Heard): void {
    const { device, pattern } = press;
    const configured = device.buttons.get(press.button);
    if (configured === undefined) {
      const text = `Press of button ${press.button}, which is not configured: ${device.id}, ${device.location.text}`;
      this.#troubles.notice('unknownButton', `${device.id}.${press.button}`, { text }, device);
      // No answer yet: the device repeats the press, and by then the notice is in the journal.
      return;
    }
    const used = this.#usedOf(device, configured);
    // When it was sent counts: the gateway may have stood still since.
    const step = used.use.hear(pattern, press.capturedMs);
    if (step === 'begins') {
      // Its end was lost, and its timer is due at this very moment.
      if (used.waiting !== undefined) this.#raiseHeld(used);
      used.began = this.#exercises.ofBeginning(device, configured, press.capturedMs);
      this.#exercises.noteUse(device, configured, press.capturedMs);
      if (pattern === 'hold' && this.#endDecides(device, configured, used.began)) this.#wait(used, press, configured);
      else this.#raise(used, press, pattern, configured);
      return;
    }
    if (used.waiting !== undefined) {
      if (step === 'ends') this.#raiseHeld(used, press);
      return;
    }
    // A button that is held on says what was raised already. A long press may mean something else
    // than the press that was raised. Nothing may be lost.
    const shown = pattern === 'hold' && device.saysHowHoldEnds === true ? heldPattern(configured, used.use) : pattern;
    if (this.#outcome(device, configured, shown, used.began) === used.raised) return;
    this.#raise(used, press, shown, configured);
  }

  /** A hold of which the end may decide what it raises. Unlike a press it does so later. */
  mayWait({ device, button, pattern, capturedMs }: Pick<Heard, 'device' | 'capturedMs' | keyof Pressed>): boolean {
    const configured = device.buttons.get(button);
    if (pattern !== 'hold' || configured === undefined) return false;
    return this.#endDecides(device, configured, this.#exercises.ofBeginning(device, configured, capturedMs));
  }

  /** True if the last use of the button has raised a test and nothing else. */
  isTest(device: Device, button: number): boolean {
    const used = this.#used.get(device.id)?.get(button);
    return used?.began === 'test' && isTestOutcome(used.raised);
  }

  /** A button that was pressed as a test is held on: it is real. */
  heldOn(press: Omit<Heard, 'pattern' | 'part'>): void {
    const { device } = press;
    const configured = known(device.buttons, press.button, 'button');
    const used = this.#usedOf(device, configured);
    used.began = undefined;
    this.#raise(used, { ...press, pattern: 'hold', part: 0 }, 'hold', configured);
  }

  /** Its end was not heard in time: the button is held on, or what was sent of it was lost. */
  holdWaitOver(device: string, button: number): void {
    const of = known(this.#context.site.devices, device, 'device');
    this.#raiseHeld(this.#usedOf(of, known(of.buttons, button, 'button')));
  }

  /** A `hold` waits for its end. */
  get isWaiting(): boolean {
    return [...this.#used.values()].some((ofDevice) => [...ofDevice.values()].some(({ waiting }) => waiting));
  }

  /** A reload removes the device, or begins it anew. */
  forget(device: string): void {
    this.#used.delete(device);
  }

  /** The gateway ends. After the restart nobody would wait. */
  raiseAll(): void {
    for (const ofDevice of this.#used.values()) {
      for (const used of ofDevice.values()) if (used.waiting !== undefined) this.#raiseHeld(used);
    }
  }

  /** Recovers a `hold` that waited for its end when the gateway stopped: its end may be lost. */
  recoverHold(hold: HoldHeard): void {
    const { id, device: from, button, authenticated, epoch, counter, generation, part } = hold;
    // The record may be read late, and its alert may have been raised by then.
    if (this.#alerts.knows(id)) return;
    const device = this.#context.site.devices.get(from);
    const identity = { epoch, counter, ...(generation === undefined ? {} : { generation }) };
    const configured = device?.buttons.get(button);
    if (device === undefined || configured === undefined) {
      const text = `Press of ${from}, button ${button}, heard before the restart; the configuration has it no more`;
      this.#troubles.notice('unknownButton', `${from}.${button}`, { text });
      this.#journalHoldOver(id);
      return;
    }
    const { monoMs: capturedMs } = this.#context.now;
    const present = this.#usedOf(device, configured);
    // The device has repeated it, and its alert is about to be raised.
    if (present.waiting !== undefined && idOf(present.waiting) === id) return;
    // The button may have been pressed in this run, before the records were read.
    const used = present.waiting === undefined ? present : unused(device);
    used.use.recoverHold(capturedMs);
    used.began = hold.drill ? 'drill' : hold.walkTest ? 'test' : undefined;
    this.#raise(
      used,
      { device, button, pattern: 'hold', identity, part, authenticated, capturedMs },
      'hold',
      configured,
    );
    this.#journalHoldOver(id);
  }

  /**
   * An alert of an earlier run. If a `hold` raised it, what ends the hold may be heard only now.
   */
  recoverRaised({ device, button, kind, pattern, at, report }: AlertRaised): void {
    const { monoMs, wallMs } = this.#context.now;
    // A clock that was set back tells nothing about how long ago it was.
    if (pattern !== 'hold' || at > wallMs) return;
    const of = this.#context.site.devices.get(device);
    const configured = of?.buttons.get(button);
    // The configuration may have changed since.
    if (of === undefined || configured === undefined) return;
    const used = this.#usedOf(of, configured);
    used.use.recoverHold(after(monoMs, at - wallMs));
    if (used.raised !== undefined) return;
    used.began = report.exercise;
    used.raised = outcomeOf(kind, used.began);
  }

  /** Tells MQTT clients what a button did. */
  publish(event: ButtonEvent): void {
    this.#context.publish({ kind: 'event', document: eventDocument(event, this.#context.now.wallMs) });
  }

  #wait(used: Used, press: Heard, configured: Button): void {
    const { now, timers } = this.#context;
    const { device, button, identity, part, authenticated } = press;
    const id = idOf(press);
    used.waiting = { ...press, configured };
    used.raised = undefined;
    // Without this record a crash would lose the press: the device has sent it.
    const hold: HoldHeard = {
      t: 'hold',
      at: now.wallMs,
      id,
      device: device.id,
      button,
      ...identity,
      part,
      authenticated,
      ...(used.began === 'drill' && { drill: true }),
      ...(used.began === 'test' && { walkTest: true }),
    };
    this.#context.journal(hold, { holds: `hold:${id}` });
    timers.set({ type: 'holdWait', device: device.id, button }, after(now.monoMs, HOLD_WAIT_MS));
    this.#context.log('info', 'press.held', { device: device.id, button: configured.id });
  }

  /** Raises what waited, as what it has turned out to be. */
  #raiseHeld(used: Used, end?: Heard): void {
    const { waiting } = used;
    invariant(waiting !== undefined, 'no hold waits for its end');
    const { device, configured, button } = waiting;
    used.waiting = undefined;
    this.#context.timers.clear({ type: 'holdWait', device: device.id, button });
    const pattern = end?.pattern ?? heldPattern(configured, used.use);
    const authenticated = waiting.authenticated && end?.authenticated !== false;
    this.#raise(used, { ...waiting, authenticated }, pattern, configured);
    this.#journalHoldOver(idOf(waiting));
  }

  #journalHoldOver(hold: string): void {
    this.#context.journal({ t: 'holdOver', at: this.#context.now.wallMs, hold }, { releases: `hold:${hold}` });
  }

  #raise(used: Used, press: Heard, pattern: PressPattern, button: Button): void {
    const { device, identity, authenticated, capturedMs, part } = press;
    const kind = known(this.#context.site.kinds, kindOf(button, pattern), 'kind');
    used.raised = this.#outcome(device, button, pattern, used.began);
    const { canary } = this.#deps;
    if (canary?.isCanary(device, button.number)) {
      const id = idOf(press);
      canary.heard(id, device, button.zone);
      this.publish({ id, type: 'press', device: device.id, button: button.id, pattern, capturedMs });
      return;
    }
    // Field by field, here and below: objects that are spread cost a tenth of a press.
    const raised = {
      device,
      button,
      kind,
      pattern,
      identity,
      part,
      authenticated,
      capturedMs,
      ageSecondsMax: this.#deps.ageSecondsMax(device.id),
      exercise: this.#exercises.of(device, pattern, used.began),
    };
    const alert = this.#alerts.raise(raised);
    this.#noteForProof(alert, press);
    this.publish({ id: alert.id, type: 'press', device: device.id, button: button.id, pattern, capturedMs, alert });
  }

  /** The device will say what a hold was, and the alert depends on that. */
  #endDecides(device: Device, button: Button, began: Exercise | undefined): boolean {
    if (device.saysHowHoldEnds !== true) return false;
    const held = this.#outcome(device, button, 'hold', began);
    return ENDS.some((end) => this.#outcome(device, button, end, began) !== held);
  }

  /** Equal for presses that raise the same. */
  #outcome(device: Device, button: Button, pattern: PressPattern, began: Exercise | undefined): string {
    if (this.#deps.canary?.isCanary(device, button.number)) return 'canary';
    return outcomeOf(kindOf(button, pattern), this.#exercises.of(device, pattern, began));
  }

  /** A receiver's acknowledgement of it will prove the button. */
  #noteForProof(alert: Alert, press: Heard): void {
    const { id, button, pattern, exercise, raisedWallMs: atWallMs } = alert;
    const { device, authenticated, capturedMs, rssiDbm, bounces, isRepeated } = press;
    const { walkTest } = this.#deps;
    walkTest.pressed({
      alert: id,
      device,
      button,
      pattern,
      authenticated,
      exercise,
      atWallMs,
      capturedMs,
      rssiDbm,
      bounces,
      isRepeated,
    });
    if (exercise !== 'test' || !alert.undeliverable) return;
    walkTest.proofs.undeliverable(id);
    this.#alerts.close(id, 'resolved', 'gateway', 'a test that no path takes');
  }

  #usedOf(device: Device, { number }: Button): Used {
    const ofDevice = this.#used.get(device.id) ?? new Map<number, Used>();
    const before = ofDevice.get(number);
    if (before !== undefined) return before;
    const used = unused(device);
    this.#used.set(device.id, ofDevice.set(number, used));
    return used;
  }
}

function idOf({ device, identity, part }: Heard): string {
  return alertId(device.id, identity, part);
}

function unused({ saysHowHoldEnds }: Device): Used {
  return { use: new ButtonUse(saysHowHoldEnds === true), waiting: undefined, raised: undefined, began: undefined };
}
