import * as z from 'zod';
import type { ModbusSettings } from '../../inputs/modbus/settings.ts';
import { choice, expected, id, mapping, text, whole } from '../fields/fields.ts';
import type { View } from '../read/view.ts';

/** Fields of inputs that several drivers share. */
export const inputId = id('Name of the input, for example bus-1.');

export const driverName = <const T extends string>(name: T, about: string) =>
  z.literal(name, expected(name)).describe(about);

export const serialPort = text(
  /^[^\p{Cc}]{1,4096}$/u,
  'the port as listed in /dev/serial/by-id/',
  'Serial port, by its stable name: /dev/serial/by-id/… (ls -l /dev/serial/by-id).',
);

export const baudRate = (usual: number) => whole(1200, 4_000_000, usual, 'Bits a second on the line.').default(usual);

const rtsDelay = (about: string) => whole(0, 100, 1, about).default(0);

/** How the kernel switches an RS-485 transceiver behind a UART of the board itself. */
export const rs485 = mapping(
  {
    rts: choice(['onSend', 'afterSend'], 'When RTS is set: while sending, or at all other times.'),
    delayBeforeMilliseconds: rtsDelay('From RTS to the first bit.'),
    delayAfterMilliseconds: rtsDelay('From the last bit to RTS. A module may answer after 2 ms.'),
  },
  '{ rts: onSend }',
)
  .describe(
    'The kernel switches the direction of RS-485 by RTS. Only for UARTs on the board; USB adapters do it themselves.',
  )
  .optional();

export function rs485Mode(written: z.output<typeof rs485>): Pick<ModbusSettings, 'rs485'> {
  if (written === undefined) return {};
  const { rts, delayBeforeMilliseconds, delayAfterMilliseconds } = written;
  return { rs485: { rts, delayBeforeMs: delayBeforeMilliseconds, delayAfterMs: delayAfterMilliseconds } };
}

/** A USB adapter's chip switches the direction itself, and its driver refuses the setting. */
export function checkRs485(view: View): void {
  const port = view.text('port') ?? '';
  if (!view.isMapping('rs485') || !/^\/dev\/(serial\/by-(id|path)\/.*usb|tty(USB|ACM))/.test(port)) return;
  const hint = 'leave out rs485, and use an adapter that switches its direction itself';
  view.wrong('rs485', 'the drivers of USB adapters do not switch the direction by RTS', hint);
}
