import type { MonoMs } from '../../../protocol/clocks.ts';
import type { AlertBook } from '../alerts/alert-book.ts';
import { alertId } from '../alerts/alert-id.ts';
import { originOf } from '../alerts/alert-origin.ts';
import type { CanaryTest } from '../alerts/canary-test.ts';
import type { Drills } from '../alerts/drills.ts';
import type { KeptAlert } from '../alerts/kept-alert.ts';
import { type Pressed, Presses } from '../alerts/presses.ts';
import type { Context } from '../context.ts';
import { invariant } from '../invariant.ts';
import type { Identity, Readings, Signal, SignalBody } from '../signal.ts';
import type { Button, Device } from '../site.ts';
import { driverFault } from '../troubles/device-fault.ts';
import type { LimitedNotices } from '../troubles/limited-notices.ts';
import { bridgeAhead, repeatedPress } from '../troubles/notices.ts';
import type { Troubles } from '../troubles/troubles.ts';
import type { WalkTestParts } from '../walk-test/walk-test-parts.ts';
import { ButtonReadings } from './button-readings.ts';
import { DeviceContacts } from './device-contacts.ts';
import type { DeviceSupervision } from './device-supervision.ts';
import { HeldPresses } from './held-presses.ts';
import { HeldTests } from './held-tests.ts';
import { isAhead } from './last-seen.ts';
import { NodeAnswers } from './node-answers.ts';
import { NotUnderstoodValues } from './not-understood.ts';
import { ProofFaults } from './proof-faults.ts';

interface SignalHandlerDeps {
  readonly devices: ReadonlyMap<string, DeviceSupervision>;
  readonly alerts: AlertBook;
  readonly troubles: Troubles;
  readonly notices: LimitedNotices;
  readonly drills: Pick<Drills, 'covers' | 'coversFrom'>;
  readonly walkTest: Pick<WalkTestParts, 'tests' | 'proofs' | 'pressed' | 'recoverPressed'>;
  readonly canary: CanaryTest | undefined;
  ageSecondsMax(device: string): number | undefined;
}

/**
 * Turns signals of enrolled devices into alerts, states and proofs of life: each signal once,
 * however often it is repeated.
 */
export class SignalHandler {
  readonly held: HeldPresses;
  readonly heldTests: HeldTests;
  readonly presses: Presses;
  readonly proofs: ProofFaults;
  readonly #context: Context;
  readonly #deps: Pick<SignalHandlerDeps, 'walkTest'>;
  readonly #devices: ReadonlyMap<string, DeviceSupervision>;
  readonly #alerts: AlertBook;
  readonly #troubles: Troubles;
  readonly #notices: LimitedNotices;
  readonly #notUnderstood: NotUnderstoodValues;
  readonly #buttons: ButtonReadings;
  readonly #answers: NodeAnswers;
  readonly #contacts = new Map<string, DeviceContacts>();
  #ownCounter = 0;

  constructor(context: Context, deps: SignalHandlerDeps) {
    this.#context = context;
    this.#devices = deps.devices;
    this.#alerts = deps.alerts;
    this.#troubles = deps.troubles;
    this.#notices = deps.notices;
    this.#notUnderstood = new NotUnderstoodValues(deps.notices);
    this.#buttons = new ButtonReadings(context, { notices: deps.notices, notUnderstood: this.#notUnderstood });
    this.#answers = new NodeAnswers(context, deps.alerts, deps.walkTest.proofs);
    this.#deps = deps;
    this.presses = new Presses(context, deps);
    this.proofs = new ProofFaults(context, deps.devices, deps.notices);
    this.held = new HeldPresses(context);
    this.heldTests = new HeldTests(context, {
      presses: this.presses,
      isActive: (device, button) => this.#contacts.get(device)?.isActive(button) === true,
      ownIdentity: () => this.#ownIdentity(),
    });
  }

  signal(signal: Signal): void {
    const device = this.#devices.get(signal.device);
    if (device === undefined) {
      // The driver and the core have one configuration. Should they ever differ, a press must not
      // vanish.
      const text = `${signal.body.type} from device ${signal.device}, which the configuration does not know`;
      this.#troubles.notice('unknownDevice', signal.device, { text });
      return;
    }
    this.#checkClock(signal, device.device);
    switch (signal.body.type) {
      case 'contact':
        device.proven();
        this.#contactsOf(device).heard(signal.body, signal.capturedMs);
        break;
      case 'alive':
        device.heard(signal, false);
        break;
      case 'noAnswer':
        device.noAnswer();
        break;
      case 'availability':
        device.availability(signal.body.of, signal.body.says, signal.kept === true);
        break;
      case 'fault':
        device.fault(driverFault(device.device, signal.body), signal.body.unread);
        break;
      case 'readings':
        if (signal.body.buttons === undefined) this.#message(signal, signal.body, device);
        else this.#unnumbered(signal, signal.body, device);
        break;
      case 'notUnderstood':
        this.#notUnderstood.heard(device, signal.body);
        break;
      default:
        this.#message(signal, signal.body, device);
    }
  }

