import * as z from 'zod';
import type { ModbusSettings } from '../../inputs/modbus/settings.ts';
import { deviceSchema } from '../fields/device-schema.ts';
import { choice, expected, mapping, number, text, whole } from '../fields/fields.ts';
import { Unique } from '../fields/unique.ts';
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

const input = mapping(
  {
    id: inputId,
    driver: driverName('modbus', 'RS-485 line of Modbus RTU input modules.'),
    port: serialPort,
    baudRate: baudRate(38_400),
    parity: choice(['none', 'even', 'odd'], 'Parity on the line; the same on every module.').default('none'),
    stopBits: z
      .union([z.literal(1), z.literal(2)], expected('1 or 2'))
      .describe('Stop bits on the line.')
      .default(1),
    answerMilliseconds: whole(5, 1000, 30, "Longest wait for a module's answer.").default(30),
  },
  '{ id: modules, driver: modbus, port: /dev/serial/by-id/… }',
);

const contact = {
  ...contactFields,
  pin: text(
    /^(\d{1,3}|1\d{3})$/,
    'the number of the input on the module, from 0, such as 0',
    'Address of the input on its module, from 0 (a terminal marked DI1 or X1 usually is 0).',
  ).transform(pinName),
};

const own = {
  device: {
    address: whole(1, 247, 1, 'Slave address of the module, 1…247.'),
    table: choice(['discreteInputs', 'coils'], 'Function that reads the inputs: 02 discrete inputs, 01 coils.').default(
      'discreteInputs',
    ),
    heartbeatSeconds: number(
      1,
      3600,
      2,
      'The module is missing when it has not answered for this long, some times over.',
    ).default(2),
  },
  button: { ...contact, ...pressFields },
  point: contact,
};
const device = deviceSchema(own);

type Device = z.output<typeof device>;

export const modbus: InputConfig<z.output<typeof input>, Device, never, ModbusSettings> = {
  input,
  device,
  own,
  check(view, { devices }, { ports }) {
    ports.add(view, 'port', view.text('port'));
    const addresses = new Unique('a module is one device, with all its buttons and points; give each its own address');
    for (const each of devices) {
      const address = each.text('address');
      addresses.add(each, 'address', address, `address ${address} on ${view.text('id')}`);
      const pins = new Pins(pinName);
      for (const one of contactsOf(each)) checkContact(one, pins);
    }
    const hint = 'a button whose cable matters belongs on an input with contact: endOfLine (gpio, firmata)';
    warnOfBareContacts(view, devices, hint);
  },
  hasKey: () => false,
  traits: (_, written) => ({
    heartbeatSeconds: written.heartbeatSeconds,
    wiresSupervised: wiresSupervised(written),
    // The module filters its inputs, and a poll may see a press only once.
    contacts: buttonContacts(written.buttons, () => 0),
  }),
  settings: ({ driver, id, port, baudRate, parity, stopBits, answerMilliseconds }, devices) => ({
    driver,
    id,
    port,
    baudRate,
    parity,
    stopBits,
    answerMs: answerMilliseconds,
    modules: devices.map((each) => {
      const contacts = wiredContacts(each, ({ pin, contact }) => ({ pin, contact, pull: 'none' }));
      return { device: each.id, address: each.address, table: each.table, contacts };
    }),
  }),
};

function checkContact({ view, name }: ContactView, pins: Pins): void {
  pins.add(view, 'pin');
  const contact = view.text('contact');
  if (contact === undefined || isBare(contact)) return;
  const hint = 'write normallyOpen or normallyClosed, or wire the button to an input that can (gpio, firmata)';
  view.wrong('contact', `${name}: a module reads one bit, which can't tell the states of ${contact}`, hint);
}

function pinName(pin: string): string {
  return String(Number(pin));
}
