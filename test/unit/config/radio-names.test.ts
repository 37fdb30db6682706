import { describe, expect, test } from 'vitest';
import { EVERY_INPUT, EVERY_KEY } from './every-input-fixture.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, mistakesOf } from './site-fixture.ts';

const BASE = { site: EVERY_INPUT, keys: EVERY_KEY };
const radios = (names: string): Case['edits'] => [['[/dev/random]', `[${names}]`]];

const NAMES: readonly Case[] = [
  {
    promise: 'one address twice is told with the place of the first',
    edits: radios('address:B8:27:EB:12:34:56, "address:B8:27:EB:12:34:56"'),
    at: '"address:B8',
    says: 'this radio is used already at site.yaml:14',
    hint: 'once',
  },
  {
    promise: 'one address twice is told though one is in small letters',
    edits: radios('address:B8:27:EB:12:34:56, address:b8:27:eb:12:34:56'),
    at: 'address:b8',
    says: 'this radio is used already at site.yaml:14',
    hint: 'once',
  },
  {
    promise: 'an address in small letters is told in capitals',
    edits: radios('address:b8:27:eb:12:34:56'),
    at: 'address:b8',
    says: 'address:b8:27:eb:12:34:56 has small letters',
    hint: 'write it in capitals: address:B8:27:EB:12:34:56',
  },
  {
    promise: 'an address that is too short is refused with the right form',
    edits: radios('address:B8:27:EB:12:34'),
    at: 'address:B8',
    says: 'entry 1 of adapters is "address:B8:27:EB:12:34"',
    hint: 'address:B8:27:EB:12:34:56 for the one with that address',
  },
  {
    promise: 'an address with dashes is refused with the right form',
    edits: radios('address:B8-27-EB-12-34-56'),
    at: 'address:B8',
    says: 'entry 1 of adapters is "address:B8-27-EB-12-34-56"',
    hint: 'address:B8:27:EB:12:34:56 for the one with that address',
  },
  {
    promise: 'an address alone is refused with the right form',
    edits: radios('"B8:27:EB:12:34:56"'),
    at: '"B8:27',
    says: 'entry 1 of adapters is "B8:27:EB:12:34:56"',
    hint: 'address:B8:27:EB:12:34:56 for the one with that address',
  },
  {
    promise: 'an address behind a space, which YAML reads as a mapping, is refused with the right form',
    edits: radios('address: "B8:27:EB:12:34:56"'),
    at: 'address: "B8',
    says: 'entry 1 of adapters is a mapping',
    hint: 'address:B8:27:EB:12:34:56 for the one with that address',
  },
  {
    promise: 'the address of radios that have none is refused',
    edits: radios('address:00:00:00:00:00:00'),
    at: 'address:00',
    says: 'this is what a radio without an address has',
    hint: 'usb:1-1.4',
  },
  {
    promise: 'a radio by its address and one by its number may be the same, and that is told',
    edits: radios('hci0, address:B8:27:EB:12:34:56'),
    at: 'address:B8',
    says: 'nobody can tell here whether address:B8:27:EB:12:34:56 is the same radio as hci0',
    hint: 'name both by their addresses',
    severity: 'warning',
  },
];

describe('the name of a radio', () => {
  test.each(NAMES)('$promise', (each) => checkCase(each, BASE));

  test('two addresses are two radios, with nothing to say about them', () => {
    const edits = radios('address:B8:27:EB:12:34:56, address:00:1A:7D:DA:71:13');
    expect(mistakesOf({ site: edited(EVERY_INPUT, ...edits), keys: EVERY_KEY })).toEqual(mistakesOf(BASE));
  });
});
