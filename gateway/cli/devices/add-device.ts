import { randomBytes } from 'node:crypto';
import { addDevices } from '../../config/edit/device-edits.ts';
import { hasKey, type NewButton, type NewDevice } from '../../config/edit/device-entry.ts';
import { FreeNumbers } from '../../config/edit/free-numbers.ts';
import { addRooms, findRoom, locationOf, placeName, refused } from '../../config/edit/rooms.ts';
import type { SiteEdit } from '../../config/edit/site-edit.ts';
import type { Writable } from '../../config/edit/yaml-text.ts';
import { isMapping } from '../../config/read/view.ts';
import type { Questions } from '../questions.ts';
import { addressNumber } from './address-number.ts';
import { RELOAD, setUpSteps, testStep } from './next-steps.ts';
import type { Change } from './run-edit.ts';

export interface AddOptions {
  readonly id?: string;
  readonly input?: string;
  readonly room?: string;
  /** Name of a room that is added; `true`: it has none. */
  readonly newRoom?: string | true;
  readonly address?: string;
  readonly kind?: readonly string[];
  readonly zone?: number;
  readonly pin?: readonly string[];
  readonly cutPin?: readonly string[];
  readonly contact?: string;
  readonly topic?: string;
  readonly profile?: string;
  readonly channel?: readonly string[];
  readonly component?: string;
  /** A door contact in place of buttons; beside them, where kinds are given as well. */
  readonly door?: boolean;
  readonly uuid?: string;
  readonly major?: number;
  readonly minor?: number;
  readonly namespace?: string;
  readonly instance?: string;
  readonly heartbeat?: number;
  readonly like?: string;
  readonly encrypted?: boolean;
  readonly showKey?: boolean;
  /** The key that the device has, as read from stdin. */
  readonly key?: string;
}

type Input = SiteEdit['site']['inputs'][number];

const CONTACTS = 'normallyOpen, normallyClosed, endOfLine or doubleEndOfLine';
const WIRED = ['gpio', 'firmata', 'modbus'];
const NUMBERED = ['button-bus', 'modbus'];

/** `callpoint devices add`: the entry from the options; what is missing is asked or refused. */
export async function addDevice(
  edit: SiteEdit,
  options: AddOptions,
  questions: Questions | undefined,
): Promise<Change> {
  const { site } = edit;
  const free = new FreeNumbers(site);
  const answers = new Answers(questions);
  const input = await chosenInput(site.inputs, options, answers);
  const { id: inputId, driver } = input;
  refuseStray(driver, options);
  const { room, isThere } = await chosenRoom(edit, options, questions);
  const location = locationOf(room);
  const id = options.id ?? (await answers.suggested('Name of the device', free.id(inputId, driver, location)));
  const address = await chosenAddress(input, options, free, answers);
  const zone = options.zone ?? (await chosenZone(free, location, answers));
  const where = { id, input: inputId, driver, location, ...(address === undefined ? {} : { address }) };
  const parts = await chosenParts(edit, input, options, zone, answers);
  const { topic, profile, component, heartbeat, encrypted } = options;
  const fob = fobOf(driver, options);
  const device: NewDevice = {
    ...where,
    ...(driver === 'mqtt' ? await chosenTopic(topic, profile, answers) : {}),
    ...(component === undefined ? {} : { component }),
    ...(fob === undefined ? {} : { fob }),
    ...(heartbeat === undefined ? {} : { heartbeatSeconds: heartbeat }),
    ...(encrypted === false ? { isOpen: true } : {}),
    ...parts,
  };
  const key = hasKey(device) ? await chosenKey(driver, options.key, questions) : undefined;
  if (!isThere) addRooms(edit, [room]);
  addDevices(edit, [key === undefined ? { device } : { device, key }]);
  const at = isThere ? `${placeName(site, location)} (${location})` : `the new room ${location}`;
  const addressed = address === undefined ? '' : `, address ${address}`;
  return {
    what: [`${id}: ${driver} device on ${inputId} in ${at}${addressed}, zone ${zone}`],
    next: [...setUpSteps(driver, id, address), RELOAD, testStep(id)],
    more: { device: { id, input: inputId, location, address, zone }, ...(options.showKey && key ? { key } : {}) },
    ...(options.showKey === true && key !== undefined ? { secrets: [`Key of ${id}: ${key}`] } : {}),
  };
}

/**
 * Options that mean something on some inputs only. Elsewhere the person expects what will not be.
 */
const OF_DRIVERS: readonly (readonly [keyof AddOptions, option: string, drivers: readonly string[]])[] = [
  ['pin', '--pin', WIRED],
  ['cutPin', '--cut-pin', WIRED],
  ['contact', '--contact', WIRED],
  ['topic', '--topic', ['mqtt']],
  ['profile', '--profile', ['mqtt']],
  ['channel', '--channel', ['mqtt']],
  ['address', '--address', ['button-bus', 'modbus', 'ble', 'mqtt']],
  ['key', '--key-stdin', ['button-bus', 'ble']],
  ['showKey', '--show-key', ['button-bus', 'ble']],
];

