import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { foundLines, sectionLines } from '../../../gateway/cli/settings/settings-text.ts';
import { findSettings, nearestSetting } from '../../../gateway/config/schema/find-settings.ts';
import { siteJsonSchema } from '../../../gateway/config/schema/json-schema.ts';
import { settingsPage } from '../../../gateway/config/schema/settings-page.ts';
import { driversOf, settingsReference } from '../../../gateway/config/schema/settings-reference.ts';
import { PROJECT } from '../source-files.ts';

const all = settingsReference();
const KEYS = new Set(all.map(({ key }) => key));

/** Keys of all properties in a JSON Schema, by another way than the reference takes. */
function keysIn(schema: unknown, prefix = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties, additionalProperties, items, anyOf, oneOf } = schema as Record<string, unknown>;
  const own = Object.entries(properties ?? {}).flatMap(([name, inner]) => {
    return [`${prefix}${name}`, ...keysIn(inner, `${prefix}${name}.`)];
  });
  const either = [...(Array.isArray(anyOf) ? anyOf : []), ...(Array.isArray(oneOf) ? oneOf : [])];
  return [
    ...own,
    ...keysIn(items, prefix),
    ...keysIn(additionalProperties, `${prefix}NAME.`),
    ...either.flatMap((each) => keysIn(each, prefix)),
  ];
}

test('the reference has every field of the schema, and no other', () => {
  const inSchema = new Set(keysIn(siteJsonSchema()));
  expect(inSchema.size).toBeGreaterThan(250);
  // The defaults of an input are settings of its devices, and explained there.
  const ownOrInherited = [...inSchema].map((key) => key.replace(/^inputs\.defaults\./, 'devices.'));
  expect([...KEYS].sort()).toEqual([...new Set(ownOrInherited)].sort());
});

test('every setting says what it means and what to write', () => {
  for (const { key, meaning, write } of all) {
    expect(meaning, key).toMatch(/\S{2}/);
    expect(write, key).toMatch(/\S/);
    // The library's own text, where a field has none of ours.
    expect(write, key).not.toMatch(/^Invalid|expected/);
  }
});

test('every driver says what it is for, and each setting names drivers that exist', () => {
  for (const section of ['inputs', 'devices', 'outputs', 'paths']) {
    expect(driversOf(section).size).toBeGreaterThan(2);
  }
  for (const [name, about] of driversOf('paths')) expect(about, name).toMatch(/\w+ \w+/);
  for (const { key, drivers = [] } of all) {
    for (const name of drivers) expect([...driversOf(key.split('.')[0] ?? '').keys()], key).toContain(name);
  }
});

test('gateway/SETTINGS.md is up to date: npm run schema writes it', () => {
  expect(readFileSync(join(PROJECT, 'gateway/SETTINGS.md'), 'utf8')).toBe(settingsPage());
});

describe('a setting is found', () => {
  test.each([
    ['by its key', 'devices.buttons.kind', ['devices.buttons.kind']],
    ['with numbers of entries', 'devices[0].buttons.1.kind', ['devices.buttons.kind']],
    ['with a name of the site', 'kinds.lockdown.sia', ['kinds.NAME.sia']],
    ['by the end of its key', 'buttons.kind', ['devices.buttons.kind']],
    ['by its last name', 'retainDays', ['journal.retainDays']],
    ['by a part of its name', 'beacon', ['inputs.beacons']],
    ['of one driver', 'paths.dc09-udp.inFlight', ['paths.inFlight']],
    ['not if the driver has it not', 'paths.dc09-tcp.inFlight', []],
    ['not if there is none', 'frobnicate', []],
    ['not by nothing', '...', []],
    ['not by a name that every object has', 'constructor', []],
    ['not by another one, with a field', '__proto__.kind', []],
  ])('%s: %s', (_how, wanted, keys) => {
    expect([...new Set(findSettings(all, wanted).settings.map(({ key }) => key))]).toEqual(keys);
  });

  test('of each driver with what that driver means', () => {
    const writes = (key: string) => findSettings(all, key).settings.map(({ write }) => write);
    expect(writes('devices.mqtt.address')).toEqual(['the Bluetooth address on the tag']);
    expect(writes('devices.modbus.address')).toEqual(['a whole number from 1 to 247 without quotes']);
    expect(writes('devices.address')).toHaveLength(4);
  });

  test('by every key there is', () => {
    for (const key of KEYS) expect(findSettings(all, key).settings.map((each) => each.key)).toContain(key);
  });
});

test.each([
  ['pathes', 'paths'],
  ['devices.butons.kind', 'devices.buttons.kind'],
  ['journal.retainDay', 'journal.retainDays'],
  ['retainDaysss', 'journal.retainDays'],
  ['qqqqqqqqqqqq', undefined],
])('a mistyped key %s is answered with the nearest', (wanted, near) => {
  expect(nearestSetting(all, wanted)).toBe(near);
});

test('whatever is asked, no line is wider than the terminal', () => {
  const asked = [...KEYS, 'battery', 'paths.dc09-tcp', 'devices.mqtt', 'inputs.ble'];
  const lines = [sectionLines(all, 80), ...asked.map((key) => foundLines(findSettings(all, key), 80))].flat();
  expect(lines.length).toBeGreaterThan(1000);
  // A word that has no space cannot be broken.
  const wide = lines.map(stripVTControlCharacters).filter((line) => line.length > 80 && /\s\S+\s/.test(line.slice(40)));
  expect(wide).toEqual([]);
});
