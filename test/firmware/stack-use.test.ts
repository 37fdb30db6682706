import { expect, test } from 'vitest';
import { stackUse } from '../../hardware/node/check/stack.ts';

/** Lines as objdump writes them: address, bytes, instruction, operands. */
function routine(address: string, name: string, ...code: string[]): string {
  const lines = code.map((line, at) => ` ${(Number.parseInt(address, 16) + 2 * at).toString(16)}:\t00 00 \t${line}`);
  return [`00000${address} <${name}>:`, ...lines, ''].join('\n');
}

const leaf = routine('200', 'leaf', 'push\tr28', 'in\tr28, 0x3d', 'sbiw\tr28, 0x10\t; 16', 'ret');
const isr = routine('300', '__vector_18', 'push\tr0', 'push\tr1', 'reti');

test('the stack is the deepest chain of calls, and one interrupt', () => {
  const main = routine('100', 'main', 'push\tr28', 'call\t0x200\t; 0x200 <leaf>', 'rjmp\t.-4 \t; 0x102 <main+0x2>');
  // main: its return address 2, one push, the call 2; leaf: one push and 16; interrupt: 2 + 2.
  expect(stackUse(main + leaf + isr, 'avr')).toMatchObject({ bytes: 2 + 1 + 2 + 17 + 4, path: ['main', 'leaf'] });
});

test('a frame of more than 63 bytes counts, whether its high byte is 0 or not', () => {
  const small = routine('100', 'main', 'in\tr28, 0x3d', 'subi\tr28, 0x41\t; 65', 'sbc\tr29, r1', 'ret');
  const large = routine('100', 'main', 'in\tr28, 0x3d', 'subi\tr28, 0x2C\t; 44', 'sbci\tr29, 0x01\t; 1', 'ret');
  expect(stackUse(small, 'avr').bytes).toBe(2 + 65);
  expect(stackUse(large, 'avr').bytes).toBe(2 + 300);
});

test('r28 moves to reach the far end of a large frame: that makes no room', () => {
  const far = ['subi\tr28, 0x80\t; 128', 'sbci\tr29, 0xFF\t; 255', 'subi\tr28, 0x80\t; 128', 'sbci\tr29, 0x00\t; 0'];
  const main = routine('100', 'main', 'in\tr28, 0x3d', 'subi\tr28, 0x41\t; 65', 'sbc\tr29, r1', ...far, 'ret');
  expect(stackUse(main, 'avr').bytes).toBe(2 + 65);
});

test('recursion and a call through a pointer have no bound', () => {
  const recursive = routine('100', 'main', 'call\t0x100\t; 0x100 <main>', 'ret');
  expect(() => stackUse(recursive, 'avr')).toThrow('recursion: main > main');
  expect(() => stackUse(routine('100', 'main', 'icall', 'ret'), 'avr')).toThrow('pointer');
});

test('a constant of the same value does not hide the called routine', () => {
  const main = routine('100', 'main', 'jmp\t0x200\t; 0x200 <__DATA_REGION_LENGTH__+0x7f>');
  expect(stackUse(main + leaf, 'avr').bytes).toBe(2 + 17);
});

test('an ARM routine: pushed registers, its frame, 32 bytes for an interrupt', () => {
  const main = routine('100', 'main', 'push\t{r4, r5, lr}', 'sub\tsp, #24', 'bl\t10000200 <leaf>', 'pop\t{r4, r5, pc}');
  const below = routine('200', 'leaf', 'push\t{r4-r7, lr}', 'pop\t{r4-r7, pc}', '.word\t0x10000000');
  const handler = routine('300', 'uart_handler', 'push\t{r4, lr}', 'pop\t{r4, pc}');
  const text = (main + below + handler).replaceAll('00000', '10000');
  expect(stackUse(text, 'arm').bytes).toBe(12 + 24 + 20 + 32 + 8);
});
