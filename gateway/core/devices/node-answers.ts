import type { AlertBook } from '../alerts/alert-book.ts';
import { alertId } from '../alerts/alert-id.ts';
import type { Context } from '../context.ts';
import type { Identity, Signal, WallStatus } from '../signal.ts';
import type { Proofs } from '../walk-test/proofs.ts';
import type { DeviceSupervision } from './device-supervision.ts';

/** Answers the nodes of a button bus, which repeat each message until it is answered. */
export class NodeAnswers {
  readonly #context: Context;
  readonly #alerts: AlertBook;
  readonly #proofs: Pick<Proofs, 'repeated'>;

  constructor(context: Context, alerts: AlertBook, proofs: Pick<Proofs, 'repeated'>) {
    this.#context = context;
    this.#alerts = alerts;
    this.#proofs = proofs;
  }

  /** A new message that is no press: `heard` is all that its sender waits for. */
  heard(signal: Signal, identity: Identity): void {
    this.#answer(signal, identity, 'heard');
  }

  /**
   * The device has not heard our answer, or asks about the state of its press. A repeat proves
   * nothing: it may be a recording. But while no answer has ended its calling, the device sends
   * nothing but repeats, and they are its only sign of life.
   */
  repeated(signal: Signal, device: DeviceSupervision, identity: Identity): void {
    if (signal.body.type === 'readings') return;
    const alert = alertId(signal.device, identity);
    // The release of a button that was held in a walk test raises an alert, too.
    if (signal.body.type !== 'press' && !this.#alerts.knows(alert)) {
      this.#answer(signal, identity, 'heard');
      return;
    }
    this.#proofs.repeated(alert);
    if (!this.#answerPress(signal, identity)) device.proven();
  }

  /**
   * A node may ask about a press for an hour while its counter runs on. If the alert is still
   * known, the frame can only be a repeat of it, and is answered with the state of the alert.
   *
   * @returns false for anything else this old, which is not accepted
   */
  behind(signal: Signal, identity: Identity): boolean {
    const isKnown = signal.body.type === 'press' && this.#alerts.knows(alertId(signal.device, identity));
    if (isKnown) this.#answerPress(signal, identity);
    return isKnown;
  }

  /** False if no answer is possible yet that ends the device's calling. */
  #answerPress(signal: Signal, identity: Identity): boolean {
    const statuses = this.#alerts.statusesOf(alertId(signal.device, identity));
    for (const status of statuses) this.#answer(signal, identity, status);
    return statuses.some((status) => status !== 'notConfirmed');
  }

  /** Wires without numbers have no answers. */
  #answer({ input, device, identity: numbered }: Signal, identity: Identity, status: WallStatus): void {
    if (numbered === undefined) return;
    this.#context.emit({ type: 'answer', input, device, identity, status });
  }
}
