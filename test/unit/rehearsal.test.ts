import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSettings } from '../../gateway/config/load.ts';
import { rehearse } from '../../gateway/rehearsal/rehearsal.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { LONG_AGO_MS } from '../../protocol/clocks.ts';
import { KEYS, SITE, withSite } from './config/site-fixture.ts';

const settings = withSite({ site: SITE, keys: KEYS }, (file) => loadSettings(file, join(file, '../data')));

test('a rehearsal runs its presses while nobody presses', async () => {
  expect(await rehearse(settings, () => LONG_AGO_MS)).toBe(30);
});

test('a real signal ends it before its next press', async () => {
  let asked = 0;
  const heardAtTheThird = () => {
    asked += 1;
    return asked < 3 ? LONG_AGO_MS : monoMs();
  };
  expect(await rehearse(settings, heardAtTheThird)).toBe(2);
});

test('a site without a button has nothing to rehearse', async () => {
  const { site } = settings;
  expect(await rehearse({ ...settings, site: { ...site, devices: new Map(), doors: [] } }, () => LONG_AGO_MS)).toBe(0);
});
