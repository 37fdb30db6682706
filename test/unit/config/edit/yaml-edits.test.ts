import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { YamlEdits } from '../../../../gateway/config/edit/yaml-edits.ts';
import type { Writable } from '../../../../gateway/config/edit/yaml-text.ts';
import type { YamlPath } from '../../../../gateway/config/read/yaml-source.ts';

const FILE = `# The site
version: 1   # of the format

devices:
  # Ground floor
  - id: 'wb-101'   # at the door
    input: bus-1
    address: 1

    buttons:
      - { id: button-1, zone: 101 }
      # a second one is not wired

  # Upstairs
  - id: wb-201
    address: 2 # set with the switch
    buttons: [{ id: button-1, zone: 201 }]
    # not in use: points
  # example:
  # - id: wb-301
outputs:
doors: [ { id: a }, # the first
  { id: b } ]   # end
rooms: [{ number: "101" }]
`;

function editing(text: string, edit: (edits: YamlEdits) => void): string {
  const edits = new YamlEdits('site.yaml', text);
  edit(edits);
  return edits.text();
}

const NODE = { id: 'wb-202', address: 3, buttons: [{ id: 'button-1', zone: 202 }] };

describe('an entry is added in the form its neighbours have, and everything else stays', () => {
  test.each<readonly [string, YamlPath, Writable, string, string]>([
    [
      'a block list: before the comments that are not part of its last entry',
      ['devices'],
      NODE,
      '    # not in use: points\n',
      '    # not in use: points\n  - id: wb-202\n    address: 3\n    buttons:\n      - { id: button-1, zone: 202 }\n',
    ],
    [
      'a list inside an entry',
      ['devices', 0, 'buttons'],
      { id: 'b' },
      'zone: 101 }\n',
      'zone: 101 }\n      - { id: b }\n',
    ],
    ['a list in brackets', ['rooms'], { number: '102' }, '"101" }]', '"101" }, { number: "102" }]'],
    ['a list in brackets over lines', ['doors'], { id: 'c' }, '{ id: b } ]', '{ id: b }, { id: c } ]'],
    ['a name without a value', ['outputs'], { id: 'led' }, 'outputs:\n', 'outputs:\n  - { id: led }\n'],
    ['a list that is not there', ['kinds'], 'x', '"101" }]\n', '"101" }]\nkinds: [x]\n'],
  ])('%s', (_, path, item, old, fresh) => {
    for (const eol of ['\n', '\r\n']) {
      const text = FILE.replaceAll('\n', eol);
      const added = editing(text, (edits) => edits.append(path, [item]));
      expect(added).toBe(text.replace(old.replaceAll('\n', eol), fresh.replaceAll('\n', eol)));
    }
  });
});

test('a value that is changed keeps its quotes and the comment behind it', () => {
  const text = editing(FILE, (edits) => {
    edits.set(['devices', 0, 'id'], 'wb-109');
    edits.set(['devices', 1, 'address'], 9);
    edits.set(['devices', 1, 'zone'], 201);
    edits.set(['rooms', 0, 'number'], '109');
  });
  const expected = FILE.replace("'wb-101'", "'wb-109'")
    .replace('address: 2 #', 'address: 9 #')
    .replace('    # not in use: points\n', '    zone: 201\n    # not in use: points\n')
    .replace('"101" }]', '"109" }]');
  expect(text).toBe(expected);
});

test('an entry that is removed takes its own lines and comments, and no others', () => {
  expect(editing(FILE, (edits) => edits.remove(['devices', 0]))).toBe(
    FILE.replace(/ {2}- id: 'wb-101'[\s\S]*?not wired\n/, ''),
  );
  expect(editing(FILE, (edits) => edits.remove(['doors', 0]))).toBe(FILE.replace('{ id: a }, # the first\n  ', ''));
  expect(editing(FILE, (edits) => edits.remove(['doors', 1]))).toBe(FILE.replace('{ id: b }', ''));
  expect(editing(FILE, (edits) => edits.remove(['version']))).toBe(FILE.replace(/\nversion.*/, ''));
  const both = editing('a: [{ id: x }, { id: y }, { id: z }]\n', (edits) => {
    edits.remove(['a', 1]);
    edits.remove(['a', 2]);
  });
  expect(both).toBe('a: [{ id: x }, ]\n');
});

test('a comma behind the last entry in brackets goes with the entry, or stays where it is', () => {
  const text = 'a: [\n  x, # one\n  y, # two\n  ]\n';
  expect(editing(text, (edits) => edits.remove(['a', 1]))).toBe('a: [\n  x, # one\n   # two\n  ]\n');
  expect(editing('a: [x, y, ]\n', (edits) => edits.remove(['a', 1]))).toBe('a: [x, ]\n');
  expect(editing('a: [x # one\n  , ]\n', (edits) => edits.remove(['a', 0]))).toBe('a: [ ]\n');
  const longer = editing(text, (edits) => edits.append(['a'], ['z']));
  expect(longer).toBe('a: [\n  x, # one\n  y, z, # two\n  ]\n');
  expect(editing(longer, (edits) => edits.remove(['a', 2]))).toBe(text);
});

