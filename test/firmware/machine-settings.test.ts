import { expect, test } from 'vitest';
import { crc16Genibus } from '../../protocol/crc16.ts';
import { isImageMissing, KEY, machine, SETTINGS, storageOf } from './image.ts';

const BIT_MS = 1000 / 38_400;
/** The simulator writes the first copy, and the first set-up the second one. */
const COPIES_AT = { simulator: 256, port: 384 } as const;
/** The copies are the same but for their sequence numbers, and so for their sums. */
const fields = (storage: Uint8Array, at: number) => [...storage.slice(at + 2, at + 42)];
const ANSWER_MS = 700;

test.skipIf(isImageMissing())('the service port writes what the simulator writes into the memory', () => {
  const storage = new Uint8Array(1_024).fill(0xff);
  const one = machine(storage);
  let answers = '';
  one.onByte = ({ byte }) => {
    answers += String.fromCharCode(byte);
  };
  one.jumper(true);
  one.switchOn();
  one.runUntil(one.nowMs + 20);
  const ask = (words: string) => {
    const line = `@${words}*${crc16Genibus(Buffer.from(words)).toString(16).toUpperCase().padStart(4, '0')}\n`;
    let atMs = one.nowMs;
    for (const byte of Buffer.from(line)) {
      one.hear({ byte, isDamaged: false }, atMs, BIT_MS);
      atMs += 10 * BIT_MS;
    }
    answers = '';
    one.runUntil(atMs + (words === 'save' ? ANSWER_MS : 60));
    return answers;
  };
  const key = Buffer.from(KEY).toString('hex');
  for (const words of [
    `key ${key}`,
    `serial ${SETTINGS.serial}`,
    'address 17',
    'buttons 2',
    'points 3',
    'heartbeat 30',
    'baud 115200',
  ]) {
    expect(ask(`set ${words}`)).toMatch(/^\+/);
  }
  expect(ask('save')).toMatch(/^\+saved/);
  expect(fields(storage, COPIES_AT.port)).toEqual(fields(storageOf(), COPIES_AT.simulator));
});
