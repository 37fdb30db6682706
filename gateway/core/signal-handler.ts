import type { EventDocument, PressPattern } from '../../protocol/mqtt-documents.ts';
import { type AlertBook, alertId, type KeptAlert } from './alert-book.ts';
import type { Context } from './context.ts';
import type { DeviceSupervision } from './device-supervision.ts';
import type { LimitedNotices } from './limited-notices.ts';
import { stalePress } from './notices.ts';
import type { Identity, Signal, WallStatus } from './signal.ts';
import type { Button, Device } from './site.ts';
import { originOf } from './stand-in.ts';
import type { Troubles } from './troubles.ts';

const STALE_LOG_GAP_MS = 60_000;

/** Turns what enrolled devices say into alerts, states and proofs of life, each signal once however often it is repeated. */
export class SignalHandler {
  readonly #context: Context;
  readonly #devices: ReadonlyMap<string, DeviceSupervision>;
  readonly #alerts: AlertBook;
  readonly #troubles: Troubles;
  readonly #notices: LimitedNotices;
  readonly #staleLoggedMs = new Map<string, number>();
  #ownCounter = 0;

  constructor(
    context: Context,
    devices: ReadonlyMap<string, DeviceSupervision>,
    alerts: AlertBook,
    troubles: Troubles,
    notices: LimitedNotices,
  ) {
    this.#context = context;
    this.#devices = devices;
    this.#alerts = alerts;
    this.#troubles = troubles;
    this.#notices = notices;
  }

  signal(signal: Signal): void {
    const device = this.#devices.get(signal.device);
    if (device === undefined) {
      // The driver and the core are built from one configuration; if they ever differ, a press must not vanish.
      const text = `${signal.body.type} from device ${signal.device}, which the configuration does not know`;
      this.#troubles.notice('unknownDevice', signal.device, text);
      return;
    }
    const identity = signal.identity ?? this.#ownIdentity();
    if (signal.identity !== undefined) {
      const freshness = device.window.check(identity);
      if (freshness === 'repeat') this.#repeated(signal, device, identity);
      else if (freshness === 'behind') this.#behind(signal, device.device, identity);
      else if (freshness === 'stale') this.#stale(signal, device.device, identity);
      if (freshness !== 'new') return;
    }
    if (signal.body.type === 'press') this.#press(signal, device.device, identity, signal.body);
    // After the press was taken on: were that to fail, its repeats must not be told that it was heard.
    if (signal.identity !== undefined) device.window.accept(identity);
    device.proven();
    this.#rest(signal, device, identity);
  }

