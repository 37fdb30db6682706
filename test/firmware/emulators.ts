import { spawnSync } from 'node:child_process';
import type { BoardKind } from '../../device-sim/firmware/node-pins.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';
import { image, machine } from './image.ts';
import { compileSimavr, type SimavrProgram, type Stimulus, simavrAtRest, simavrCommand } from './simavr.ts';

/** What happens to a node, and when, in ms since its start. */
export type Step = readonly [ms: number, ...stimulus: Stimulus | readonly [what: 'hear', hex: string]];

/** A frame with its delimiters, and when its first byte left. */
export interface SentFrame {
  readonly atMs: number;
  readonly wire: string;
}

export interface Run {
  readonly frames: readonly SentFrame[];
  readonly shown: readonly { readonly atMs: number; readonly colour: string }[];
}

/**
 * Runs a board with this memory through a script, in the order of time, and some time beyond it.
 */
export interface Emulator {
  run(board: BoardKind, storage: Uint8Array, script: readonly Step[], afterMs: number): Run;
}

/** Both emulators read the same from their converters with these. */
const SUPPLY_MV = 11_000;
const CHIP_MV = 5_000;
const BIT_MS = 1000 / 115_200;
const COLOURS: Readonly<Record<string, string>> = { '0 0': 'dark', '1 0': 'red', '0 1': 'green', '1 1': 'amber' };

const endOf = (script: readonly Step[], afterMs: number) => afterMs + (script.at(-1)?.[0] ?? 0);

/** The project's own parts around avr8js. The chip starts at once here, as simavr's does. */
export const avr8js: Emulator = {
  run(board, storage, script, afterMs) {
    const one = machine(storage, { board, flash: image(board), isQuiet: true });
    one.power({ supplyMv: SUPPLY_MV, chipMv: CHIP_MV });
    const sent: { atMs: number; byte: number }[] = [];
    const shown: { atMs: number; colour: string }[] = [];
    one.switchOn();
    const startMs = one.nowMs;
    one.onByte = ({ byte, atMs }) => sent.push({ byte, atMs: atMs - startMs });
    one.onShown = ({ colour }) => shown.push({ atMs: one.nowMs - startMs, colour });
    for (const [ms, ...stimulus] of script) {
      one.runUntil(startMs + ms);
      if (stimulus[0] === 'hear')
        Buffer.from(stimulus[1], 'hex').forEach((byte, at) => {
          one.hear({ byte, isDamaged: false }, startMs + ms + at * 10 * BIT_MS, BIT_MS);
        });
      else befall(one, stimulus);
    }
    one.runUntil(startMs + endOf(script, afterMs));
    if (one.offences.length > 0) throw new Error(`the node does harm: ${JSON.stringify(one.offences)}`);
    return { frames: framesOf(sent), shown };
  },
};

function befall(one: ReturnType<typeof machine>, stimulus: Stimulus): void {
  switch (stimulus[0]) {
    case 'button':
      one.button(stimulus[1], stimulus[2]);
      break;
    case 'point':
      one.point(stimulus[1], stimulus[2]);
      break;
    case 'cover':
      one.cover(stimulus[1]);
      break;
    case 'supply':
      one.power({ supplyMv: stimulus[1] });
      break;
    case 'battery':
      one.power({ chipMv: stimulus[1] });
      break;
    case 'ram':
      one.chip.cpu.data[stimulus[1]] = stimulus[2];
      break;
  }
}

/** simavr, which shares no code with it. It is compiled at the first run. */
export class Simavr implements Emulator {
  #program: SimavrProgram | undefined;

  run(board: BoardKind, storage: Uint8Array, script: readonly Step[], afterMs: number): Run {
    this.#program ??= compileSimavr('script');
    const lines = script.map(([ms, ...stimulus]) =>
      stimulus[0] === 'hear' ? `${ms} hear ${stimulus[1]}` : `${ms} ${simavrCommand(board, stimulus)}`,
    );
    const atRest = simavrAtRest(board, SUPPLY_MV, CHIP_MV).map((command) => `0 ${command}`);
    const input = `${[...atRest, ...lines, `${endOf(script, afterMs)} end`].join('\n')}\n`;
    const ended = spawnSync(this.#program.file, this.#program.arguments(board, storage), { input });
    if (ended.status !== 0) throw new Error(`simavr failed: ${ended.stderr}`);
    const output = String(ended.stdout);
    const bytes = output.matchAll(/^([\d.]+) ([0-9a-f]{2})$/gm);
    const lights = [...output.matchAll(/^([\d.]+) led (.*)$/gm)].map(([, ms, led]) => ({
      atMs: Number(ms),
      colour: COLOURS[led ?? ''] ?? '',
    }));
    return {
      frames: framesOf([...bytes].map(([, ms, hex]) => ({ atMs: Number(ms), byte: Number.parseInt(hex ?? '', 16) }))),
      // Its two pins change one after the other, and each is told when it is written.
      shown: lights.filter(
        ({ colour, atMs }, at) => lights[at + 1]?.atMs !== atMs && colour !== (lights[at - 1]?.colour ?? 'dark'),
      ),
    };
  }

  end(): void {
    this.#program?.remove();
  }
}

function framesOf(bytes: readonly { readonly atMs: number; readonly byte: number }[]): SentFrame[] {
  const scanner = new FrameScanner();
  const frames: SentFrame[] = [];
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
