import * as z from 'zod';
import type { ModbusSettings } from '../../inputs/modbus/settings.ts';
import { InputMap, isBits, looksLikeItsAnswer, spanMistake } from '../../inputs/modbus-input-map.ts';
import { defaultsSchema, deviceSchema } from '../fields/device-schema.ts';
import { choice, expected, mapping, number, text, whole } from '../fields/fields.ts';
import { Unique } from '../fields/unique.ts';
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
import { baudRate, checkRs485, driverName, inputId, rs485, rs485Mode, serialPort } from './input-fields.ts';

const contact = {
  ...contactFields,
  pin: text(
    /^(\d{1,3}|1\d{3})$/,
    'the number of the input on the module, from 0, such as 0',
    'Number of the input on its module, from 0 (a terminal marked DI1 or X1 usually is 0).',
  ).transform(pinName),
};

const TABLES = ['discreteInputs', 'coils', 'holdingRegisters', 'inputRegisters'] as const;

const own = {
  device: {
    address: whole(1, 247, 1, 'Slave address of the module, 1…247.'),
    table: choice(
      TABLES,
      'Where the module shows its inputs: discrete inputs (function 02), coils (01), holding registers (03) or input registers (04).',
    ).default('discreteInputs'),
    firstAddress: whole(
      0,
      65_535,
      192,
      "Address of the module's first input, or of the register that holds it, counted from 0 as on the wire.",
    ).default(0),
    inputsPerRegister: z
      .union([z.literal(16), z.literal(8), z.literal(1)], expected('16, 8 or 1'))
      .describe('Inputs in one register, the first in its lowest bit. Only for tables of registers.')
      .default(16),
    inputCount: whole(
      1,
      2_000,
      8,
      'Number of inputs that each request reads. Default: those that are used. Some modules answer only for all.',
    ).optional(),
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
    rs485,
    answerMilliseconds: whole(5, 1000, 30, "Longest wait for a module's answer.").default(30),
    defaults: defaultsSchema(own),
  },
  '{ id: modules, driver: modbus, port: /dev/serial/by-id/… }',
);

const device = deviceSchema(own);

type Device = z.output<typeof device>;

export const modbus: InputConfig<z.output<typeof input>, Device, never, ModbusSettings> = {
  input,
  device,
  own,
  check(view, { devices }, { ports }) {
    ports.add(view, 'port', view.text('port'));
    checkRs485(view);
    const addresses = new Unique('a module is one device, with all its buttons and points; give each its own address');
    for (const each of devices) {
      const address = each.text('address');
      addresses.add(each, 'address', address, `address ${address} on ${view.text('id')}`);
      const pins = new Pins(pinName);
      for (const one of contactsOf(each)) checkContact(one, pins);
      checkLayout(each);
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
  settings: ({ driver, id, port, baudRate, parity, stopBits, rs485, answerMilliseconds }, devices) => ({
    driver,
    id,
    port,
    baudRate,
    parity,
    stopBits,
    ...rs485Mode(rs485),
    answerMs: answerMilliseconds,
    modules: devices.map((each) => {
      const contacts = wiredContacts(each, ({ pin, contact }) => ({ pin, contact, pull: 'none' }));
      const { address, table, firstAddress, inputsPerRegister, inputCount } = each;
      return { device: each.id, address, table, firstAddress, inputsPerRegister, inputCount, contacts };
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

/** The request that the driver would make of these fields. */
function checkLayout(device: View): void {
  const table = TABLES.find((each) => each === (device.text('table') ?? 'discreteInputs'));
  const address = device.number('address');
  if (table === undefined || address === undefined) return;
  if (isBits(table) && device.has('inputsPerRegister')) {
    const hint = 'leave it out, or write table: holdingRegisters or table: inputRegisters';
    device.wrong('inputsPerRegister', `${table} are single bits, not registers`, hint);
    return;
  }
  const perRegister = device.number('inputsPerRegister');
  const inputCount = device.number('inputCount');
  const used = contactsOf(device).flatMap(({ view }) => {
    const pin = view.text('pin');
    return pin === undefined ? [] : Number(pin);
  });
  const beyond = used.find((pin) => pin >= (inputCount ?? Number.POSITIVE_INFINITY));
  if (beyond !== undefined) {
    const hint = 'pins count from 0; correct the pin or inputCount';
    device.wrong('inputCount', `input ${beyond} is used, and only inputs 0 to ${(inputCount ?? 0) - 1} are read`, hint);
    return;
  }
  const firstAddress = device.number('firstAddress') ?? 0;
  const inputsPerRegister = perRegister === 1 || perRegister === 8 ? perRegister : 16;
  const { span } = new InputMap({ table, firstAddress, inputsPerRegister, inputCount }, used);
  const key = device.has('firstAddress') ? 'firstAddress' : 'address';
  const mistake = spanMistake(span);
  if (mistake !== undefined) {
    device.wrong(key, mistake, 'correct firstAddress, inputCount or the pins');
  } else if (looksLikeItsAnswer(address, span)) {
    const hint = 'write another inputCount, or give the module another address';
    device.wrong(key, 'the request to this module has the form of its answer: an echo would pass for it', hint);
  }
}

function pinName(pin: string): string {
  return String(Number(pin));
}
