import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CommandModeWatch } from '../../../gateway/paths/radio/command-mode.ts';
import { encodeKiss } from '../../../protocol/radio/kiss.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('a TNC that says it is in command mode', () => {
  test.each([
    ['a sign-on text and the prompt', '\r\nTAPR TNC 2\r\ncmd:', 'cmd:'],
    ['a complaint', '?EH\r\n', '?EH'],
    ["Kantronics' complaint", '\r\nEH?\r\n', 'EH?'],
    ["AEA's complaint", '?What?', '?What?'],
    ['with parity bits', String.fromCharCode(...[...'cmd:'].map((letter) => letter.charCodeAt(0) | 0x80)), 'cmd:'],
    ['behind an echoed frame', '\xc0\x00abc\xc0\r\ncmd:', 'cmd:'],
    ['before a frame that comes with it', 'cmd:\xc0\x00abc\xc0', 'cmd:'],
    ['behind a lot of noise', `${'x'.repeat(10_000)}cmd:`, 'cmd:'],
  ])('%s', (_, text, said) => {
    expect(new CommandModeWatch().push(bytes(text))).toBe(said);
  });

  test('is found however its text is cut', () => {
    fc.assert(
      fc.property(fc.nat(6), (at) => {
        const watch = new CommandModeWatch();
        const text = bytes('\r\ncmd:');
        const found = [watch.push(text.subarray(0, at)), watch.push(text.subarray(at))];
        expect(found.filter((each) => each !== undefined)).toEqual(['cmd:']);
      }),
    );
  });

  test('is told once for each time it says so', () => {
    const watch = new CommandModeWatch();
    expect(watch.push(bytes('cmd:'))).toBe('cmd:');
    expect(watch.push(bytes('\r\n'))).toBeUndefined();
    expect(watch.push(bytes('cmd:'))).toBe('cmd:');
  });

  test('no data frame can look like it, whatever a station on the air says', () => {
    const text = fc.constantFrom('cmd:', '\r\n?EH\r\ncmd:', 'EH?', '\xdb\xdc', '\xc0');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(15), fc.array(text, { maxLength: 5 })), { maxLength: 5 }), (frames) => {
        const watch = new CommandModeWatch();
        for (const [port, texts] of frames) {
          const payload = bytes(texts.join(''));
          const wire = encodeKiss({ port, command: 0, payload });
          expect(watch.push(wire.subarray(0, -1))).toBeUndefined();
          expect(watch.push(wire.subarray(-1))).toBeUndefined();
        }
      }),
    );
  });
});
