import type * as z from 'zod';
import type { GpioSettings } from '../../inputs/gpio/settings.ts';
import { gpioProblem } from '../../inputs/gpio-chip-files.ts';
import { freedOutputs } from '../../inputs/gpio-freed-outputs.ts';
import { bcmNumber, HEADER_GPIO_MAX, hasHeader } from '../../inputs/gpio-header.ts';
import { secondJob } from '../../inputs/gpio-second-jobs.ts';
import { defaultsSchema, deviceSchema } from '../fields/device-schema.ts';
import { choice, mapping, number, text, whole } from '../fields/fields.ts';
import { pinOutputSchema } from '../fields/output-schema.ts';
import { seconds } from '../fields/values.ts';
import type { View } from '../read/view.ts';
import { type ContactView, contactsOf, Pins, warnOfBareContacts } from './check-contacts.ts';
import { buttonContacts, contactFields, pressFields, wiredContacts, wiresSupervised } from './contact-fields.ts';
import type { InputConfig } from './input-config.ts';
import { driverName, inputId } from './input-fields.ts';

const pin = (about: string) =>
  text(
    // GPIO_MAX_NAME_SIZE of include/uapi/linux/gpio.h, without the zero at its end.
    /^[^\p{Cc}]{1,31}$/u,
    "a line of the header by its GPIO number, or the kernel's name of a line, such as GPIO17",
    about,
  ).transform(lineName);

const contact = {
  ...contactFields,
  pin: pin("Line of the header by its GPIO number (GPIO17), or the kernel's name of a line (SDA1)."),
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
const input = mapping(
  {
    id: inputId,
    driver: driverName('gpio', "Contacts and outputs on the Pi's own header."),
    chip: text(
      /^[^\p{Cc}\s]{1,255}$/u,
      'a device file or label, such as /dev/gpiochip0 or pinctrl-rp1',
      "Device file or label of the GPIO chip; default: the one that has most of the lines named, a Pi's header before others.",
    ).optional(),
    rereadSeconds: whole(1, 3600, 10, 'Levels are read anew this often, in case an edge was lost.').default(10),
    defaults: defaultsSchema(own),
  },
  '{ id: header, driver: gpio }',
);

const device = deviceSchema(own);
const output = pinOutputSchema(pin("Line of the header by its GPIO number (GPIO5), or the kernel's name of a line."));

type Device = z.output<typeof device>;

export const gpio: InputConfig<z.output<typeof input>, Device, z.output<typeof output>, GpioSettings> = {
  input,
  device,
  own,
  output,
  check(view, { devices, outputs }) {
    checkChip(view);
    const pins = new Pins(canonicalName);
    const chip = view.text('chip');
    for (const each of devices) {
      checkHeartbeat(view, each);
      for (const one of contactsOf(each)) checkContact(one, pins, chip);
    }
    for (const each of outputs) {
      checkPin(each, 'pin', pins, chip);
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

function checkContact({ view, name }: ContactView, pins: Pins, chip: string | undefined): void {
  checkPin(view, 'pin', pins, chip);
  checkPin(view, 'cutPin', pins, chip);
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

function checkPin(view: View, key: string, pins: Pins, chip: string | undefined): void {
  pins.add(view, key);
  const written = view.text(key);
  if (written === undefined) return;
  const line = lineName(written);
  const number = bcmNumber(line);
  if (number === undefined) {
    checkName(view, key, line, chip);
    return;
  }
  if (!isForHeader(chip)) return;
  const job = secondJob(number);
  const name = line === canonicalName(line) ? line : `${line} (${canonicalName(line)})`;
  if (job !== undefined) view.warn(key, `${name} ${job.what}`, `choose another line, such as GPIO17, or ${job.free}`);
  else if (number > HEADER_GPIO_MAX)
    view.warn(key, `a Pi's header has no ${line}`, 'the header has GPIO0 to GPIO27; is this another board?');
}

/** A name that no header has: on another chip it may be right, which shows only there. */
function checkName(view: View, key: string, line: string, chip: string | undefined): void {
  const number = /\d+$/.exec(line)?.[0];
  const near = number === undefined || Number(number) > HEADER_GPIO_MAX ? undefined : `GPIO${Number(number)}`;
  if (chip !== undefined && hasHeader(chip)) {
    const hint = `write a line of the header by its GPIO number, such as ${near ?? 'GPIO17'}`;
    view.wrong(key, `${key} is "${line}", which is no line of a Pi's header`, hint);
  } else if (isForHeader(chip)) {
    const hint = `${near === undefined ? '' : `did you mean ${near}? `}gpioinfo lists the names that the chips of a machine have`;
    view.warn(key, `no Pi's header has a line "${line}": it is taken for the kernel's name of a line`, hint);
  }
}

/** True unless the chip is named and is none of a Pi's header. */
function isForHeader(chip: string | undefined): boolean {
  return chip === undefined || chip.startsWith('/') || hasHeader(chip);
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
    'add dtparam=strict_gpiod to /boot/firmware/config.txt and restart the Pi (read in its kernel, not tried), and let the service restart the gateway';
  output.warn('shows', message, hint);
}

/** GPIO17 for 17 and gpio17; the kernel's names as they are. */
function lineName(pin: string): string {
  return /^(gpio)?\d{1,3}$/i.test(pin) ? `GPIO${Number(pin.replace(/^gpio/i, ''))}` : pin;
}

/** The same for all names of one line of the header. */
function canonicalName(pin: string): string {
  const line = lineName(pin);
  const number = bcmNumber(line);
  return number === undefined ? line : `GPIO${number}`;
}
