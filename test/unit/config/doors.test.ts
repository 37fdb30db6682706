import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../../gateway/config/load.ts';
import type { Door } from '../../../gateway/core/site.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, KEYS, mistakesOf, SITE, withSite } from './site-fixture.ts';

/** The points of wb-102, and the lines under `doors:`. */
function written(points: string, doors = ''): string {
  const button = '    buttons: [{ id: panic, number: 0, zone: 102 }]\n';
  return edited(SITE, [button, `${button}    points: [${points}]\n`], ['paths:\n', `${doors}paths:\n`]);
}

function doorsOf(site: string): readonly Door[] {
  return withSite({ site, keys: KEYS }, (file) => loadSettings(file, '/var/lib/callpoint')).site.doors;
}

const CONTACT = '{ id: door, number: 4, type: doorContact, zone: 304 }';
const BOLT = '{ id: bolt, number: 5, type: bolt, zone: 305 }';
const OWN = {
  id: 'wb-101',
  name: 'Rm 101 Reception',
  building: 'A',
  zone: 301,
  area: 0,
  contact: { device: 'wb-101', point: 0 },
  bolt: { device: 'wb-101', point: 1 },
};

describe('doors of a site', () => {
  test('a device with a door contact, a bolt or both is a door by itself, named by its room', () => {
    expect(doorsOf(SITE)).toEqual([OWN]);
    const beside = { id: 'wb-102', name: 'Rm 102', building: 'A', area: 0 };
    expect(doorsOf(written(CONTACT))[1]).toEqual({ ...beside, zone: 304, contact: { device: 'wb-102', point: 4 } });
    expect(doorsOf(written(BOLT))[1]).toEqual({ ...beside, zone: 305, bolt: { device: 'wb-102', point: 5 } });
    expect(doorsOf(written(`${BOLT}, { id: cover, number: 7, type: tamper }`))).toHaveLength(2);
    expect(doorsOf(written('{ id: cover, number: 7, type: tamper }'))).toEqual([OWN]);
  });

  test('an entry may put points of two devices together, anywhere', () => {
    const entry =
      '  - { id: south, name: South exit, location: B/G/101, contact: wb-101/door, bolt: wb-102/bolt, heldOpenSeconds: 30, zone: 9 }\n';
    expect(
      doorsOf(
        edited(written(BOLT, `doors:\n${entry}`), ['      - { id: bolt, number: 1, type: bolt, zone: 302 }\n', '']),
      ),
    ).toEqual([
      {
        id: 'south',
        name: 'South exit',
        building: 'B',
        location: expect.objectContaining({ building: 'B', floor: 'G', room: '101' }),
        zone: 9,
        area: 0,
        contact: { device: 'wb-101', point: 0 },
        bolt: { device: 'wb-102', point: 5 },
        heldOpenMs: 30_000,
      },
    ]);
  });

  test('what an entry leaves out is that of its contact, then of its bolt', () => {
    const two = `${CONTACT}, { id: back, number: 6, type: doorContact, zone: 306 }, ${BOLT}`;
    const entries =
      'doors:\n  - { id: front, contact: wb-102/door, bolt: wb-102/bolt }\n  - { id: rear, contact: wb-102/back }\n';
    const [front, rear, own, ...more] = doorsOf(written(two, entries));
    expect(front).toMatchObject({ name: 'Rm 102', zone: 304, contact: { point: 4 }, bolt: { point: 5 } });
    expect(rear).toMatchObject({ name: 'Rm 102', zone: 306, contact: { point: 6 } });
    expect(rear).not.toHaveProperty('bolt');
    expect([own, more]).toEqual([OWN, []]);
  });

  test('a door is named by where it is, not by where its contact is wired to', () => {
    const entry = 'doors:\n  - { id: reception, location: A/1/101, contact: wb-102/door }\n';
    expect(doorsOf(written(CONTACT, entry))[0]).toMatchObject({ id: 'reception', name: 'Rm 101 Reception' });
  });

  test('neither a door that makes itself nor a complete entry is remarked on', () => {
    const entry = 'doors: [{ id: door-101, contact: wb-101/door, bolt: wb-101/bolt, heldOpenSeconds: 60 }]\n';
    for (const site of [written(`${CONTACT}, ${BOLT}`), written(CONTACT, entry)]) {
      expect(mistakesOf({ site, keys: KEYS })).toEqual([]);
    }
  });
});

/** Adds entries to the sound site, where wb-101 has a door and a bolt and wb-b101 a cover. */
const entry = (text: string) => ['paths:\n', `doors:\n${text}paths:\n`] as const;

