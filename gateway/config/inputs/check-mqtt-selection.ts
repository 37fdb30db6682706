import type { View } from '../read/view.ts';
import { availabilitiesOf, saidBy } from './check-mqtt-devices.ts';
import { spellings } from './mqtt-fields.ts';

/** Refuses what selects the wrong part of a message, or none, or the same part twice. */
export function checkSelection(devices: readonly View[]): void {
  for (const device of devices) {
    for (const { view, usual } of sourcesOf(device)) {
      checkIndexes(view);
      checkBegin(view);
      if (usual === 'button') {
        checkCanPress(view);
        checkMeaning(view);
        checkWhole(view, view.text('topic') ?? device.text('topic') ?? '');
      }
    }
  }
  checkApart(devices);
  checkSharedAvailability(devices);
}

interface Source {
  readonly view: View;
  readonly usual: 'button' | 'other';
}

function sourcesOf(device: View): readonly Source[] {
  const others = [...device.list('points'), ...availabilitiesOf(device)];
  const children = ['bridge', 'battery', 'lastSeen']
    .filter((key) => device.isMapping(key))
    .map((key) => device.child(key));
  return [
    ...device.list('buttons').map((view) => ({ view, usual: 'button' as const })),
    ...[...others, ...children].map((view) => ({ view, usual: 'other' as const })),
  ];
}

/** As it is written with dots; `undefined`: nothing is written. */
function pathAt(view: View, key: string): string | undefined {
  const items = view.items(key);
  const listed = items.keys().map((place) => items.text(place) ?? '');
  return listed.length > 0 ? listed.join('.') : view.text(key);
}

function conditionsOf(view: View): ReadonlyMap<string, readonly string[]> {
  const when = view.child('when');
  return new Map(when.keys().map((path) => [path, saidBy(when, path)]));
}

/**
 * A list of events is in no order, and may be longer than one. An index at the end of a path is the
 * fixed place of a key in a list of numbers (Shelly BLU tags with four keys).
 */
function checkIndexes(view: View): void {
  for (const key of ['each', 'path', 'counter']) {
    const path = pathAt(view, key);
    if (path !== undefined && hasIndex(path)) refuseIndex(view, key, path);
  }
  const condition = view.child('when').keys().find(hasIndex);
  if (condition !== undefined) refuseIndex(view, 'when', condition);
}

function hasIndex(path: string): boolean {
  return /(?:^|\.)\d+\../.test(path);
}

function refuseIndex(view: View, key: string, path: string): void {
  const at = path.split('.').findIndex((name) => /^\d+$/.test(name));
  const list = path.split('.').slice(0, at).join('.');
  const rest = path
    .split('.')
    .slice(at + 1)
    .join('.');
  const message = `${key}: ${path} reads one fixed place of a list, and what is meant may stand at another`;
  const each = list === '' ? 'each:' : `each: ${list}, path: ${rest}`;
  view.wrong(key, message, `write ${each}, and when: with what the element must be, such as { component: "input:0" }`);
}

/** With `each:` the other paths begin at the element. */
function checkBegin(view: View): void {
  const each = pathAt(view, 'each');
  if (each === undefined) return;
  const inner = ['path', 'counter'].map((key) => [key, pathAt(view, key)] as const);
  const conditions = view
    .child('when')
    .keys()
    .map((path) => ['when', path] as const);
  for (const [key, path] of [...inner, ...conditions]) {
    if (path?.startsWith(`${each}.`) !== true) continue;
    const message = `${key}: ${path} names the list again, but each: ${each} reads its elements`;
    view.wrong(key, message, `write ${path.slice(each.length + 1)}: it begins at the element`);
  }
}

function checkCanPress(button: View): void {
  const path = pathAt(button, 'path');
  const must = path === undefined ? undefined : conditionsOf(button).get(path);
  const words = button.child('press').keys();
  if (must === undefined || words.length === 0 || words.some((word) => must.includes(word))) return;
  const message = `nothing can press ${button.text('id')}: when: asks ${path} to be what press: does not name`;
  button.wrong('when', message, `write one of its words under press:, or another member under when:`);
}

/** A word is a press or it is none. */
function checkMeaning(button: View): void {
  const pressed = button.child('press').keys();
  const both = saidBy(button, 'release').find((word) => pressed.includes(word));
  if (both === undefined) return;
  const what = both === '' ? 'an empty word' : `"${both}"`;
  button.wrong('release', `${what} stands under press: as well`, 'remove it from one: it is a press, or it is none');
}

