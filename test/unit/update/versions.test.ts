import { expect, test } from 'vitest';
import { compareVersions, isNodeRange, isNodeWithin, isVersion } from '../../../protocol/update/versions.ts';

test('versions are ordered as in clause 11 of Semantic Versioning', () => {
  const ordered = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11'];
  const all = [...ordered, '1.0.0-rc.1', '1.0.0', '1.0.10', '1.2.0', '1.10.0', '2.0.0'];
  for (const [at, each] of all.entries())
    for (const [other, than] of all.entries())
      expect(Math.sign(compareVersions(each, than)), `${each} ${than}`).toBe(Math.sign(at - other));
});

test('what is no version is none', () => {
  for (const text of ['', '1', '1.2', '01.2.3', '1.2.3-', 'v1.2.3', '1.2.3+x', `1.2.${'9'.repeat(70)}`])
    expect(isVersion(text), text).toBe(false);
});

test.each([
  ['v20.19.2', '>=20.19 <26', true],
  ['v20.18.9', '>=20.19 <26', false],
  ['v25.9.9', '>=20.19 <26', true],
  ['v26.0.0', '>=20.19 <26', false],
  ['v22.0.0', '>=20', true],
])('Node %s and %s: %s', (version, range, isWithin) => {
  expect(isNodeRange(range)).toBe(true);
  expect(isNodeWithin(version, range)).toBe(isWithin);
});

test('a range with anything else is none', () => {
  for (const range of ['', '^20', '>=20 || <18', '*', '>=20  <26']) expect(isNodeRange(range), range).toBe(false);
});
