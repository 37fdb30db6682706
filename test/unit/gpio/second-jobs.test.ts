import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { secondJob } from '../../../gateway/inputs/gpio-second-jobs.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'callpoint-machine-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function configTxt(text: string, file = 'boot/firmware/config.txt'): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

const what = (number: number) => secondJob(number, root)?.what;

test('each line that a Pi needs itself has a second job, and how to free it; the others have none', () => {
  const busy = Array.from({ length: 28 }, (_, number) => number).filter((number) => what(number) !== undefined);
  expect(busy).toEqual([0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15]);
  for (const number of busy) expect(secondJob(number, root)?.free).toContain('/boot/firmware/config.txt');
});

test.each([
  [8, 'dtparam=spi=on'],
  [9, 'dtparam=spi=on'],
  [2, 'dtparam=i2c_arm=on'],
  [4, 'dtoverlay=w1-gpio'],
  [14, 'enable_uart=1'],
  [0, 'force_eeprom_read=0'],
])('GPIO%i is freed by %s', (number, line) => {
  expect(secondJob(number, root)?.free).toContain(line);
});

test.each<[string, number, string]>([
  ['dtparam=i2s=on', 19, 'belongs to the sound of this Pi (I2S)'],
  ['dtparam=i2c_arm=on,i2s=on', 21, 'belongs to the sound of this Pi (I2S)'],
  ['dtoverlay=w1-gpio,gpiopin=17', 17, 'is taken by dtoverlay=w1-gpio,gpiopin=17 in'],
  ['dtoverlay=w1-gpio', 4, 'is taken by dtoverlay=w1-gpio in'],
  ['dtoverlay=gpio-ir,gpio_pin=22', 22, 'is taken by dtoverlay=gpio-ir,gpio_pin=22 in'],
  ['dtoverlay=gpio-key,gpio=23,keycode=2', 23, 'is taken by dtoverlay=gpio-key,gpio=23,keycode=2 in'],
  ['dtoverlay=uart5', 12, 'is taken by dtoverlay=uart5 in'],
  ['dtoverlay=uart3,ctsrts', 6, 'is taken by dtoverlay=uart3,ctsrts in'],
  ['dtoverlay=uart4-pi5', 13, 'is taken by dtoverlay=uart4-pi5 in'],
  ['  dtoverlay=gpio-poweroff  ', 26, 'is taken by dtoverlay=gpio-poweroff in'],
])('a config.txt with %s takes GPIO%i', (line, number, says) => {
  configTxt(`# dtoverlay=w1-gpio,gpiopin=16\r\narm_64bit=1\r\n${line}\r\n`);
  expect(what(number)).toContain(says);
  expect(what(16)).toBeUndefined();
});

test('an overlay on another line leaves its usual one as it is', () => {
  configTxt('dtoverlay=gpio-ir,gpio_pin=22\n');
  expect(what(18)).toBeUndefined();
});

test('a UART without flow control leaves the lines beside it', () => {
  configTxt('dtoverlay=uart3\n');
  expect([what(5), what(6)]).toEqual([expect.stringContaining('is taken by dtoverlay=uart3 in'), undefined]);
});

test('the old place of config.txt is read as well', () => {
  configTxt('dtoverlay=w1-gpio,gpiopin=17\n', 'boot/config.txt');
  expect(what(17)).toContain('is taken by');
});
