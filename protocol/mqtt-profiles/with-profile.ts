import { isScalar } from '../scalar.ts';
import type { Fields, ProfiledDevice } from './profile.ts';
import { profileNamed } from './profiles.ts';

/** Fields with members of their own: what is written replaces only the members that it names. */
const MERGED = new Set(['availability', 'bridge', 'battery', 'lastSeen']);

/**
 * The entry of a device with everything its profile says, as if a person had written it. What
 * stands in the entry outranks the profile. An entry without a profile is as it was. If a field
 * that topics are made of is wrong, an example takes its place, so that one mistake is reported as
 * one.
 */
export function withProfile(entry: unknown): unknown {
  if (!isMapping(entry)) return entry;
  const { topic: writtenTopic, ...written } = entry;
  const { profile: name, address, component } = written;
  const profile = profileNamed(name);
  if (profile === undefined) return entry;
  const topic = topicPrefix(writtenTopic);
  const device: ProfiledDevice = {
    topic: topic ?? profile.example,
    ...optional('address', bluetoothAddress(textOf(address))),
    ...optional('component', textOf(component)),
  };
  const parts = (key: string, defaults: (part: Fields) => Fields) =>
    Array.isArray(entry[key])
      ? { [key]: entry[key].map((part: unknown) => (isMapping(part) ? mergedPart(defaults(part), part) : part)) }
      : {};
  const key = (channel: unknown) => {
    const text = textOf(channel);
    return text !== undefined && profile.channel.pattern.test(text) ? text : undefined;
  };
  return {
    ...merged(profile.device(device), written),
    // As it is written, so that the schema refuses it.
    ...(topic === undefined && writtenTopic !== undefined && writtenTopic !== null ? { topic: writtenTopic } : {}),
    ...parts('buttons', ({ channel }) => profile.button(device, key(channel))),
    ...parts('points', ({ type, channel }) => {
      const known = profile.point(device, textOf(type) ?? '', key(channel));
      return saysAnything(known) ? known : { topic: device.topic, active: ['true'], normal: ['false'] };
    }),
  };
}

/** False if the profile knows no points of the type that `point` was asked for. */
export function saysAnything(point: Fields): boolean {
  return Object.keys(point).length > 0;
}

/** Where the topics of a device begin; `undefined`: no topic can begin so. */
export function topicPrefix(written: unknown): string | undefined {
  const text = textOf(written);
  return text !== undefined && /^(?!\$)[^+#\p{Cc}]{1,150}$/u.test(text) ? text : undefined;
}

function merged(defaults: Fields, written: Fields): Fields {
  const present = Object.entries(written).filter(([, value]) => value !== null && value !== undefined);
  const own = present.map(([key, value]) => {
    const usual = defaults[key];
    const both = MERGED.has(key) && isMapping(usual) && isMapping(value);
    return [key, both ? merged(usual, value) : value] as const;
  });
  return { ...defaults, ...Object.fromEntries(own) };
}

/**
 * A word that is written under `release` is no press, although it is one to the profile. It is
 * beside the profile's own: whoever writes `release: shake` would have each `release` reported.
 */
function mergedPart(defaults: Fields, written: Fields): Fields {
  const { press, release, ...others } = defaults;
  const { press: pressed, release: released } = written;
  const presses = isMapping(press) ? Object.entries(press).filter(([word]) => !isWord(word, released)) : [];
  const releases = wordsOf(release).filter((word) => !isWord(word, pressed));
  const isBeside = releases.length > 0 && isWords(released);
  return merged(
    {
      ...others,
      ...(presses.length === 0 ? {} : { press: Object.fromEntries(presses) }),
      ...(releases.length === 0 ? {} : { release: releases }),
    },
    isBeside ? { ...written, release: [...new Set([...releases, ...wordsOf(released)])] } : written,
  );
}

/** Anything else is for the schema to refuse. */
function isWords(value: unknown): boolean {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.every(isScalar);
}

function isWord(word: string, written: unknown): boolean {
  return wordsOf(written).includes(word);
}

function wordsOf(value: unknown): readonly string[] {
  if (isMapping(value)) return Object.keys(value);
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter(isScalar).map(String);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function optional<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, string>);
}

/** As the gateways write it, however the label on the tag does. */
function bluetoothAddress(written: string | undefined): string | undefined {
  return written?.toLowerCase().replaceAll(/[:-]/g, '').match(/../g)?.join(':');
}

function isMapping(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
