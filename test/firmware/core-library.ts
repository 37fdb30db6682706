import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';

const CORE = fileURLToPath(new URL('../../hardware/node/core/', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/callpoint-firmware/', import.meta.url));
/** The core's rule: C99 without a warning. */
const STRICT = ['-std=c99', '-pedantic', '-Wall', '-Wextra', '-Wconversion', '-Werror'];
/** random.c comes with core-host.c; other parts of the folder have tests of their own. */
const CORE_SOURCES = [
  'aes128.c',
  'ccm.c',
  'contacts.c',
  'crc16.c',
  'enquiries.c',
  'epoch.c',
  'frame.c',
  'indicator.c',
  'node.c',
  'obey.c',
  'queue.c',
];

/**
 * Compiles the core together with a file of this folder. The result is kept for as long as no
 * source changes, so that all workers of a test run compile once.
 */
export function compileCore(hostSource: string, options: readonly string[]): string {
  const host = join(HERE, hostSource);
  const hash = createHash('sha256').update(options.join(' '));
  for (const name of readdirSync(CORE).sort()) {
    if (/\.[ch]$/.test(name)) hash.update(readFileSync(join(CORE, name)));
  }
  hash.update(readFileSync(host)).update(readFileSync(join(HERE, 'core-host.c')));
  const output = join(CACHE, `${hostSource}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(output)) return output;
  mkdirSync(CACHE, { recursive: true });
  const directory = mkdtempSync(join(CACHE, 'build-'));
  const built = join(directory, 'built');
  execFileSync('cc', [
    ...STRICT,
    ...options,
    '-I',
    CORE,
    '-o',
    built,
    host,
    ...CORE_SOURCES.map((name) => join(CORE, name)),
  ]);
  renameSync(built, output);
  rmSync(directory, { recursive: true });
  return output;
}

const library = koffi.load(compileCore('core-host.c', ['-O1', '-g', '-shared', '-fPIC']));

const Host = koffi.opaque('CoreHost');
export type Host = object;
const HOST = koffi.pointer(Host);
const BYTES = koffi.inout('uint8_t *');

/** The functions of core-host.c. Bytes are changed in place. */
export const core = {
  random: library.func('void host_random(uint32_t)') as (seed: number) => void,
  memory: () => koffi.view(library.func('void *host_memory(void)')(), 512) as ArrayBuffer,
  power: library.func('void host_power(int32_t, uint8_t)') as (writes: number, torn: number) => void,
  isCut: library.func('bool host_is_cut(void)') as () => boolean,
  wear: library.func('void host_wear(uint8_t, uint8_t)') as (from: number, to: number) => void,
  epochNext: library.func('int epoch_next(_Out_ uint32_t *)') as (epoch: [number]) => number,
  epochPrepare: library.func('bool epoch_prepare(void)') as () => boolean,
  create: library.func('host_new', HOST, []) as () => Host,
  free: library.func('host_free', 'void', [HOST]) as (host: Host) => void,
  set: library.func('host_set', 'void', [HOST, 'uint8_t *', 'uint8_t *', 'uint16_t *']) as (
    host: Host,
    key: Uint8Array,
    serial: Uint8Array,
    numbers: Uint16Array,
  ) => void,
  start: library.func('host_start', 'void', [HOST, 'uint32_t', 'uint32_t', 'uint32_t']) as (
    host: Host,
    epoch: number,
    now: number,
    random: number,
  ) => void,
  contacts: library.func('host_contacts', 'void', [HOST, 'uint16_t', 'uint16_t', 'bool', 'uint32_t']) as (
    host: Host,
    buttons: number,
    points: number,
    tamper: boolean,
    now: number,
  ) => void,
  supply: library.func('host_supply', 'void', [HOST, 'uint16_t', 'uint16_t', 'bool', 'uint32_t']) as (
    host: Host,
    batteryMv: number,
    supplyMv: number,
    low: boolean,
    now: number,
  ) => void,
  body: library.func('host_body', 'void', [HOST, BYTES, 'uint8_t', 'uint32_t']) as (
    host: Host,
    body: Uint8Array,
    length: number,
    now: number,
  ) => void,
  frame: library.func('host_frame', 'uint8_t', [HOST, BYTES, 'uint32_t']) as (
    host: Host,
    frame: Uint8Array,
    now: number,
  ) => number,
  hasFrame: number2('host_has_frame', 'uint8_t'),
  due: number2('host_due', 'uint32_t'),
  mustRestart: library.func('host_must_restart', 'bool', [HOST]) as (host: Host) => boolean,
  status: library.func('host_status', 'uint8_t', [HOST]) as (host: Host) => number,
  isCalling: library.func('host_is_calling', 'bool', [HOST]) as (host: Host) => boolean,
  isSilent: library.func('host_is_silent', 'bool', [HOST]) as (host: Host) => boolean,
  counter: library.func('host_counter', 'uint32_t', [HOST]) as (host: Host) => number,
  setCounter: library.func('host_set_counter', 'void', [HOST, 'uint32_t']) as (host: Host, counter: number) => void,
  waiting: library.func('host_waiting', 'uint8_t', [HOST]) as (host: Host) => number,
  enquiries: library.func('host_enquiries', 'uint8_t', [HOST]) as (host: Host) => number,
  indicate: library.func('host_indicate', 'uint8_t', [HOST, 'uint8_t', 'uint32_t', koffi.out('uint32_t *')]) as (
    host: Host,
    fault: number,
    now: number,
    due: [number],
  ) => number,
  open: library.func('uint8_t host_open(_Inout_ uint8_t *, _Inout_ uint8_t *, uint8_t *)') as (
    body: Uint8Array,
    length: Uint8Array,
    key: Uint8Array,
  ) => number,
  seal: library.func(
    'uint8_t host_seal(_Inout_ uint8_t *, uint8_t *, uint8_t, uint8_t, uint32_t, uint32_t, uint8_t *, uint8_t)',
  ) as (
    frame: Uint8Array,
    key: Uint8Array,
    address: number,
    type: number,
    epoch: number,
    counter: number,
    payload: Uint8Array,
    length: number,
  ) => number,
  ccmSeal: library.func(
    'void host_ccm_seal(uint8_t *, uint8_t *, uint8_t *, uint8_t, _Inout_ uint8_t *, uint8_t)',
  ) as Ccm<void>,
  ccmOpen: library.func(
    'bool host_ccm_open(uint8_t *, uint8_t *, uint8_t *, uint8_t, _Inout_ uint8_t *, uint8_t)',
  ) as Ccm<boolean>,
};

type Ccm<Result> = (
  key: Uint8Array,
  nonce: Uint8Array,
  clear: Uint8Array,
  clearLength: number,
  text: Uint8Array,
  length: number,
) => Result;

function number2(name: string, type: string): (host: Host, now: number) => number {
  return library.func(name, type, [HOST, 'uint32_t']) as (host: Host, now: number) => number;
}
