import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LiveScreen } from '../../../gateway/cli/live-screen.ts';
import { coloured, wrapped } from '../../../gateway/cli/terminal-text.ts';

const XTERM = { TERM: 'xterm-256color' };

/** As much of a terminal as the screen uses: ECMA-48 CUP, EL, ED, and xterm's alternate screen. */
class Terminal {
  isTTY = true;
  columns = 40;
  rows = 6;
  writableNeedDrain = false;
  written: string[] = [];
  cells: string[] = [];
  isAlternate = false;
  #row = 0;

  write = (text: string): boolean => {
    this.written.push(text);
    for (const piece of text.split('\u001b[').slice(1)) {
      const [, code = '', line = ''] = /^([?\d;]*[A-Za-z])(.*)$/s.exec(piece) ?? [];
      if (code === '?1049h') this.isAlternate = true;
      if (code === '?1049l') this.isAlternate = false;
      if (code === 'H') this.#row = 0;
      if (code.endsWith(';1H')) this.#row = Number.parseInt(code, 10) - 1;
      if (code === '2J') this.cells = [];
      if (code === 'J') this.cells.length = Math.min(this.cells.length, this.#row);
      if (line !== '') this.cells[this.#row] = line;
      else if (code === 'K' && text.includes(`\u001b[${this.#row + 1};1H\u001b[K`)) this.cells[this.#row] = '';
    }
    return true;
  };
}

describe('a live screen', () => {
  test('shows what was given last, whatever stood there before and whatever the size', () => {
    const picture = fc.array(fc.stringMatching(/^[a-z]{0,8}$/), { maxLength: 9 });
    const step = fc.record({ lines: picture, rows: fc.integer({ min: 3, max: 9 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        const terminal = new Terminal();
        const screen = LiveScreen.on(terminal, XTERM);
        for (const { lines, rows } of steps) {
          terminal.rows = rows;
          screen?.show(lines);
          const fitting =
            lines.length <= rows ? lines : [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`];
          expect(Array.from({ length: rows }, (_, at) => terminal.cells[at] ?? '')).toEqual(
            Array.from({ length: rows }, (_, at) => fitting[at] ?? ''),
          );
        }
      }),
    );
  });

  test('writes only the lines that have changed, in one piece, and nothing for the same picture', () => {
    const terminal = new Terminal();
    const screen = LiveScreen.on(terminal, XTERM);
    screen?.show(['one', 'two']);
    terminal.written = [];
    screen?.show(['one', 'three']);
    expect(terminal.written).toEqual(['\u001b[2;1Hthree\u001b[K']);
    screen?.show(['one', 'three']);
    expect(terminal.written).toHaveLength(1);
  });

  test('leaves out pictures that a slow connection does not take', () => {
    const terminal = new Terminal();
    const screen = LiveScreen.on(terminal, XTERM);
    screen?.show(['one']);
    terminal.writableNeedDrain = true;
    screen?.show(['two']);
    expect(terminal.cells).toEqual(['one']);
    terminal.writableNeedDrain = false;
    screen?.show(['three']);
    expect(terminal.cells).toEqual(['three']);
  });

  test('is the alternate screen: what stood on the terminal is there again, once it is left', () => {
    const terminal = new Terminal();
    const screen = LiveScreen.on(terminal, XTERM);
    screen?.show(['one']);
    expect(terminal.isAlternate).toBe(true);
    screen?.leave();
    screen?.leave();
    expect(terminal.isAlternate).toBe(false);
    expect(terminal.written.join('').match(/\?25[hl]/g)).toEqual(['?25l', '?25h']);
  });

  test('is none on a dumb terminal, an unnamed one, or a pipe', () => {
    const pipe = Object.assign(new Terminal(), { isTTY: false });
    expect(LiveScreen.on(new Terminal(), { TERM: 'dumb' })).toBeUndefined();
    expect(LiveScreen.on(new Terminal(), {})).toBeUndefined();
    expect(LiveScreen.on(pipe, XTERM)).toBeUndefined();
  });
});

test('each line of a broken text has its own colour, and ends it: a pager shows each for itself', () => {
  const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
  const [first = '', second = ''] = wrapped(`${red('one two three')} four`, 8, 2);
  expect(first).toBe('\u001b[31mone two\u001b[0m');
  expect(second).toBe(`\u001b[31m  three\u001b[39m`);
  expect(wrapped(coloured('bold', 'one'), 8, 2)).toEqual([coloured('bold', 'one')]);
});
