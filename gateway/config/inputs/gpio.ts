import type * as z from 'zod';
import type { GpioSettings } from '../../inputs/gpio/settings.ts';
import { gpioProblem } from '../../inputs/gpio-chip-files.ts';
import { freedOutputs } from '../../inputs/gpio-freed-outputs.ts';
import { deviceSchema } from '../fields/device-schema.ts';
import { choice, mapping, number, text, whole } from '../fields/fields.ts';
import { pinOutputSchema } from '../fields/output-schema.ts';
import { seconds } from '../fields/values.ts';
import type { View } from '../read/view.ts';
import { type ContactView, contactsOf, Pins, warnOfBareContacts } from './check-contacts.ts';
import { buttonContacts, contactFields, pressFields, wiredContacts, wiresSupervised } from './contact-fields.ts';
import type { InputConfig } from './input-config.ts';
import { driverName, inputId } from './input-fields.ts';

const input = mapping(
  {
    id: inputId,
    driver: driverName('gpio', "Contacts and outputs on the Pi's own header."),
    chip: text(
      /^[^\p{Cc}\s]{1,255}$/u,
      'a device file or label, such as /dev/gpiochip0 or pinctrl-rp1',
      'Device file or label of the GPIO chip; default: the one that has all the lines named.',
    ).optional(),
    rereadSeconds: whole(1, 3600, 10, 'Levels are read anew this often, in case an edge was lost.').default(10),
  },
  '{ id: header, driver: gpio }',
);

const pin = (about: string) =>
  text(/^([Gg][Pp][Ii][Oo])?\d{1,3}$/, 'a line of the header by its GPIO number, such as GPIO17', about).transform(
    lineName,
  );

const contact = {
  ...contactFields,
  pin: pin('Line of the header, for example GPIO17.'),
  cutPin: pin('Line that a window comparator pulls active when the cable is cut; with endOfLine only.').optional(),
  pull: choice(
    ['up', 'down', 'none'],
    'What holds the line while the contact is open; none: a resistor outside.',
  ).default('up'),
};

const own = {
  device: {
    heartbeatSeconds: number(
      1,
      3600,
      10,
      'The device is missing when its lines have not been read for this long, some times over; default: rereadSeconds.',
    ).optional(),
  },
  button: { ...contact, ...pressFields },
  point: contact,
};
const device = deviceSchema(own);
const output = pinOutputSchema(pin('Line of the header, for example GPIO5.'));

type Device = z.output<typeof device>;

export const gpio: InputConfig<z.output<typeof input>, Device, z.output<typeof output>, GpioSettings> = {
  input,
  device,
  own,
  output,
  check(view, { devices, outputs }) {
    checkChip(view);
    const pins = new Pins(lineName);
    for (const each of devices) {
      checkHeartbeat(view, each);
      for (const one of contactsOf(each)) checkContact(one, pins);
    }
    for (const each of outputs) {
      checkPin(each, 'pin', pins);
      checkFreed(each);
    }
    const hint = 'a button whose cable matters needs contact: endOfLine with a cutPin';
    warnOfBareContacts(view, devices, hint);
  },
  hasKey: () => false,
  traits: ({ rereadSeconds }, written) => ({
    heartbeatSeconds: written.heartbeatSeconds ?? rereadSeconds,
    wiresSupervised: wiresSupervised(written),
    // Anything shorter than 2 ms is interference, not a finger. The kernel's edges are exact enough
    // to distinguish them.
    contacts: buttonContacts(written.buttons, () => 2),
  }),
  settings: ({ driver, id, chip, rereadSeconds }, devices, outputs) => ({
    driver,
    id,
    ...(chip === undefined ? {} : { chip }),
    rereadMs: seconds(rereadSeconds),
    contacts: devices.flatMap((each) =>
      wiredContacts(each, ({ pin, cutPin, contact, pull }) => {
        return { pin, ...(cutPin === undefined ? {} : { cutPin }), contact, pull };
      }),
    ),
    outputs: outputs.map(({ id, pin, type, activeLow }) => ({ id, pin, type, activeLow })),
  }),
};

function checkContact({ view, name }: ContactView, pins: Pins): void {
  checkPin(view, 'pin', pins);
  checkPin(view, 'cutPin', pins);
  const contact = view.text('contact');
  if (contact === 'doubleEndOfLine') {
    const hint = 'write endOfLine with a cutPin, or wire the loop to an analogue pin of a firmata board';
    view.wrong('contact', `${name}: the header has no analogue inputs, which doubleEndOfLine needs`, hint);
  } else if (contact === 'endOfLine' && !view.has('cutPin')) {
    view.wrong('contact', `${name}: endOfLine needs a second line that tells a cut cable`, 'write cutPin: GPIO23');
  } else if (contact !== 'endOfLine' && contact !== undefined && view.has('cutPin')) {
    view.wrong('cutPin', `${name}: only endOfLine has a cutPin`, 'write contact: endOfLine, or remove cutPin');
  }
}

/**
 * Lines with another function on a Pi's header: BCM numbers, from the Raspberry Pi documentation
 * ("GPIO and the 40-pin header").
 */
const OTHER_JOBS: ReadonlyMap<string, string> = new Map([
  ['GPIO0', 'reads the EEPROM of a HAT at start'],
  ['GPIO1', 'reads the EEPROM of a HAT at start'],
  ['GPIO2', 'has a fixed 1.8 kΩ pull-up and is an I2C bus'],
  ['GPIO3', 'has a fixed 1.8 kΩ pull-up and is an I2C bus'],
  ['GPIO14', 'is the serial console'],
  ['GPIO15', 'is the serial console'],
]);

function checkPin(view: View, key: string, pins: Pins): void {
  pins.add(view, key);
  const written = view.text(key);
  if (written === undefined) return;
  const line = lineName(written);
  const job = OTHER_JOBS.get(line);
  if (job !== undefined)
    view.warn(key, `${line} ${job}`, 'choose another line, such as GPIO17, or see that it is free');
  else if (Number(line.slice(4)) > 27)
    view.warn(key, `a Pi's header has no ${line}`, 'the header has GPIO0 to GPIO27; is this another board?');
}

function checkHeartbeat(input: View, device: View): void {
  const heartbeat = device.number('heartbeatSeconds');
  const reread = input.number('rereadSeconds') ?? 10;
  if (heartbeat === undefined || heartbeat >= reread) return;
  const message = `${input.text('id')} reads its lines anew every ${reread} s only`;
  device.wrong('heartbeatSeconds', message, `write ${reread} or more, or remove it, or make rereadSeconds smaller`);
}

function checkChip(input: View): void {
  const chip = input.text('chip');
  const problem = gpioProblem(chip);
  const hint = 'on the Pi itself this warning must be gone; elsewhere the input stays down';
  if (problem !== undefined) input.warn(chip?.startsWith('/') ? 'chip' : 'driver', problem, hint);
}

/** A relay that stays energised after the gateway has died shows the panel that all is well. */
export function checkFreed(output: View, freed = freedOutputs()): void {
  if (output.text('shows') !== 'trouble' || freed !== 'kept') return;
  const message = `this kernel leaves ${output.text('id')} as it was when the gateway dies: a crash while all is well shows no trouble`;
  const hint =
    'add dtparam=strict_gpiod to /boot/firmware/config.txt and start the Pi anew (read in its kernel, not tried), and let the service restart the gateway';
  output.warn('shows', message, hint);
}

function lineName(pin: string): string {
  return `GPIO${Number(pin.replace(/^GPIO/i, ''))}`;
}
