import { expect, test } from 'vitest';
import type { Mistake } from '../../../gateway/config/read/mistake.ts';
import { parseYaml } from '../../../gateway/config/read/yaml-source.ts';

function faults(text: string, secret = false): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  expect(parseYaml('site.yaml', text, { secret }, mistakes)).toBeUndefined();
  return mistakes;
}

/** Terms of the library that mean nothing to an installer. */
const JARGON = /flow|implicit|collection|scalar|node|indicator|compact|plain value|token/i;

test.each([
  ['a list that is not closed', 'a:\n  b: [x, y\nc: 1\n', 3, 'begins with [ is not closed', 'put ]'],
  [
    'a bracket closed too far left',
    'a:\n  b: [x,\ny]\n',
    3,
    'begins with [ is not closed',
    'indent what stands between',
  ],
  ['braces that are not closed', 'a: { b: 1\nc: 2\n', 2, 'a { is not closed', 'put }'],
  ['a double quote that is not closed', 'a: "x\nb: 1\n', 3, 'a quote that was opened', 'close each text'],
  ['a single quote that is not closed', "a: 'x\nb: 1\n", 3, 'a quote that was opened', 'close each text'],
  ['a tab', 'a:\n\tb: 1\n', 2, 'indented with a tab', 'spaces'],
  ['a line too far left', 'a:\n    b: 1\n  c: 2\n', 3, 'begins in another column', 'one column'],
  [
    'a line too far right',
    'a:\n  b: 1\n   c: 2\n',
    3,
    'indented further than the line above',
    'in the column of the name',
  ],
  ['a tab below spaces', 'a:\n  - b: 1\n\t  c: 2\n', 3, 'indented with a tab', 'spaces'],
  ['a non-breaking space behind a colon', 'a: 1\nb:\u00a02\n', 2, 'no ordinary space', 'the space bar'],
  ['non-breaking spaces as indentation', 'a:\n\u00a0\u00a0b: 1\n', 2, 'no ordinary space', 'the space bar'],
  ['an ideographic space', 'a:\n  - b: 1\n\u3000c: 2\n', 3, 'no ordinary space', 'the space bar'],
  ['a list item with a long dash', 'a:\n  – b: 1\n    c: 1\n', 2, 'begins with a long dash', 'hyphen'],
  ['a second document', 'a: 1\n---\nb: 1\n', 2, 'a second document', 'remove the line'],
  ['a colon in a text', 'a: north: wing\n', 1, 'a second name with a colon', '"double quotes"'],
  ['a name without a colon', 'a: 1\nb\nc: 2\n', 2, 'this is no `name: value`', 'a colon and a space'],
  ['a colon without a space', 'a: 1\nb:2\n', 2, 'a space is missing behind the colon', 'write `name: value`'],
  ['a comma that is missing', 'a: ["x" "y"]\n', 1, 'a comma is missing', 'write a comma'],
  ['a text that begins with @', 'a: @x\n', 1, 'can not begin with this character', '"double quotes"'],
  ['a tag', 'a: !x y\n', 1, 'no tags are read', 'remove it'],
])('%s is told once, in words an installer knows, with what to do', (_what, text, line, says, hint) => {
  for (const secret of [false, true]) {
    const [fault] = faults(text, secret);
    expect(fault).toMatchObject({ line, message: expect.stringContaining(says), hint: expect.stringContaining(hint) });
    expect(fault?.message).not.toMatch(JARGON);
  }
});

test('what the library tells twice of one place is told once', () => {
  expect(faults('a:\n  b: 1\n   c: 2\n')).toHaveLength(1);
});

test.each([
  ['a tab', 'a:\n\tb: 1\n\tc: 2\n\td: [1\ne: }\n'],
  ['an indentation', 'a:\n    b: 1\n  c: 2\n   d: 3\n e: 4\n'],
  ['a bracket', 'a: [1\nb: 2\nc: {\nd: "x\n'],
])('only the first fault is told: what the library finds behind %s follows from it', (_what, text) => {
  expect(faults(text)).toHaveLength(1);
});

test('of an alias its place is told, and not that something is missing there', () => {
  const told = faults('a: &x 1\nb: *x\nc: [*x]\n');
  expect(told.map(({ line, message }) => [line, message])).toEqual([
    [2, 'aliases (*name) are not read'],
    [3, 'aliases (*name) are not read'],
  ]);
});

test('ordinary text may hold any space, dash and colon', () => {
  const text = 'a: "x\u00a0y"\nb: – z # \u00a0\nc: https://x.example/\n# \u00a0\n#\tx\nd: [1,\n  2]\n';
  const mistakes: Mistake[] = [];
  expect(parseYaml('site.yaml', text, { secret: false }, mistakes)?.value).toMatchObject({ a: 'x\u00a0y', b: '– z' });
  expect(mistakes).toEqual([]);
});

test('of what is rare the library has a say, in brackets, and of a file with keys only its code', () => {
  const text = 'a: "C:\\x"\n';
  expect(faults(text)[0]?.message).toMatch(/^the YAML is not well formed here \(Invalid escape sequence.*\)$/);
  expect(faults(text, true)[0]?.message).toBe('the YAML is not well formed here (bad dq escape)');
});