function refuseStray(driver: string, options: AddOptions): void {
  for (const [name, option, drivers] of OF_DRIVERS) {
    if (options[name] === undefined || drivers.includes(driver)) continue;
    throw refused(`${option} means nothing on a ${driver} input, only on ${drivers.join(', ')}: leave it out.`);
  }
  if (options.encrypted === false && driver !== 'ble')
    throw refused(`--no-encrypted means nothing on a ${driver} input, only on ble: leave it out.`);
  if (options.encrypted === false && options.key !== undefined)
    throw refused('A tag has a key or none: give --key-stdin or --no-encrypted.');
  if (options.like !== undefined && options.kind !== undefined)
    throw refused('--like takes the kinds from the other device: leave --kind out, or --like.');
}

/** Answers of the person, or the suggestion where nobody can be asked. */
class Answers {
  readonly #questions: Questions | undefined;

  constructor(questions: Questions | undefined) {
    this.#questions = questions;
  }

  async suggested(question: string, suggestion: string): Promise<string> {
    return (await this.#questions?.ask(question, suggestion)) ?? suggestion;
  }

  /** @throws CallpointError EDIT_REFUSED where nobody can be asked */
  async needed(question: string, option: string, suggestion?: string): Promise<string> {
    if (this.#questions === undefined) throw refused(`${question} is missing: give it with ${option}.`);
    return this.#questions.ask(question, suggestion);
  }
}

async function chosenInput(inputs: readonly Input[], { input: named }: AddOptions, answers: Answers): Promise<Input> {
  const ids = inputs.map(({ id }) => id).join(', ');
  const [only] = inputs;
  if (only === undefined) throw refused('The site has no input: add one under inputs: in site.yaml first.');
  const chosen =
    named ?? (inputs.length === 1 ? only.id : await answers.needed(`Input (${ids})`, '--input ID', inputs[0]?.id));
  const input = inputs.find(({ id }) => id === chosen);
  if (input === undefined) throw refused(`There is no input ${chosen}: the site has ${ids}.`);
  return input;
}

async function chosenRoom(edit: SiteEdit, { room, newRoom }: AddOptions, questions: Questions | undefined) {
  const written = room ?? (await new Answers(questions).needed('Room, such as 101 or A/1/101', '--room ROOM'));
  const found = findRoom(edit.site, written);
  if (found.isThere) return found;
  const name = newRoom ?? (await offered(locationOf(found.room), questions));
  return {
    isThere: false,
    room: { ...found.room, ...(typeof name === 'string' && name !== '' ? { roomName: name } : {}) },
  };
}

async function offered(location: string, questions: Questions | undefined): Promise<string> {
  if (questions === undefined) throw refused(`There is no room ${location}: add it with --new-room [NAME].`);
  if (!(await questions.confirm(`There is no room ${location}. Add it?`))) throw refused('Nothing was changed.');
  return questions.ask('What the room is called (empty: nothing)', '');
}

/** A fob is known by what it advertises. */
function fobOf(driver: string, options: AddOptions): NewDevice['fob'] {
  const { uuid, major, minor, namespace, instance } = options;
  if (uuid === undefined && namespace === undefined) return undefined;
  if (driver !== 'ble') throw refused('--uuid and --namespace are of Bluetooth fobs: name an input of that kind.');
  const given = { ...(namespace === undefined ? { uuid, major, minor } : { namespace, instance }) };
  const parts = Object.entries(given).filter((part): part is [string, string | number] => part[1] !== undefined);
  return { type: namespace === undefined ? 'iBeacon' : 'eddystone', ...Object.fromEntries(parts) };
}

async function chosenAddress(input: Input, options: AddOptions, free: FreeNumbers, answers: Answers) {
  const { id, driver } = input;
  const { address, profile, component } = options;
  if (address !== undefined) return NUMBERED.includes(driver) ? addressNumber(address) : address;
  if (fobOf(driver, options) !== undefined || component !== undefined) return undefined;
  if (driver === 'ble') return answers.needed('Bluetooth address on the label', '--address ADDRESS');
  if (profile === 'shelly-blu-gateway') return answers.needed('Bluetooth address on the tag', '--address ADDRESS');
  if (!NUMBERED.includes(driver)) return undefined;
  const next = free.address(id, driver);
  if (next === undefined) throw refused(`No address is free on ${id}: add another line, or remove devices first.`);
  const chosen = await answers.suggested('Address, as set on the device', String(next));
  return addressNumber(chosen);
}

async function chosenZone(free: FreeNumbers, location: string, answers: Answers): Promise<number> {
  const zone = free.zone(free.areaOf(location), location);
  if (zone === undefined)
    throw refused('No zone from 1 to 999 is free in this area: give the building an area of its own (area: 2).');
  const chosen = await answers.suggested("Zone, the number of the place in the receiver's list", String(zone));
  if (/^\d{1,3}$/.test(chosen)) return Number(chosen);
  throw refused(`A zone is a number from 1 to 999, not ${JSON.stringify(chosen)}.`);
}

/**
 * The buttons and points: as of another device, from the defaults of the input, or as asked for.
 */
async function chosenParts(
  edit: SiteEdit,
  input: Input,
  options: AddOptions,
  zone: number,
  answers: Answers,
): Promise<Pick<NewDevice, 'buttons' | 'doorContact' | 'copied' | 'zone'>> {
  if (options.like !== undefined) return likeDevice(edit, options.like, input, zone);
  const pins = options.pin ?? [];
  const isWired = WIRED.includes(input.driver);
  if (options.door === true && (options.kind === undefined || isWired)) {
    if (options.kind !== undefined) throw refused('A wired door contact is a device of its own: leave out --kind.');
    return { buttons: [], doorContact: await contactOf(0, zone, isWired, options, answers) };
  }
  if (options.kind === undefined && pins.length === 0 && hasButtons(input.defaults)) return { buttons: [], zone };
  const kinds = options.kind ?? (await chosenKinds(edit.site, input.id, answers));
  const count = Math.max(kinds.length, pins.length, options.channel?.length ?? 0);
  const buttons: NewButton[] = [];
  for (let at = 0; at < count; at++) {
    const kind = kinds[at] ?? kinds.at(-1);
    const contact = await contactOf(at, zone, isWired, options, answers);
    buttons.push({ ...contact, ...(kind === undefined ? {} : { kind }) });
  }
  return { buttons, ...(options.door === true ? { doorContact: { zone } } : {}) };
}

async function contactOf(at: number, zone: number, isWired: boolean, options: AddOptions, answers: Answers) {
  const cutPin = options.cutPin?.[at];
  const channel = options.channel?.[at];
  return {
    zone,
    ...(isWired ? await wiring(options.pin?.[at], options.contact, answers) : {}),
    ...(cutPin === undefined ? {} : { cutPin }),
    ...(channel === undefined ? {} : { channel }),
  };
}

function hasButtons(defaults: Input['defaults']): boolean {
  const { buttons } = defaults ?? {};
  return Array.isArray(buttons) && buttons.length > 0;
}

async function wiring(pin: string | undefined, contact: string | undefined, answers: Answers) {
  return {
    pin: pin ?? (await answers.needed('Pin or line of the button', '--pin PIN')),
    contact: contact ?? (await answers.needed(`Contact: ${CONTACTS}`, '--contact WIRING', 'normallyOpen')),
  };
}

/** An alert of the wrong kind is dangerous: where nobody can be asked, none is guessed. */
async function chosenKinds(site: SiteEdit['site'], input: string, answers: Answers): Promise<readonly string[]> {
  const used = site.devices.filter((device) => device.input === input).flatMap(({ buttons }) => buttons[0]?.kind ?? []);
  const usual = used.sort((a, b) => count(used, b) - count(used, a))[0];
  const written = await answers.needed(
    'Kinds of alert, one for each button, separated by commas',
    '--kind KIND',
    usual,
  );
  return written.split(/[\s,]+/).filter((kind) => kind !== '');
}

function count(all: readonly string[], one: string): number {
  return all.filter((each) => each === one).length;
}

function likeDevice(edit: SiteEdit, like: string, input: Input, zone: number) {
  const index = edit.site.devices.findIndex(({ id }) => id === like);
  if (index < 0) throw refused(`There is no device ${like} to take the buttons from.`);
  if (edit.site.devices[index]?.input !== input.id) throw refused(`${like} is not on ${input.id}: name one that is.`);
  if (input.driver === 'gpio' || input.driver === 'firmata')
    throw refused(`The buttons of ${like} have pins of their own: give --pin and --contact.`);
  const { buttons, points, heartbeatSeconds, zone: own } = edit.writtenDevice(index);
  const copied = Object.fromEntries(
    Object.entries({
      zone: own === undefined ? undefined : zone,
      heartbeatSeconds,
      buttons: rezoned(buttons, zone),
      points: rezoned(points, zone),
    }).filter(([, value]) => value !== undefined),
  );
  return { buttons: [], copied: copied as Readonly<Record<string, Writable>> };
}

function rezoned(parts: unknown, zone: number): unknown {
  if (!Array.isArray(parts)) return undefined;
  return parts.map((part: unknown) => (isMapping(part) && 'zone' in part ? { ...part, zone } : part));
}

async function chosenTopic(topic: string | undefined, profile: string | undefined, answers: Answers) {
  const chosen = topic ?? (await answers.needed('Topic of the device, such as zigbee2mqtt/room-101', '--topic TOPIC'));
  return profile === undefined ? { topic: chosen } : { topic: chosen, profile };
}

async function chosenKey(driver: string, given: string | undefined, questions: Questions | undefined): Promise<string> {
  if (given !== undefined) return given.toLowerCase();
  if (driver === 'button-bus') return randomBytes(16).toString('hex');
  if (questions === undefined) {
    throw refused(
      'The bind key of the tag is missing: give it with --key-stdin; --no-encrypted for a tag that has none.',
    );
  }
  return (await questions.askSecret('Bind key of the tag, 32 hex digits')).toLowerCase();
}
