import type * as z from 'zod';
import type { FirmataSettings } from '../../inputs/firmata/settings.ts';
import { defaultsSchema, deviceSchema } from '../fields/device-schema.ts';
import { choice, mapping, number, text, whole } from '../fields/fields.ts';
import { pinOutputSchema } from '../fields/output-schema.ts';
import { seconds } from '../fields/values.ts';
import type { View } from '../read/view.ts';
import { type ContactView, contactsOf, Pins, warnOfBareContacts } from './check-contacts.ts';
import {
  buttonContacts,
  contactFields,
  isBare,
  pressFields,
  wiredContacts,
  wiresSupervised,
} from './contact-fields.ts';
import type { InputConfig } from './input-config.ts';
import { baudRate, driverName, inputId, serialPort } from './input-fields.ts';

const pin = (pattern: RegExp, what: string, about: string) => text(pattern, what, about).transform(pinName);

const contact = {
  ...contactFields,
  pin: pin(
    /^([Aa]\d{1,2}|\d{1,3})$/,
    'a pin as printed on the board: digital 2, analogue A0',
    'Pin as printed on the board: digital 2; analogue A0 for loops with end-of-line resistors.',
  ),
  pull: choice(
    ['up', 'none'],
    'What holds the pin while a bare contact is open; none: a resistor outside. Default up.',
  ).optional(),
};

const own = {
  device: {
    heartbeatSeconds: number(
      10,
      3600,
      10,
      'The device is missing when its pins have not been read for this long, some times over. The driver reports them again every 10 s.',
    ).default(10),
  },
  button: { ...contact, ...pressFields },
  point: contact,
};
const input = mapping(
  {
    id: inputId,
    driver: driverName('firmata', 'Board with Firmata firmware on a USB serial port.'),
    port: serialPort,
    // StandardFirmata's own.
    baudRate: baudRate(57_600),
    pollSeconds: number(
      0.2,
      60,
      1,
      'How often the gateway polls the board. It is lost after three polls without an answer.',
    ).default(1),
    samplingMilliseconds: whole(10, 100, 20, 'Analogue inputs are sampled this often.').default(20),
    defaults: defaultsSchema(own),
  },
  '{ id: board-1, driver: firmata, port: /dev/serial/by-id/… }',
);

const device = deviceSchema(own);
const output = pinOutputSchema(
  pin(/^\d{1,3}$/, 'a digital pin as printed on the board, such as 7', 'Digital pin, for example 7.'),
);

type Device = z.output<typeof device>;

export const firmata: InputConfig<z.output<typeof input>, Device, z.output<typeof output>, FirmataSettings> = {
  input,
  device,
  own,
  output,
  check(view, { devices, outputs }, { ports }) {
    ports.add(view, 'port', view.text('port'));
    const pins = new Pins(pinName);
    for (const each of devices) for (const one of contactsOf(each)) checkContact(one, pins);
    for (const each of outputs) checkPin(each, pins);
    const hint = 'a button whose cable matters needs an analogue pin with contact: doubleEndOfLine or endOfLine';
    warnOfBareContacts(view, devices, hint);
  },
  hasKey: () => false,
  traits: (_, written) => ({
    heartbeatSeconds: written.heartbeatSeconds,
    wiresSupervised: wiresSupervised(written),
    // A loop must be in the band for several samples. The board has already sampled a digital pin's
    // change.
    contacts: buttonContacts(written.buttons, ({ contact }) => (isBare(contact) ? 0 : 20)),
  }),
  settings: ({ driver, id, port, baudRate, pollSeconds, samplingMilliseconds }, devices, outputs) => ({
    driver,
    id,
    port,
    baudRate,
    pollMs: seconds(pollSeconds),
    samplingMs: samplingMilliseconds,
    contacts: devices.flatMap((each) =>
      wiredContacts(each, ({ pin, contact, pull }) => {
        return { pin, contact, pull: pull ?? (isBare(contact) ? 'up' : 'none') };
      }),
    ),
    outputs: outputs.map(({ id, pin, type, activeLow }) => ({ id, pin, type, activeLow })),
  }),
};

function checkContact({ view, name }: ContactView, pins: Pins): void {
  checkPin(view, pins);
  const pin = view.text('pin');
  const contact = view.text('contact');
  if (contact === undefined || isBare(contact)) return;
  if (pin !== undefined && !isAnalogue(pin))
    view.wrong(
      'pin',
      `${name}: ${contact} is measured, and pin ${pin} is digital`,
      'write an analogue pin, such as A0',
    );
  if (view.text('pull') === 'up') view.wrong('pull', `${name}: ${contact} has its resistor outside`, 'remove pull');
}

function checkPin(view: View, pins: Pins): void {
  pins.add(view, 'pin');
  const pin = view.text('pin');
  // Arduino Uno and its relatives: these two carry the USB serial port, and so Firmata itself.
  if (pin === '0' || pin === '1')
    view.warn('pin', `on many boards pin ${pin} carries the serial line to the gateway`, 'take another pin, such as 2');
}

function isAnalogue(pin: string): boolean {
  return /^A/i.test(pin);
}

function pinName(pin: string): string {
  return isAnalogue(pin) ? `A${Number(pin.slice(1))}` : String(Number(pin));
}