const CASES: readonly Case[] = [
  {
    promise: 'a device there is not is told with the nearest',
    edits: [entry('  - { id: front, contact: wb-1o1/door, bolt: wb-101/bolt }\n')],
    at: 'wb-1o1/door',
    says: 'there is no device wb-1o1',
    hint: 'did you mean "wb-101"?',
  },
  {
    promise: 'a point there is not is told with the nearest',
    edits: [entry('  - { id: front, contact: wb-101/dor, bolt: wb-101/bolt }\n')],
    at: 'wb-101/dor,',
    says: 'wb-101 has no point dor',
    hint: 'did you mean "door"?',
  },
  {
    promise: 'a device without any fitting point is told what it lacks',
    edits: [entry('  - { id: front, contact: wb-b101/door }\n')],
    at: 'wb-b101/door',
    says: 'wb-b101 has no point door',
    hint: 'add a point of type doorContact to wb-b101',
  },
  {
    promise: 'a bolt is no contact',
    edits: [entry('  - { id: front, contact: wb-101/bolt }\n')],
    at: 'wb-101/bolt',
    says: 'wb-101/bolt is a bolt, not a door contact',
    hint: 'write contact: wb-101/door',
  },
  {
    promise: 'a contact is no bolt, nor is a cover',
    edits: [entry('  - { id: front, contact: wb-101/door, bolt: wb-b101/cover }\n')],
    at: 'wb-b101/cover',
    says: 'wb-b101/cover is a tamper switch, not a bolt',
    hint: 'add a point of type bolt to wb-b101',
  },
  {
    promise: 'a point belongs to one door',
    edits: [
      entry('  - { id: front, contact: wb-101/door, bolt: wb-101/bolt }\n  - { id: rear, bolt: "wb-101/bolt" }\n'),
    ],
    at: '"wb-101/bolt"',
    says: 'wb-101/bolt is used already at site.yaml:',
    hint: 'one door',
  },
  {
    promise: 'two doors of one name are told',
    edits: [entry('  - { id: front, contact: wb-101/door }\n  - { id: "front", bolt: wb-101/bolt }\n')],
    at: '"front"',
    says: 'door front is used already at site.yaml:',
    hint: 'a name of its own',
  },
  {
    promise: 'a door that takes the name of another device is told, since that one is a door by itself',
    edits: [
      ['    buttons: [{ id: panic, number: 0, zone: 102 }]\n', `    points: [${CONTACT}]\n`],
      entry('  - { id: "wb-101", contact: wb-102/door }\n'),
    ],
    at: '"wb-101"',
    says: 'device wb-101 makes a door of this name by itself',
    hint: 'contact: wb-101/door, bolt: wb-101/bolt',
  },
  {
    promise: 'a door without contact and bolt is told',
    edits: [entry('  - { id: front }\n')],
    at: 'front',
    says: 'door front has neither contact nor bolt',
    hint: 'such as wb-101/door',
  },
  {
    promise: 'a door that nobody can see open is not held open',
    edits: [entry('  - { id: front, bolt: wb-101/bolt, heldOpenSeconds: 7777 }\n')],
    at: '7777',
    says: 'nobody knows that the door is open',
    hint: 'add contact:',
  },
  {
    promise: 'a room there is not is told with the nearest',
    edits: [entry('  - { id: front, location: A/1/191, contact: wb-101/door }\n')],
    at: 'A/1/191',
    says: 'there is no room A/1/191',
    hint: 'did you mean "A/1/101"?',
  },
  {
    promise: 'a point that is not written as one is told how',
    edits: [entry('  - { id: front, contact: wb-101 door }\n')],
    at: 'wb-101 door',
    says: 'contact',
    hint: 'a device and one of its points, such as wb-101/door',
  },
  {
    promise: 'a device with two contacts and no entry makes no door, and is told what to write',
    edits: [['{ id: bolt, number: 1, type: bolt', '{ id: back, number: 1, type: doorContact']],
    at: '- { id: door, number: 0',
    says: 'wb-101 has more than one door contact or bolt',
    hint: '- { id: wb-101-1, contact: wb-101/door }',
    severity: 'warning',
  },
  {
    promise: 'a bolt that is left over is told',
    edits: [entry('  - { id: front, contact: wb-101/door }\n')],
    at: 'bolt, number: 1',
    says: 'wb-101/bolt belongs to no door',
    hint: 'bolt: wb-101/bolt',
    severity: 'warning',
  },
];

describe('mistakes about doors', () => {
  for (const one of CASES) test(one.promise, () => checkCase(one));

  test('a point that is told to be none is not told to be missing as well', () => {
    const site = edited(SITE, entry('  - { id: front, contact: nonsense }\n'));
    expect(mistakesOf({ site, keys: KEYS }).map(({ severity }) => severity)).toEqual(['error']);
  });
});
