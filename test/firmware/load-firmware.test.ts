import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { firmwareNodes } from '../../device-sim/firmware/load-firmware.ts';
import { BOARD_1284P, NANO, PRO_MINI } from '../../device-sim/firmware/node-pins.ts';
import { imageFile, isImageMissing, KEY } from './image.ts';

const directory = mkdtempSync(join(tmpdir(), 'callpoint-images-'));
afterAll(() => rmSync(directory, { recursive: true }));

const settings = { id: 'wb-1', address: 17, key: KEY, epoch: 1, buttons: 2, points: 1 };
const LINES = [{ baudRate: 38_400, nodes: [{ settings }] }];
const END = ':00000001FF\n';

function written(text: string): string {
  const file = join(directory, 'image.hex');
  writeFileSync(file, text);
  return file;
}

function record(address: number, ...data: number[]): string {
  const bytes = [data.length, address >> 8, address & 0xff, 0, ...data];
  const sum = bytes.reduce((total, each) => total + each, 0);
  return `:${Buffer.from([...bytes, -sum & 0xff]).toString('hex')}\n`;
}

const program = (...words: number[]) => `${record(0, ...words.flatMap((word) => [word & 0xff, word >> 8]))}${END}`;
/** `cli`, and a jump to itself. */
const LOOP = program(0x94f8, 0xcfff);
/** The watchdog is fed, and nothing else happens. */
const FED = program(0x94f8, 0x95a8, 0xcffe);
/** Switches timer 0 on. */
const TIMER_0 = program(0xe081, 0xbd85, 0xcfff);

describe.skipIf(isImageMissing())('the firmware of --firmware', () => {
  const nano = () => readFileSync(imageFile(NANO), 'utf8');
  const beginning = () => `${nano().split('\n').slice(0, 100).join('\n')}\n`;

  test('is that of the project, or a file', async () => {
    await expect(firmwareNodes(true, LINES)).resolves.toBeTypeOf('function');
    await expect(firmwareNodes(imageFile(NANO), LINES)).resolves.toBeTypeOf('function');
  });

  test.each([
    ['is no text', () => written('\x7fELF\x01'), /line 1 is no record: it is ":" and hex digits/],
    ['is empty', () => written(''), /the end record is missing: the file is cut/],
    ['is cut', () => written(beginning()), /the file is cut/],
    ['has a wrong sum', () => written(nano().replace(/^:10/m, ':11')), /line \d+ has not as many bytes as it says/],
    ['has a wrong byte', () => written(`:0100000000FE\n${END}`), /line 1: its sum is wrong/],
    [
      'is larger than the flash',
      () => written(`${record(0x7fff, 1, 2)}${END}`),
      /line 1 goes beyond the flash of 32768/,
    ],
    ['is missing', () => join(directory, 'none.hex'), /ENOENT/],
    ['is a directory', () => directory, /it is no image, or too long for one/],
    ['never ends', () => '/dev/zero', /it is no image, or too long for one/],
    ['holds nothing', () => written(END), /does not start: the node says no hello/],
    ['loops with its interrupts off', () => written(LOOP), /does not start: the node says no hello/],
    ['loops, and feeds its watchdog', () => written(FED), /does not start: the node says no hello/],
    [
      'needs what the board has not',
      () => written(TIMER_0),
      /needs what the emulated board has not: the emulator has no timer 0/,
    ],
    ['is of a slower board', () => imageFile(PRO_MINI), /does not start: the node says no hello/],
    ['is of another chip', () => imageFile(BOARD_1284P), /does not start: the node says no hello/],
  ])('that %s is refused, and what to do is said', async (_, file, message) => {
    const loading = firmwareNodes(file(), LINES);
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toThrow(/node-nano-328p-16mhz\.hex.* make -C hardware\/node builds it$/);
    await expect(loading).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('that is not built yet is named, with the command that builds it', async () => {
    const loading = firmwareNodes(true, LINES, { places: [directory] });
    await expect(loading).rejects.toThrow(/not built: run make -C hardware\/node, which makes build\/node-nano-328p/);
  });

  test('without the emulator says how to install it', async () => {
    const emulator = () => import(join(directory, 'avr8js.js'));
    const loading = firmwareNodes(true, LINES, { emulator });
    await expect(loading).rejects.toThrow(/the emulator is missing: npm install avr8js@\d+\.\d+\.\d+ \(/);
    await expect(loading).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('names every node of the site that the board cannot be, before anything starts', async () => {
    const nodes = [
      { settings: { ...settings, buttons: 6 } },
      { settings },
      { settings: { ...settings, id: 'wb-3', points: 4 } },
    ];
    const loading = firmwareNodes(true, [{ baudRate: 115_200, nodes }]);
    await expect(loading).rejects.toThrow(/ {2}wb-1 has 6 buttons: .*\n {2}wb-3 has 4 points: .*\nChange the site/);
    const many = Array.from({ length: 30 }, () => ({ settings }));
    await expect(firmwareNodes(true, [{ baudRate: 1_200, nodes: many }])).rejects.toThrow(
      /1200 Bd.*(\n.*)*\n {2}and 20 more\n/,
    );
  });

  test('on a site without wall nodes is refused', async () => {
    await expect(firmwareNodes(true, [])).rejects.toThrow(/this site has no button-bus input/);
  });
});