  /** An alert that was not over when the gateway stopped. */
  restoreAlert(kept: KeptAlert): void {
    const { raised } = kept;
    // Read late, it may have been heard anew from the device meanwhile.
    if (this.#alerts.knows(raised.id)) return;
    const { pattern, epoch, counter, authenticated } = raised;
    const { isStandIn, ...origin } = originOf(raised, this.#context.site);
    // The configuration changed while an alert was open: it is still owed to the receivers, as it was.
    if (isStandIn) this.#context.log('warn', 'alert.orphaned', { alert: raised.id, text: raised.report.text });
    this.#alerts.restore({ ...origin, pattern, identity: { epoch, counter }, authenticated }, kept);
  }

  #press(signal: Signal, device: Device, identity: Identity, press: { button: number; pattern: PressPattern }): void {
    const button = device.buttons.get(press.button);
    if (button === undefined) {
      const text = `Press of button ${press.button}, which is not configured: ${device.id}, ${device.location.text}`;
      this.#troubles.notice('unknownButton', `${device.id}.${press.button}`, text, device);
      return; // Not answered yet: by its first repeat the notice is in the journal.
    }
    const kindId = button.patternKinds?.get(press.pattern) ?? button.kind;
    const kind = this.#context.site.kinds.get(kindId);
    if (kind === undefined)
      throw new Error(`kind ${kindId} of button ${button.id} is not in the checked configuration`);
    const { authenticated, capturedMs } = signal;
    const { pattern } = press;
    const alert = this.#alerts.raise({ device, button, kind, pattern, identity, authenticated, capturedMs });
    this.#publishEvent(signal, identity, { type: 'press', button: button.id, pattern, alert: alert.id });
  }

  #rest(signal: Signal, device: DeviceSupervision, identity: Identity): void {
    const { body } = signal;
    switch (body.type) {
      case 'press':
        return;
      case 'release':
        this.#publishEvent(signal, identity, { type: 'release', button: buttonName(device.device, body.button) });
        break;
      case 'point':
        device.pointHeard(body.point, body.active, identity);
        break;
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
    this.#answer(signal, identity, 'heard');
  }

  /**
   * The device has not heard our answer, or asks how far its press has come. A repeat proves nothing, it may be a recording; but while
   * a press has had no answer that ends its calling, its repeats are all that the device sends, and the only sign of its life.
   */
  #repeated(signal: Signal, device: DeviceSupervision, identity: Identity): void {
    if (signal.body.type !== 'press') this.#answer(signal, identity, 'heard');
    else if (!this.#answerPress(signal, identity)) device.proven();
  }

  /** False if nothing could be said yet that lets the device stop calling. */
  #answerPress(signal: Signal, identity: Identity): boolean {
    const statuses = this.#alerts.statusesOf(alertId(signal.device, identity));
    for (const status of statuses) this.#answer(signal, identity, status);
    return statuses.some((status) => status !== 'notConfirmed');
  }

  /**
   * A node may enquire about a press for an hour, while its counter runs on: if the alert is still known, the frame can only be a
   * repeat of it, and the wall is told how far it has come. Anything else this old is not believed.
   */
  #behind(signal: Signal, device: Device, identity: Identity): void {
    const known = signal.body.type === 'press' && this.#alerts.knows(alertId(signal.device, identity));
    if (known) this.#answerPress(signal, identity);
    else this.#stale(signal, device, identity);
  }

  /** Older than anything a device may still repeat: a recording, or a node whose epoch was lost. Told, but bounded: a replay must not flood. */
  #stale({ body, input }: Signal, device: Device, identity: Identity): void {
    if (body.type === 'press') {
      this.#notices.tell(stalePress(input, device, identity));
      return;
    }
    const { monoMs } = this.#context.now;
    if (monoMs - (this.#staleLoggedMs.get(device.id) ?? Number.NEGATIVE_INFINITY) < STALE_LOG_GAP_MS) return;
    this.#staleLoggedMs.set(device.id, monoMs);
    this.#context.log('warn', 'signal.stale', {
      device: device.id,
      says: body.type,
      epoch: identity.epoch,
      counter: identity.counter,
    });
  }

  #answer(signal: Signal, identity: Identity, status: WallStatus): void {
    if (signal.identity === undefined) return;
    this.#context.emit({ type: 'answer', input: signal.input, device: signal.device, identity, status });
  }

  #publishEvent(
    signal: Signal,
    identity: Identity,
    event: Pick<EventDocument, 'type' | 'button' | 'pattern' | 'alert'>,
  ): void {
    const document: EventDocument = {
      event_id: alertId(signal.device, identity),
      device: signal.device,
      ...event,
      at: this.#context.iso(),
      mono_ms: Math.round(signal.capturedMs * 1000) / 1000,
    };
    this.#context.publish({ kind: 'event', document });
  }

  /** For wires that number nothing: this start of the gateway is the epoch. */
  #ownIdentity(): Identity {
    this.#ownCounter += 1;
    return { epoch: this.#context.session, counter: this.#ownCounter };
  }
}

function buttonName(device: Device, number: number): string {
  const button: Button | undefined = device.buttons.get(number);
  return button?.id ?? String(number);
}
