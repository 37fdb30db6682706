import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkFreed } from '../../../gateway/config/inputs/gpio.ts';
import type { Mistake } from '../../../gateway/config/read/mistake.ts';
import { View } from '../../../gateway/config/read/view.ts';
import { parseYaml } from '../../../gateway/config/read/yaml-source.ts';
import { freedOutputs } from '../../../gateway/inputs/gpio-freed-outputs.ts';

const PI_4 = 'raspberrypi,4-model-b\0brcm,bcm2711\0';
const PI_5 = 'raspberrypi,5-model-b\0brcm,bcm2712\0';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'callpoint-machine-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function machine(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

const compatible = (text: string) => ({ 'proc/device-tree/compatible': text });
const persists = (driver: string, text: string) => ({
  [`sys/module/${driver}/parameters/persist_gpio_outputs`]: `${text}\n`,
});

describe('what a crash leaves on an output', () => {
  test.each([
    ['a Pi 4 as it comes keeps the level', { ...compatible(PI_4), ...persists('pinctrl_bcm2835', 'Y') }, 'kept'],
    ['with strict_gpiod it is let go', { ...compatible(PI_4), ...persists('pinctrl_bcm2835', 'N') }, 'released'],
    ['an older kernel says nothing of it, and is not relied on', compatible(PI_4), 'kept'],
    [
      'on a Pi 5 the chip of its header counts, not the other one',
      { ...compatible(PI_5), ...persists('pinctrl_bcm2835', 'N'), ...persists('pinctrl_rp1', 'Y') },
      'kept',
    ],
    [
      'and the other way round',
      { ...compatible(PI_5), ...persists('pinctrl_bcm2835', 'Y'), ...persists('pinctrl_rp1', 'N') },
      'released',
    ],
    ['of another machine nothing is said', persists('pinctrl_bcm2835', 'Y'), 'unknown'],
  ])('%s', (_, files, expected) => {
    machine(files);
    expect(freedOutputs(root)).toBe(expected);
  });

  test.each([
    ['trouble', 'kept', 1],
    ['trouble', 'released', 0],
    ['trouble', 'unknown', 0],
    ['alarm', 'kept', 0],
  ] as const)('check warns of a relay that shows %s where it is %s: %i', (shows, freed, count) => {
    const mistakes: Mistake[] = [];
    const source = parseYaml('site.yaml', `{ id: relay-1, shows: ${shows} }`, { secret: false }, mistakes);
    if (source === undefined) throw new Error('no source');
    checkFreed(new View(source, [], source.value, new Set(), mistakes), freed);
    expect(mistakes).toHaveLength(count);
    if (count > 0)
      expect(mistakes[0]).toMatchObject({ severity: 'warning', hint: expect.stringContaining('strict_gpiod') });
  });
});
