import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { TerminalInput } from '../../../gateway/cli/terminal-input.ts';

function terminal() {
  const [keys, screen] = [new PassThrough(), new PassThrough()];
  let shown = '';
  screen.on('data', (chunk) => {
    shown += String(chunk);
  });
  return { keys, input: new TerminalInput(keys, screen), shown: () => shown };
}

test('answers that were typed ahead or pasted answer one question each', async () => {
  const { keys, input, shown } = terminal();
  const first = input.ask('Room: ', false);
  keys.write('A/1/104\ny\nLab\n');
  expect(await first).toBe('A/1/104');
  expect(await input.ask('Add it? ', false)).toBe('y');
  expect(await input.ask('Name: ', false)).toBe('Lab');
  const last = input.ask('Zone: ', false);
  keys.write('104\n');
  expect(await last).toBe('104');
  expect(shown()).toContain('Add it? \nName: \n');
  input.close();
});

test('a secret is not shown, and the answer after it is', async () => {
  const { keys, input, shown } = terminal();
  const secret = input.ask('Key: ', true);
  keys.write('e6419c20d83b57fa\n');
  expect(await secret).toBe('e6419c20d83b57fa');
  const open = input.ask('Name: ', false);
  keys.write('wb-1\n');
  expect(await open).toBe('wb-1');
  expect(shown()).not.toContain('e6419c20');
  expect(shown()).toContain('wb-1');
  input.close();
});

test('a person who ends it gives no answer to any question', async () => {
  const { keys, input } = terminal();
  const asked = input.ask('Room: ', false);
  keys.write('\u0003');
  expect(await asked).toBeUndefined();
  expect(await input.ask('Zone: ', false)).toBeUndefined();
});