/** What is sent on these topics is JSON, and never a word. */
const JSON_TOPICS: readonly (readonly [topic: RegExp, path: string])[] = [
  [/^zigbee2mqtt\/[^/]+$/, 'path: action, or use profile: zigbee2mqtt'],
  [/^shellies\/.+\/input_event\/\d+$/, 'path: event, or use profile: shelly-gen1'],
  [/\/events\/rpc$/, 'each: params.events, path: event, or use profile: shelly-gen2 or shelly-blu-gateway'],
  [/^stat\/.+\/RESULT$/, 'path: Button1.Action, or use profile: tasmota'],
];

function checkWhole(button: View, topic: string): void {
  const path = pathAt(button, 'path');
  const known = JSON_TOPICS.find(([pattern]) => pattern.test(topic));
  if (known === undefined || (path !== undefined && path !== '')) return;
  const message = `${button.text('id')} reads the whole message as its word, but ${topic} sends JSON`;
  button.warn('id', message, `write ${known[1]}`);
}

interface Press {
  readonly button: View;
  readonly device: View;
  readonly conditions: ReadonlyMap<string, readonly string[]>;
}

/** One message must not press two buttons. */
function checkApart(devices: readonly View[]): void {
  const byWord = new Map<string, Press[]>();
  for (const device of devices) {
    for (const button of device.list('buttons')) {
      const clash = firstClash({ button, device, conditions: conditionsOf(button) }, byWord);
      if (clash !== undefined) refuseClash(button, clash);
    }
  }
}

/** Another button that one of the words presses as well. Notes the button under its words. */
function firstClash(press: Press, byWord: Map<string, Press[]>): (Press & { readonly word: string }) | undefined {
  const { button, device, conditions } = press;
  const topic = button.text('topic') ?? device.text('topic');
  if (topic === undefined) return undefined;
  let clash: (Press & { readonly word: string }) | undefined;
  for (const word of button.child('press').keys()) {
    const key = JSON.stringify([topic, pathAt(button, 'each'), pathAt(button, 'path'), word]);
    const here = byWord.get(key) ?? [];
    const other = clash === undefined ? here.find((each) => canBothHold(each.conditions, conditions)) : undefined;
    if (other !== undefined) clash = { ...other, word };
    here.push(press);
    byWord.set(key, here);
  }
  return clash;
}

function canBothHold(one: Press['conditions'], other: Press['conditions']): boolean {
  return [...one].every(([path, is]) => {
    const also = other.get(path)?.map(oneSpelling);
    return also === undefined || is.some((text) => also.includes(oneSpelling(text)));
  });
}

function oneSpelling(text: string): string | undefined {
  return spellings(text)[0];
}

function refuseClash(button: View, { button: other, device, word }: Press & { readonly word: string }): void {
  const name = `${other.text('id')} of ${device.text('id')} (${other.where('id')})`;
  const says = word === '' ? 'an empty word' : `"${word}"`;
  const hint = device.has('profile')
    ? 'give each its channel:, or its device another address: or component:'
    : 'tell them apart by when: with a member that differs, such as when: { component: "input:0" }, or by their words';
  button.wrong('id', `one message, ${says}, presses ${button.text('id')} and ${name}`, hint);
}

/**
 * What says the same of devices that are apart is not of one device, but of what stands between.
 */
function checkSharedAvailability(devices: readonly View[]): void {
  const first = new Map<string, View>();
  for (const device of devices) {
    for (const availability of availabilitiesOf(device)) {
      const topic = availability.text('topic');
      if (topic === undefined || availability.has('when')) continue;
      const other = first.get(topic);
      if (other === undefined) first.set(topic, device);
      else if (areApart(device, other, topic)) {
        const message = `${topic} says the same of ${other.text('id')} and ${device.text('id')}`;
        const hint = 'if it is the state of their bridge, write bridge: instead of availability:';
        availability.warn('topic', message, hint);
      }
    }
  }
}

/**
 * Inputs of one device share its availability; tags and Zigbee devices are devices of their own.
 */
function areApart(one: View, other: View, availability: string): boolean {
  const [a, b] = [topicOf(one), topicOf(other)];
  const own = availability.slice(0, availability.lastIndexOf('/') + 1);
  const isOwn = own !== '' && a.startsWith(own) && b.startsWith(own);
  return (a !== b && !isOwn) || addressOf(one) !== addressOf(other);
}

function topicOf(device: View): string {
  return device.list('buttons')[0]?.text('topic') ?? device.text('topic') ?? '';
}

/** Of a tag whose messages come on its gateway's topic. */
function addressOf(device: View): string | undefined {
  const [button] = device.list('buttons');
  const conditions = button === undefined ? [] : [...conditionsOf(button)];
  return conditions
    .find(([path]) => /(?:^|\.)addr(?:ess)?$/.test(path))?.[1]
    .join()
    .toLowerCase();
}