  /** The contacts of a wired device; `undefined` until one was heard. */
  contacts(device: string): DeviceContacts | undefined {
    return this.#contacts.get(device);
  }

  /** A reload has reworded the device. */
  adopt(device: Device): void {
    this.#contacts.get(device.id)?.adopt(device);
  }

  /** A reload removes the device, or begins it anew. */
  forget(device: string): void {
    this.#contacts.delete(device);
    this.#notUnderstood.forget(device);
    this.presses.forget(device);
    this.proofs.forget(device);
  }

  /** Recovers an alert that was not over when the gateway stopped. */
  recoverAlert(kept: KeptAlert): void {
    const { raised } = kept;
    // The record may be read late, and the device may have repeated its press meanwhile.
    if (this.#alerts.knows(raised.id)) return;
    const { pattern, epoch, counter, generation, authenticated } = raised;
    const { isOrphaned, ...origin } = originOf(raised, this.#context.site);
    // The configuration changed while the alert was open. The receivers still get it as it was.
    if (isOrphaned) this.#context.log('warn', 'alert.orphaned', { alert: raised.id, text: raised.report.text });
    const identity = { epoch, counter, ...(generation === undefined ? {} : { generation }) };
    const isOfEarlierKey = this.#devices.get(raised.device)?.numbering.isOfEarlierKey(identity) === true;
    const earlier = isOfEarlierKey ? ({ ofEarlierKey: true } as const) : {};
    this.#alerts.recover({ ...origin, pattern, identity, authenticated, ...earlier }, kept);
    this.presses.recoverRaised(raised);
    const isDone = kept.acknowledged !== undefined || kept.handedOver !== undefined;
    this.#deps.walkTest.recoverPressed({ raised, isDone }, origin);
  }

  /** A message of a wire that numbers nothing: each button's memory says what is new. */
  #unnumbered(signal: Signal, body: Readings, device: DeviceSupervision): void {
    const { presses, isEvent, remember } = this.#buttons.heard(signal, body.buttons ?? [], device);
    const identity = this.#ownIdentity();
    this.#presses(signal, device.device, identity, presses);
    remember();
    device.readings(body, identity, device.heard(signal, isEvent));
  }

  #message(signal: Signal, body: Message, device: DeviceSupervision): void {
    const checked = device.numbering.check(signal, this.#context.now.monoMs);
    const { freshness, enrols, identity: numbered } = checked;
    if (freshness !== 'new') {
      if (numbered === undefined) this.#again(device, signal, checked.repeatedAfterMs);
      else if (freshness === 'repeat') this.#answers.repeated(signal, device, numbered);
      else if (freshness !== 'behind' || !this.#answers.behind(signal, numbered)) {
        const isPress = pressesOf(body).length > 0;
        this.proofs.stale(device, { input: signal.input, says: body.type, isPress, identity: numbered });
      }
      return;
    }
    const identity = numbered ?? this.#ownIdentity();
    if (enrols) this.#enrolled(device, identity);
    const presses = signal.kept ? NONE : pressesOf(body);
    const isProven = numbered === undefined || enrols === true || device.numbering.isProven(identity);
    const press = presses.length === 0 || isProven ? signal : this.#unproven(signal, identity);
    if (presses.length > 0 && device.device.counterOnly && numbered !== undefined) {
      this.#holdPresses(press, device.device, identity, presses);
    } else this.#presses(press, device.device, identity, presses);
    if (presses.length > 0 && signal.packetId !== undefined) this.#journalPacket(device);
    // Only after the press was raised: if that fails, its repeats must not be answered as heard.
    if (numbered !== undefined) device.numbering.accept(identity, enrols === true);
    const isCurrent = device.heard(signal, presses.length > 0);
    if (body.type === 'readings' || numbered !== undefined) this.proofs.proven(device);
    this.#rest(signal, body, device, identity, isCurrent);
  }

  /** A repeat on a wire that proves nothing. It is still a sign of life. */
  #again(device: DeviceSupervision, signal: Signal, repeatedAfterMs: number | undefined): void {
    if (repeatedAfterMs !== undefined) {
      const { id, heartbeatMs } = device.device;
      this.#context.log('warn', 'press.repeated', { device: id, afterMs: Math.round(repeatedAfterMs) });
      // A device in beacon mode may do that all the time. Any other may have been pressed.
      if (heartbeatMs === 0) this.#notices.tell(repeatedPress(signal.input, device.device, repeatedAfterMs));
    }
    device.heard(signal, false);
  }

