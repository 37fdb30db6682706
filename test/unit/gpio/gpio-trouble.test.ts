import { expect, it } from 'vitest';
import { allTroubles, busyTrouble, openTrouble } from '../../../gateway/inputs/gpio/gpio-trouble.ts';
import { SystemError } from '../../../gateway/system/libc.ts';

it.each([
  ['ENOENT', 'absent', 'is not there'],
  ['ENODEV', 'absent', 'is not there'],
  ['EACCES', 'denied', 'add the gateway\'s user to the group "gpio"'],
  ['ENOTTY', 'failed', 'is not a GPIO chip'],
  ['EINVAL', 'failed', 'Linux 5.10 or newer'],
  ['EMFILE', 'failed', 'the words of the system'],
])('%s is of the kind %s and says what to do', (code, kind, words) => {
  const trouble = openTrouble('/dev/gpiochip0', new SystemError(code, 'the words of the system'));
  expect(trouble.kind).toBe(kind);
  expect(trouble.message).toContain('/dev/gpiochip0');
  expect(trouble.message).toContain(words);
});

it.each([
  ['spi0 CS0', 'remove dtparam=spi=on from config.txt'],
  ['onewire@4', 'remove dtoverlay=w1-gpio from config.txt'],
  ['sysfs', '/sys/class/gpio'],
  ['callpoint', 'second gateway'],
  ['gpiomon', 'stop that program'],
  ['', 'by another program or the kernel'],
])('a line in use by "%s": %s', (consumer, words) => {
  const trouble = busyTrouble('GPIO8', consumer);
  expect(trouble.kind).toBe('busy');
  expect(trouble.message).toMatch(/^GPIO8 is in use by .*, or use another line$/);
  expect(trouble.message).toContain(words);
});

it('a header with nothing but bad lines is one text that stays short', () => {
  const troubles = Array.from({ length: 28 }, (_, number) => busyTrouble(`GPIO${number}`, 'gpiomon'));
  const { message } = allTroubles('/dev/gpiochip0 (pinctrl-rp1)', troubles);
  expect(message).toMatch(/^\/dev\/gpiochip0 \(pinctrl-rp1\): GPIO0 is in use .*; and 25 more lines$/);
  expect(message.length).toBeLessThan(400);
});
