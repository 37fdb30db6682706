import { randomBytes } from 'node:crypto';
import {
  type FoundDevice,
  findDevice,
  removeDevice as removeEntry,
  renameDevice as renameEntry,
  replaceDevice as replaceEntry,
} from '../../config/edit/device-edits.ts';
import { placeName, refused } from '../../config/edit/rooms.ts';
import type { SiteEdit } from '../../config/edit/site-edit.ts';
import type { Questions } from '../questions.ts';
import { addressNumber } from './address-number.ts';
import { exchangeSteps, RELOAD } from './next-steps.ts';
import type { Change } from './run-edit.ts';

export interface ReplaceOptions {
  readonly address?: string;
  readonly topic?: string;
  readonly showKey?: boolean;
  readonly key?: string;
}

/** `callpoint devices replace`: another device in the same place, under the same name. */
export async function replaceDevice(
  edit: SiteEdit,
  id: string,
  options: ReplaceOptions,
  questions: Questions | undefined,
): Promise<Change> {
  const found = findDevice(edit, id);
  const { driver, location } = found;
  if (driver === 'gpio' || driver === 'firmata') {
    throw refused(`${id} is a wired contact, which has no name of its own: replace the button, and nothing here.`);
  }
  const address = options.address ?? (await chosenAddress(found, questions));
  const topic = options.topic ?? (await chosenTopic(found, questions));
  const key = await chosenKey(found, options.key, questions);
  const numbered = driver === 'button-bus' || driver === 'modbus';
  const written = address === undefined ? undefined : numbered ? addressNumber(address) : address;
  const isNew = written !== undefined && written !== found.address;
  const fresh = {
    ...(isNew ? { address: written } : {}),
    ...(topic === undefined ? {} : { topic }),
    ...(key === undefined ? {} : { key }),
  };
  if (Object.keys(fresh).length === 0) throw refused(`Nothing about ${id} is new: give --address or --topic.`);
  replaceEntry(edit, found, fresh);
  const now = isNew ? written : found.address;
  const changes = [
    ...(isNew ? [`address ${found.address} becomes ${written}`] : []),
    ...(topic === undefined ? [] : [`topic becomes ${topic}`]),
    ...(key === undefined ? [] : ['it gets a new key']),
  ];
  return {
    what: [`${id} in ${placeName(edit.site, location)} (${location}): ${changes.join(', ')}`],
    next: exchangeSteps(driver, id, now),
    ...(key === undefined ? {} : { confirm: `The old key of ${id} is lost, and its old device stays silent.` }),
    more: { device: { id, location, address: now }, ...(options.showKey === true && key ? { key } : {}) },
    ...(options.showKey === true && key !== undefined ? { secrets: [`Key of ${id}: ${key}`] } : {}),
  };
}

async function chosenAddress({ driver, address }: FoundDevice, questions: Questions | undefined) {
  if (questions === undefined || driver === 'mqtt') return undefined;
  return questions.ask('Address of the new device', address === undefined ? undefined : String(address));
}

async function chosenTopic({ driver }: FoundDevice, questions: Questions | undefined) {
  if (questions === undefined || driver !== 'mqtt') return undefined;
  return questions.ask('Topic of the new device');
}

async function chosenKey(
  { driver, id, isKeyed }: FoundDevice,
  given: string | undefined,
  questions: Questions | undefined,
) {
  if (!isKeyed && given !== undefined)
    throw refused(`${id} has no key in keys.yaml, so it gets none: leave --key-stdin out.`);
  if (!isKeyed) return undefined;
  if (given !== undefined) return given.toLowerCase();
  if (driver === 'button-bus') return randomBytes(16).toString('hex');
  if (questions === undefined) throw refused(`The bind key of the new tag ${id} is missing: give it with --key-stdin.`);
  return (await questions.askSecret('Bind key of the new tag, 32 hex digits')).toLowerCase();
}

/** `callpoint devices remove` */
export function removeDevice(edit: SiteEdit, id: string, withReferences: boolean): Change {
  const found = findDevice(edit, id);
  const { location } = found;
  const references = removeEntry(edit, found, withReferences);
  return {
    what: [
      `${id} in ${placeName(edit.site, location)} (${location}) is removed; the room stays`,
      ...references.map((reference) => `Removed with it: ${reference}`),
    ],
    confirm: `${id} raises no alert any more${found.isKeyed ? ', and its key is lost' : ''}.`,
    next: [RELOAD, { text: 'Take the device down, so that nobody relies on it' }],
    more: { device: { id, location } },
  };
}

/** `callpoint devices rename` */
export function renameDevice(edit: SiteEdit, id: string, to: string): Change {
  const found = findDevice(edit, id);
  const references = renameEntry(edit, found, to);
  const heard = found.isKeyed
    ? [{ text: `Press it once in a test: its first message under the new name can't prove that it is no recording` }]
    : [];
  return {
    what: [
      `${id} becomes ${to}${found.isKeyed ? ', with its key' : ''}`,
      ...references.map((reference) => `Changed with it: ${reference}`),
      `What was recorded as ${id} stays in the journal under that name: alerts, numbers heard, walk tests`,
    ],
    next: [RELOAD, ...heard],
    more: { device: { id: to, was: id, location: found.location } },
  };
}
