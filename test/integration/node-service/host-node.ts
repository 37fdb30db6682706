import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';

const CORE = fileURLToPath(new URL('../../../hardware/node/core/', import.meta.url));
const SOURCES = ['service_text', 'service_fields', 'settings', 'epoch', 'crc16', 'aes128'].map((name) =>
  join(CORE, `${name}.c`),
);
const HOST = fileURLToPath(new URL('./host.c', import.meta.url));
const FUZZ = fileURLToPath(new URL('./fuzz.c', import.meta.url));
const LINE_MAX = 96;
const MEMORY_BYTES = 512;
const UNCUT = 0xffffffff;

/** A C compiler of this machine. */
export const compiler = ['cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);

/** The firmware's own service port, compiled for this machine. */
export class HostNode {
  readonly #call: ReturnType<typeof functionsOf>;

  /** @throws Error with the compiler's messages */
  constructor() {
    const directory = mkdtempSync(join(tmpdir(), 'callpoint-service-'));
    try {
      const library = join(directory, 'service.so');
      const flags = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-O1', '-shared', '-fPIC'];
      execFileSync(compiler ?? 'cc', [...flags, '-o', library, HOST, ...SOURCES]);
      this.#call = functionsOf(library);
    } finally {
      rmSync(directory, { recursive: true });
    }
    this.memory = new Uint8Array(MEMORY_BYTES).fill(0xff);
    this.start();
  }

  /** As after a reset. The power fails at a write of the memory: that byte becomes `byte`. */
  start(cut: { readonly atWrite: number; readonly byte: number } | undefined = undefined): void {
    this.#call.start(cut?.atWrite ?? UNCUT, cut?.byte ?? 0);
  }

  /** @returns the answer with its line end; empty: none */
  line(line: Uint8Array): Uint8Array {
    const answer = new Uint8Array(LINE_MAX);
    const length: number = this.#call.line(line, line.length, answer);
    if (length > LINE_MAX) throw new Error(`the service wrote beyond its answer: ${Buffer.from(line).toString('hex')}`);
    return answer.subarray(0, length);
  }

  get memory(): Uint8Array {
    const bytes = new Uint8Array(MEMORY_BYTES);
    this.#call.readMemory(bytes);
    return bytes;
  }

  set memory(bytes: Uint8Array) {
    this.#call.writeMemory(bytes);
  }

  /** Writes of the memory since the start. */
  get writes(): number {
    return this.#call.writeCount();
  }

  get shown(): { readonly red: boolean; readonly green: boolean; readonly buzzer: boolean } {
    const bits: number = this.#call.shown();
    return { red: (bits & 1) !== 0, green: (bits & 2) !== 0, buzzer: (bits & 4) !== 0 };
  }

  /** @param bauds bit 0: 9600 … bit 4: 115200 */
  isBoard(buttons: number, points: number, bauds: number): void {
    this.#call.board(buttons, points, bauds);
  }

  contacts(buttons: number, points: number, isCoverOff: boolean): void {
    this.#call.contacts(buttons, points, isCoverOff);
  }

  /** What the node would start with. `undefined`: it would not send. */
  loaded(): { readonly key: string; readonly address: number } | undefined {
    const [key, address] = [new Uint8Array(16), new Uint8Array(1)];
    if (this.#call.load(key, address) === 0) return undefined;
    return { key: Buffer.from(key).toString('hex'), address: address[0] ?? 0 };
  }

  /** 0: the node would not send. */
  nextEpoch(): number {
    return this.#call.nextEpoch();
  }
}

/** Runs fuzz.c under the sanitizers. @returns what it counted @throws Error at the first fault */
export function fuzzService(seed: number): string {
  const directory = mkdtempSync(join(tmpdir(), 'callpoint-fuzz-'));
  try {
    const program = join(directory, 'fuzz');
    const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
    const flags = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-g', '-O1', ...sanitizers];
    execFileSync(compiler ?? 'cc', [...flags, '-o', program, FUZZ, ...SOURCES]);
    return execFileSync(program, [String(seed)], { encoding: 'utf8' });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function functionsOf(library: string) {
  const host = koffi.load(library);
  return {
    start: host.func('void host_start(uint32_t, uint8_t)'),
    line: host.func('uint8_t host_line(uint8_t *, uint8_t, _Out_ uint8_t *)'),
    readMemory: host.func('void host_read_memory(_Out_ uint8_t *)'),
    writeMemory: host.func('void host_write_memory(uint8_t *)'),
    writeCount: host.func('uint32_t host_write_count()'),
    shown: host.func('uint8_t host_shown()'),
    board: host.func('void host_board(uint8_t, uint8_t, uint16_t)'),
    contacts: host.func('void host_contacts(uint16_t, uint16_t, bool)'),
    load: host.func('uint8_t host_load(_Out_ uint8_t *, _Out_ uint8_t *)'),
    nextEpoch: host.func('uint32_t host_next_epoch()'),
  };
}
