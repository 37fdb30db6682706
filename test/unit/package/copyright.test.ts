import { expect, test } from 'vitest';
import { copyrightLines, copyrightText, shortNameOf } from '../../../hardware/package/copyright.ts';

test.each([
  ['MIT', 'Expat'],
  ['ISC', 'ISC'],
  ['(MIT AND Zlib)', 'Expat and Zlib'],
  ['(MIT OR GPL-3.0-or-later)', 'Expat or GPL-3.0-or-later'],
])('licence %s is %s in debian/copyright', (license, name) => {
  expect(shortNameOf(license)).toBe(name);
});

test.each([
  ['Copyright (c) 2026 The authors', ['2026 The authors']],
  ['  Copyright © 2012-2019 A, B', ['2012-2019 A, B']],
  [' * Copyright 2010 James Halliday (mail@x.net)', ['2010 James Halliday (mail@x.net)']],
  ['The above copyright notice and this permission notice shall', []],
  ['THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE', []],
  ['Copyright (c) <year> <owner>', []],
])('the holder in %j', (line, holders) => {
  expect(copyrightLines(line)).toEqual(holders);
});

const PACKAGE = {
  files: 'usr/lib/x/*',
  name: 'x',
  version: '1.0.0',
  license: 'MIT',
  author: 'X',
  source: 'https://x.example',
  text: 'MIT License\n\nCopyright (c) 2020 X\nCopyright (c) 2021 Y\n\nPermission is granted',
};

test('each package stands with its files, holders and own words', () => {
  expect(copyrightText('Callpoint', 'https://c.example', [PACKAGE])).toBe(`\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Callpoint
Source: https://c.example

Files: usr/lib/x/*
Copyright: 2020 X
           2021 Y
License: Expat
 MIT License
 .
 Copyright (c) 2020 X
 Copyright (c) 2021 Y
 .
 Permission is granted
Comment: x 1.0.0, https://x.example
`);
});

test('a package without a text of its licence says so, and Debian has the text of Apache 2.0', () => {
  expect(copyrightText('C', '', [{ ...PACKAGE, text: '' }])).toContain(
    '\n x names its licence, MIT, and has no text of it.',
  );
  const apache = copyrightText('C', '', [{ ...PACKAGE, license: 'Apache-2.0', text: 'long' }]);
  expect(apache).toContain('/usr/share/common-licenses/Apache-2.0');
  expect(apache).not.toContain('long');
});
