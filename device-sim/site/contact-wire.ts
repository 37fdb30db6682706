import { unknownName } from '../known-names.ts';
import type { SimulatedContact, SimulatedDevice, SimulatedInput } from './site-file.ts';
import {
  cannotBefall,
  type DeviceFault,
  type GatewayNeeds,
  type Pressed,
  type SimulatedPoint,
  type Wire,
  type WireNotice,
} from './wire.ts';

/** The hardware that contacts are wired to: a header, a board, or a line of modules. */
export interface ContactBoard {
  /** Presses or opens the contact, or releases it. */
  set(device: SimulatedDevice, contact: SimulatedContact, active: boolean): void;
  /** Cuts or shorts the wires of a contact. `set` mends them. */
  breakWires(device: SimulatedDevice, contact: SimulatedContact, how: 'cut' | 'short'): void;
  /** The device hears and answers nothing, where each has a power supply of its own. */
  lose?(device: SimulatedDevice, isLost: boolean): void;
  unplug(): void;
  replug(): void;
  stop(): void;
  noise?(bytes: Uint8Array): void;
  /** Calls back with what passes between board and gateway, for a person. */
  onNotice?(listener: (text: string, isToGateway: boolean) => void): void;
  /** A device that the site does not have is there, and is pressed. */
  stranger?(): void;
  readonly gatewayNeeds?: GatewayNeeds;
  readonly ready?: Promise<void>;
}

/** Buttons and doors that are contacts. A contact is only open or closed. */
export class ContactWire implements Wire {
  readonly input: string;
  readonly devices: readonly string[];
  readonly #devices: ReadonlyMap<string, SimulatedDevice>;
  readonly #board: ContactBoard;
  readonly #listeners: ((notice: WireNotice) => void)[] = [];

  constructor(input: SimulatedInput, board: ContactBoard) {
    this.input = input.id;
    this.devices = input.devices.map(({ id }) => id);
    this.#devices = new Map(input.devices.map((device) => [device.id, device]));
    this.#board = board;
    for (const device of input.devices) {
      for (const contact of [...device.buttons, ...device.points]) board.set(device, contact, false);
    }
  }

  get ready(): Promise<void> {
    return this.#board.ready ?? Promise.resolve();
  }

  get gatewayNeeds(): GatewayNeeds {
    return this.#board.gatewayNeeds ?? { nodeArguments: [], environment: {} };
  }

  press(device: string, button: string): Pressed {
    this.#set(device, button, true);
    return {};
  }

  release(device: string, button: string): void {
    this.#set(device, button, false);
  }

  fault(device: string, fault: DeviceFault): void {
    const known = this.#device(device);
    if (fault.type === 'lost' && this.#board.lose !== undefined) this.#board.lose(known, fault.isOn);
    else if (fault.type !== 'cut' && fault.type !== 'short') throw cannotBefall(device, fault);
    else {
      const contacts = [...known.buttons, ...known.points];
      const contact = fault.contact === undefined ? contacts[0] : contacts.find(({ id }) => id === fault.contact);
      if (contact === undefined) throw new RangeError(`device ${device} has no contact "${fault.contact}"`);
      if (fault.isOn) this.#board.breakWires(known, contact, fault.type);
      else this.#board.set(known, contact, false);
    }
  }

  setPoint(device: string, type: SimulatedPoint, active: boolean): void {
    const known = this.#device(device);
    const point = known.points.find((each) => each.type === type);
    if (point === undefined) throw new RangeError(`device ${device} has no ${type}`);
    this.#move(known, point, active);
  }

  unplug(): void {
    this.#board.unplug();
  }

  replug(): void {
    this.#board.replug();
  }

  noise(bytes: Uint8Array): void {
    if (this.#board.noise === undefined) throw new RangeError(`input "${this.input}" has no bytes to disturb`);
    this.#board.noise(bytes);
  }

  stranger(): void {
    if (this.#board.stranger === undefined) throw new RangeError(`on input "${this.input}" there are no strangers`);
    this.#board.stranger();
  }

  onNotice(listener: (notice: WireNotice) => void): void {
    this.#listeners.push(listener);
    this.#board.onNotice?.((text, isToGateway) => listener({ input: this.input, isToGateway, text }));
  }

  stop(): void {
    this.#board.stop();
  }

  #set(device: string, button: string, active: boolean): void {
    const known = this.#device(device);
    this.#move(known, buttonOf(known, button), active);
  }

  #move(device: SimulatedDevice, contact: SimulatedContact, active: boolean): void {
    this.#board.set(device, contact, active);
    const { pin, id } = contact;
    const text = `${pin ?? '?'}: ${id} ${active ? 'active' : 'normal'}`;
    for (const listener of this.#listeners) {
      listener({ input: this.input, device: device.id, isToGateway: true, text });
    }
  }

  #device(id: string): SimulatedDevice {
    const device = this.#devices.get(id);
    if (device === undefined) throw new RangeError(`no device "${id}" on ${this.input}`);
    return device;
  }
}

/**
 * @param name id in the configuration, or number
 * @throws RangeError
 */
export function buttonOf(device: SimulatedDevice, name: string): SimulatedContact {
  const button = device.buttons.find(({ id, number }) => id === name || String(number) === name);
  if (button !== undefined) return button;
  throw unknownName(
    `device ${device.id} has no button "${name}"`,
    name,
    device.buttons.map(({ id }) => id),
    'it has no buttons',
  );
}

/** Returns true if current flows through a bare contact. */
export function isClosed(contact: SimulatedContact, active: boolean): boolean {
  return contact.contact === 'normallyClosed' ? !active : active;
}
