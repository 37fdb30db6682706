import type { Firmata, Pin } from 'firmata-io';
import type { LoopWiring } from '../../../protocol/supervised-loop.ts';
import type { WiredContact, WiredOutput } from '../wired-contact.ts';

/** How a contact is read on this board. */
export type ContactPlan = DigitalPlan | LoopPlan;

export interface DigitalPlan {
  readonly type: 'digital';
  readonly contact: WiredContact;
  readonly pin: number;
  readonly cutPin: number | undefined;
}

export interface LoopPlan {
  readonly type: 'loop';
  readonly contact: WiredContact;
  readonly wiring: LoopWiring;
  readonly pin: number;
  /** 0…15 */
  readonly channel: number;
}

/** What a board can't do, in words for a person. */
export class PinFault extends Error {}

/** An analogue report has four bits for the channel. */
const CHANNELS = 16;

/** @throws PinFault if the board can't read the contact. */
export function planContact(contact: WiredContact, io: Firmata): ContactPlan {
  const pin = indexOf(contact.pin, io);
  if (contact.contact === 'doubleEndOfLine') return planLoop(contact, 'doubleEndOfLine', pin, io);
  if (contact.contact === 'endOfLine' && contact.cutPin === undefined) return planLoop(contact, 'endOfLine', pin, io);
  const cutPin = contact.cutPin === undefined ? undefined : indexOf(contact.cutPin, io);
  for (const [index, name] of [
    [pin, contact.pin],
    [cutPin, contact.cutPin],
  ] as const) {
    if (index !== undefined && name !== undefined) checkInput(name, contact.pull, io.pins[index], io);
  }
  return { type: 'digital', contact, pin, cutPin };
}

interface OutputPlan {
  readonly pin: number;
  /** As johnny-five wants it: by its number it would take pin 14 of an Uno for pin 0. */
  readonly name: number | string;
}

/** @throws PinFault if the pin can't be an output. */
export function planOutput(output: WiredOutput, io: Firmata): OutputPlan {
  const pin = indexOf(output.pin, io);
  if (io.pins[pin]?.supportedModes.includes(io.MODES.OUTPUT) !== true) {
    throw new PinFault(`pin ${output.pin} can't be an output`);
  }
  const channel = io.analogPins.indexOf(pin);
  return { pin, name: channel >= 0 ? `A${channel}` : pin };
}

function planLoop(contact: WiredContact, wiring: LoopWiring, pin: number, io: Firmata): LoopPlan {
  const channel = io.analogPins.indexOf(pin);
  if (channel < 0 || io.pins[pin]?.supportedModes.includes(io.MODES.ANALOG) !== true) {
    throw new PinFault(`pin ${contact.pin} has no analogue input`);
  }
  if (channel >= CHANNELS) throw new PinFault(`pin ${contact.pin} can't be reported: Firmata reports A0 to A15`);
  return { type: 'loop', contact, wiring, pin, channel };
}

function checkInput(name: string, pull: WiredContact['pull'], pin: Pin | undefined, io: Firmata): void {
  const can = (mode: number) => pin?.supportedModes.includes(mode) === true;
  if (!can(io.MODES.INPUT)) throw new PinFault(`pin ${name} can't be an input`);
  if (pull === 'up' && !can(io.MODES.PULLUP)) {
    throw new PinFault(`pin ${name} has no pull-up: fit a resistor, and write pull: none`);
  }
  if (pull === 'down')
    throw new PinFault(`pin ${name} has no pull-down: wire the contact to ground, and write pull: up`);
}

function indexOf(name: string, io: Firmata): number {
  const [, letter, digits] = /^(A?)(\d+)$/.exec(name) ?? [];
  const number = Number(digits);
  const pin = letter === 'A' ? io.analogPins[number] : number;
  if (pin !== undefined && io.pins[pin] !== undefined) return pin;
  throw new PinFault(
    `there is no pin ${name}: it has 0 to ${io.pins.length - 1} and A0 to A${io.analogPins.length - 1}`,
  );
}
