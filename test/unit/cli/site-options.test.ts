import { expect, test } from 'vitest';
import { dataDirectory, installedDirectory, usualConfig } from '../../../gateway/cli/site-options.ts';

const INSTALLED = { CALLPOINT_CONFIG: '/etc/callpoint/site.yaml', CALLPOINT_DATA: '/var/lib/callpoint' };

test('a site in the working directory comes before the installed one', () => {
  const here = (path: string) => path === 'site.yaml';
  expect(usualConfig(INSTALLED, here)).toBe('site.yaml');
  expect(usualConfig(INSTALLED, () => false)).toBe('/etc/callpoint/site.yaml');
});

test('without an installed package, the site is always the one in the working directory', () => {
  for (const none of [{}, { CALLPOINT_CONFIG: '' }]) {
    expect(usualConfig(none, () => false)).toBe('site.yaml');
    expect(dataDirectory({ config: 'site.yaml' }, none)).toBe('data');
    expect(installedDirectory(none)).toBeUndefined();
  }
});

test.each([
  ['the installed site', { config: '/etc/callpoint/site.yaml' }, '/var/lib/callpoint'],
  ['the installed site, named another way', { config: '/etc/callpoint/../callpoint/site.yaml' }, '/var/lib/callpoint'],
  ['a site of its own', { config: 'mysite/site.yaml' }, 'mysite/data'],
  ['the site in the working directory', { config: 'site.yaml' }, 'data'],
  ['what --data names', { config: '/etc/callpoint/site.yaml', data: '/mnt/data' }, '/mnt/data'],
])('the data of %s', (_name, options, expected) => {
  expect(dataDirectory(options, INSTALLED)).toBe(expected);
});

test('init writes the installed site where the launcher says', () => {
  expect(installedDirectory(INSTALLED)).toBe('/etc/callpoint');
});
