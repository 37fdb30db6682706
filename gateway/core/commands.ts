import type { GatewayCommand } from '../../protocol/mqtt-documents.ts';
import type { AlertBook } from './alert-book.ts';
import type { Context } from './context.ts';
import type { DeviceSupervision } from './device-supervision.ts';

/** What an operator may ask for. */
export class Commands {
  readonly #context: Context;
  readonly #alerts: AlertBook;
  readonly #devices: ReadonlyMap<string, DeviceSupervision>;

  constructor(context: Context, alerts: AlertBook, devices: ReadonlyMap<string, DeviceSupervision>) {
    this.#context = context;
    this.#alerts = alerts;
    this.#devices = devices;
  }

  take(command: GatewayCommand): void {
    const { by, reason } = command;
    switch (command.command) {
      case 'resolve':
        this.#alerts.close(command.alert, 'resolved', by, reason);
        break;
      case 'cancel':
        this.#alerts.close(command.alert, 'cancelled', by, reason);
        break;
      case 'enrol':
        this.#enrol(command.device, command.minutes, { by, reason });
        break;
    }
  }

  enrolmentOver(device: string): void {
    this.#devices.get(device)?.numbering.endEnrolment();
    this.#context.log('info', 'enrolment.over', { device });
  }

  /** For some minutes the device may begin its counter anew; before and after, a lower counter is a recording. */
  #enrol(device: string, minutes: number, who: { readonly by: string; readonly reason: string }): void {
    const known = this.#devices.get(device);
    if (known === undefined || !known.device.counterOnly) {
      const why = 'no such device with a counter of its own';
      this.#context.log('warn', 'command.refused', { device, by: who.by, why });
      return;
    }
    known.numbering.beginEnrolment();
    const { timers, now } = this.#context;
    timers.set(`enrolment:${device}`, now.monoMs + minutes * 60_000, { type: 'enrolmentEnd', device });
    this.#context.log('warn', 'enrolment.open', { device, minutes, ...who });
  }
}