  /** After a restart the device may still repeat this press. */
  #journalPacket({ device, numbering }: DeviceSupervision): void {
    const packet = numbering.savePacket();
    invariant(packet !== undefined, `the press of ${device.id} that was just heard has no number`);
    this.#context.journal({ t: 'packet', at: this.#context.now.wallMs, device: device.id, packet });
  }

  /**
   * Without memory of the device, a press cannot be told from a recording of it. It is forwarded,
   * and marked.
   */
  #unproven(signal: Signal, { epoch, counter }: Identity): Signal {
    const text =
      'the gateway has not heard this device before, so the press may be a recording; the alert is marked unauthenticated';
    this.#context.log('warn', 'press.unproven', { device: signal.device, epoch, counter, text });
    return { ...signal, authenticated: false };
  }

  /**
   * The counter is all that tells this press from a recording of it, and such a device gets no
   * answer. So the counter is made durable before the alert is raised. (A button bus node repeats
   * its press until it is answered.)
   */
  #holdPresses(signal: Signal, device: Device, identity: Identity, presses: readonly Pressed[]): void {
    // A hold that waits for its end raises nothing yet. Its own record comes before that of the
    // counter: a crash between them must not make its repeats old and lose it.
    const { capturedMs } = signal;
    const waits = presses.every((press) => this.presses.mayWait({ ...press, device, capturedMs }));
    if (waits) this.#presses(signal, device, identity, presses);
    const record = this.#journalHeard(device, identity);
    if (!waits) this.held.hold(record, () => this.#presses(signal, device, identity, presses));
  }

  #journalHeard(device: Device, identity: Identity): number {
    const at = this.#context.now.wallMs;
    return this.#context.journal({ t: 'heard', at, device: device.id, ...identity, ...keyOf(device) });
  }

  #enrolled(device: DeviceSupervision, identity: Identity): void {
    const { id } = device.device;
    device.numbering.endEnrolment();
    this.#context.timers.clear({ type: 'enrolmentEnd', device: id });
    this.#journalHeard(device.device, identity);
    this.#context.log('warn', 'device.enrolled', { device: id, ...identity });
  }

  #presses(signal: Signal, device: Device, identity: Identity, presses: readonly Pressed[]): void {
    const { authenticated, capturedMs, rssiDbm } = signal;
    // Of the wires, only the button bus repeats a press until it is answered.
    const isRepeated = signal.identity !== undefined && !device.counterOnly;
    // Field by field: spreading a signal costs as much as raising the alert.
    for (let part = 0; part < presses.length; part++) {
      const { button, pattern } = presses[part] as Pressed;
      this.presses.press({ button, pattern, authenticated, capturedMs, rssiDbm, isRepeated, device, identity, part });
    }
  }

  #rest(signal: Signal, body: Message, device: DeviceSupervision, identity: Identity, isCurrent: boolean): void {
    switch (body.type) {
      case 'press':
        return;
      case 'release': {
        const { device: id, capturedMs } = signal;
        const button = buttonName(device.device, body.button);
        this.presses.publish({ id: alertId(id, identity), device: id, type: 'release', button, capturedMs });
        // The alert's own steps answer it.
        if (this.heldTests.released(signal, body, device.device, identity)) return;
        break;
      }
      case 'point':
        device.pointHeard(body.point, body.active, identity);
        break;
      case 'readings':
        device.readings(body, identity, isCurrent);
        return;
      case 'heartbeat':
        device.heartbeat(body, identity);
        break;
      case 'hello':
        this.#context.log('info', 'device.hello', {
          device: signal.device,
          serial: body.serial,
          firmware: body.firmware,
        });
        break;
    }
    this.#answers.heard(signal, identity);
  }

  #contactsOf(device: DeviceSupervision): DeviceContacts {
    const { id } = device.device;
    const known = this.#contacts.get(id);
    if (known !== undefined) return known;
    const contacts = new DeviceContacts(device, this.#context, this.#troubles, {
      pressed: (button, capturedMs, bounces) => this.#contactPressed(device.device, button, capturedMs, bounces),
      isOpen: (button) => this.#alerts.counts.ofButton(device.device, button),
    });
    this.#contacts.set(id, contacts);
    return contacts;
  }

  /** A bare contact proves nothing about who closed it. */
  #contactPressed(device: Device, { number }: Button, capturedMs: MonoMs, bounces: number): void {
    const press = { device, button: number, pattern: 'single', authenticated: false, capturedMs, part: 0 } as const;
    this.presses.press({ ...press, bounces, identity: this.#ownIdentity() });
    this.heldTests.pressed(device, number, capturedMs);
  }

  #checkClock({ lastSeenMs }: Signal, device: Device): void {
    const { wallMs } = this.#context.now;
    if (lastSeenMs === undefined || !isAhead(lastSeenMs, wallMs)) return;
    this.#notices.tell(bridgeAhead(device, lastSeenMs - wallMs));
  }

  /** For wires that number nothing: this start of the gateway is the epoch. */
  #ownIdentity(): Identity {
    this.#ownCounter += 1;
    return { epoch: this.#context.session, counter: this.#ownCounter };
  }
}

/** A message, which may be repeated, as opposed to a state that stands on the wire. */
type Message = Exclude<
  SignalBody,
  { readonly type: 'contact' | 'alive' | 'noAnswer' | 'availability' | 'fault' | 'notUnderstood' }
>;

const NONE: readonly Pressed[] = [];

function pressesOf(body: Message): readonly Pressed[] {
  if (body.type === 'press') return [body];
  return body.type === 'readings' ? body.presses : NONE;
}

function keyOf({ keyFingerprint }: Device): { readonly key?: string } {
  return keyFingerprint === undefined ? {} : { key: keyFingerprint };
}

function buttonName(device: Device, number: number): string {
  return device.buttons.get(number)?.id ?? String(number);
}
