import { expect, it } from 'vitest';
import { openTrouble } from '../../../gateway/inputs/gpio/gpio-trouble.ts';
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
