import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NANO } from '../../device-sim/firmware/node-pins.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';
import { image, imageFile, machine } from './image.ts';

/** A stimulus of a node, and when it comes: the small language of simavr/judge.c. */
export type Stimulus =
  | readonly [ms: number, word: 'button' | 'point', number: number, isClosed: boolean]
  | readonly [ms: number, word: 'cover', isOn: boolean]
  | readonly [ms: number, word: 'hear', hex: string];

/** What a node sent: each frame with its delimiters, and when its first byte left. */
export interface Heard {
  readonly atMs: number;
  readonly wire: string;
}

const HEADERS = '/usr/include/simavr/sim_avr.h';
/** What simavr's converter reads from whole millivolts behind the divider too. */
const SUPPLY_MV = 11_000;
const BIT_MS = 1000 / 115_200;
const { CI } = process.env;
export const isSimavrMissing = CI === undefined && !existsSync(HEADERS);

/**
 * Compiles the judge, and returns a function that runs a script in simavr, and one that ends it.
 */
export function simavrJudge() {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-judge-'));
  const program = join(directory, 'judge');
  const source = join(import.meta.dirname, 'simavr/judge.c');
  const flags = ['-std=c99', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror', '-O2'];
  execFileSync('cc', [...flags, '-o', program, source, '-lsimavr', '-lelf', '-lm']);
  return {
    run(storage: Uint8Array, script: readonly Stimulus[], endMs: number): Heard[] {
      const eeprom = join(directory, 'eeprom');
      writeFileSync(eeprom, storage);
      const lines = [...script.map((each) => each.map((word) => (typeof word === 'boolean' ? Number(word) : word)))];
      const input = [...lines, [endMs, 'end']].map((line) => `${line.join(' ')}\n`).join('');
      const { chip, hz } = NANO;
      const ended = spawnSync(program, [imageFile(NANO, 'elf'), chip.name, String(hz), eeprom], { input });
      if (ended.status !== 0) throw new Error(`the judge failed: ${ended.stderr}`);
      const bytes = String(ended.stdout).matchAll(/^([\d.]+) ([0-9a-f]{2})$/gm);
      return framesOf([...bytes].map(([, ms, hex]) => ({ atMs: Number(ms), byte: Number.parseInt(hex ?? '', 16) })));
    },
    end: () => rmSync(directory, { recursive: true }),
  };
}

/** Runs a script in avr8js. The chip starts at once here, as simavr's does. */
export function runHere(storage: Uint8Array, script: readonly Stimulus[], endMs: number): Heard[] {
  const one = machine(storage, { flash: image(NANO), isQuiet: true });
  one.power({ supplyMv: SUPPLY_MV });
  const sent: { atMs: number; byte: number }[] = [];
  one.switchOn();
  const startMs = one.nowMs;
  one.onByte = ({ byte, atMs }) => sent.push({ byte, atMs: atMs - startMs });
  for (const [ms, word, ...rest] of script) {
    one.runUntil(startMs + ms);
    const [number, isClosed] = rest;
    if (word === 'button') one.button(Number(number), isClosed === true);
    else if (word === 'point') one.point(Number(number), isClosed === true);
    else if (word === 'cover') one.cover(number === true);
    else
      Buffer.from(String(number), 'hex').forEach((byte, at) => {
        one.hear({ byte, isDamaged: false }, startMs + ms + at * 10 * BIT_MS, BIT_MS);
      });
  }
  one.runUntil(startMs + endMs);
  return framesOf(sent);
}

function framesOf(bytes: readonly { readonly atMs: number; readonly byte: number }[]): Heard[] {
  const scanner = new FrameScanner();
  const frames: Heard[] = [];
  let startMs = 0;
  let isInside = false;
  for (const { atMs, byte } of bytes) {
    if (!isInside && byte === 0) startMs = atMs;
    isInside = byte !== 0;
    scanner.push(
      Uint8Array.of(byte),
      (body) => frames.push({ atMs: startMs, wire: `00${Buffer.from(body).toString('hex')}00` }),
      () => undefined,
    );
  }
  return frames;
}