test.each(['a: null # none\n', 'a: ~ # none\n', 'a: [] # none\n', 'a: # none\n'])(
  'the first item of an empty list is written below its name: %j',
  (text) => {
    const longer = editing(text, (edits) => edits.append(['a'], ['x']));
    expect(longer).toMatch(/^a: ?# none\n {2}- x\n$/);
    expect(editing(longer, (edits) => edits.remove(['a', 0]))).toMatch(/^a: ?# none\n$/);
  },
);

test('a name is changed where it stands', () => {
  const keys = '# secrets\ndevices:\n  "wb-1": 00aa # of 2024\n  wb-2: 00bb\n';
  const edits = new YamlEdits('keys.yaml', keys, true);
  edits.rename(['devices', 'wb-1'], 'wb-9');
  expect(edits.text()).toBe(keys.replace('"wb-1"', '"wb-9"'));
});

test('a section that is empty or missing gets its first name', () => {
  for (const [before, after] of [
    ['paths: { a: b }\n', 'paths: { a: b }\ndevices:\n  wb-1: c\n'],
    ['', 'devices:\n  wb-1: c\n'],
    ['# none', '# none\ndevices:\n  wb-1: c\n'],
    ['{}\n', '{ devices: { wb-1: c } }\n'],
    ['{ paths: { a: b } }\n', '{ paths: { a: b }, devices: { wb-1: c } }\n'],
    ['devices: {}\npaths: { a: b }', 'devices: { wb-1: c }\npaths: { a: b }'],
    ['devices:\npaths: { a: b }\n', 'devices:\n  wb-1: c\npaths: { a: b }\n'],
    ['devices: # none yet\npaths: { a: b }', 'devices: # none yet\n  wb-1: c\npaths: { a: b }'],
  ] as const) {
    const edits = new YamlEdits('keys.yaml', before, true);
    edits.addNames('devices', [['wb-1', 'c']]);
    expect(edits.text()).toBe(after);
  }
});

test('a text that YAML would read as something else is quoted', () => {
  const values = [
    'true',
    'no',
    '101',
    '1e5',
    '0x10',
    'a: b',
    'a #b',
    '- a',
    '',
    ' a',
    '*a',
    '12:34:56',
    'null',
    '{',
    '"',
  ];
  const text = editing('list:\n  - { id: a }\n', (edits) =>
    edits.append(
      ['list'],
      values.map((id) => ({ id })),
    ),
  );
  const back = new YamlEdits('site.yaml', text);
  for (const [at] of values.entries()) back.remove(['list', at + 1]);
  expect(back.text()).toBe('list:\n  - { id: a }\n');
});

const word = fc.constantFrom('wb-101', 'Main building', '101', 'Химия', 'a: b', 'x # y', 'true', '54:48:E6:8F:80:A5');
const entry = fc.record({ id: word, zone: fc.integer({ min: 1, max: 999 }), name: word }, { requiredKeys: ['id'] });
const gap = fc.constantFrom('', '\n', '  # a comment\n', '\n# at the edge\n\n', '    # deeper\n');

/** A list of entries, written in a form of its own each, with comments and blank lines between. */
const file = fc
  .record({
    entries: fc.array(fc.tuple(entry, gap, fc.boolean(), fc.constantFrom('', ' # x', '   ')), {
      minLength: 1,
      maxLength: 5,
    }),
    eol: fc.constantFrom('\n', '\r\n'),
    after: fc.constantFrom('', 'next: 1\n', '# the end\n', '\n\nnext: [] # z\n'),
    isCut: fc.boolean(),
  })
  .map(({ entries, eol, after, isCut }) => {
    const lines = entries.map(([{ id, ...more }, between, isFlow, tail]) => {
      const pairs = Object.entries({ id, ...more }).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
      const body = isFlow ? `  - { ${pairs.join(', ')} }${tail}\n` : `  - ${pairs.join(`${tail}\n    `)}${tail}\n`;
      return between + body;
    });
    const text = `devices:\n${lines.join('')}${after}`;
    return { text: (isCut ? text.trimEnd() : text).replaceAll('\n', eol), count: entries.length };
  });

test('what is added and removed again leaves every byte as it was', () => {
  fc.assert(
    fc.property(file, fc.array(entry, { minLength: 1, maxLength: 3 }), ({ text, count }, added) => {
      const longer = editing(text, (edits) => edits.append(['devices'], added as Writable[]));
      const again = editing(longer, (edits) => {
        for (const [at] of added.entries()) edits.remove(['devices', count + at]);
      });
      expect(again).toBe(text);
      for (const line of text.split(/\r?\n/)) expect(longer).toContain(line);
    }),
  );
});

test('what is changed and changed back leaves every byte as it was', () => {
  fc.assert(
    fc.property(file, fc.nat(), ({ text, count }, any) => {
      const path = ['devices', any % count, 'id'];
      const once = editing(text, (edits) => edits.set(path, 'an-other'));
      expect(once).not.toBe(text);
      const before = new YamlEdits('site.yaml', text);
      before.set(path, 'an-other');
      const [splice] = before.splices;
      const old = text.slice(splice?.start, splice?.end);
      expect(editing(once, (edits) => edits.set(path, JSON.parse(old)))).toBe(text);
    }),
  );
});

test('an edit of any entry leaves the comments and all other entries', () => {
  fc.assert(
    fc.property(file, fc.nat(), ({ text, count }, any) => {
      const shorter = editing(text, (edits) => edits.remove(['devices', any % count]));
      const own = (all: string) => all.split(/\r?\n/).filter((line) => /^(# at the edge| {2}# a comment)/.test(line));
      expect(own(shorter)).toEqual(own(text));
    }),
  );
});

test('a form that can not be edited by lines is refused, and says where', () => {
  const nested = new YamlEdits('site.yaml', 'a: - b\n');
  expect(() => nested.append(['x', 'y', 'z'], ['q'])).toThrow(/site\.yaml.*edit it by hand/);
  const first = new YamlEdits('site.yaml', 'list:\n  - id: a\n    b: 1\n');
  expect(() => first.remove(['list', 0, 'id'])).toThrow(/list\.0\.id in site\.yaml does not begin a line/);
});
