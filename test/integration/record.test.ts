import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { record } from '../../gateway/cli/record/record.ts';
import { type Control, startControl } from '../../gateway/control/control-socket.ts';
import { startRecording } from '../../gateway/recording/gateway-recording.ts';
import { Taps } from '../../gateway/recording/taps.ts';
import type { WireTap } from '../../gateway/recording/wire-tap.ts';
import { readEntry } from '../../protocol/recording/read-entry.ts';
import type { RecordingEntry } from '../../protocol/recording/recording.ts';
import { STATUS } from './control-rig.ts';
import { Waiting } from './support/waiting.ts';

let directory: string;
let file: string;
let control: Control | undefined;
let tap: WireTap;
const said: string[] = [];
const waiting = new Waiting();

/** A gateway with one input, as far as a recording needs it. */
function startGateway(): void {
  const taps = new Taps();
  tap = taps.tap({ side: 'input', id: 'bus-1', driver: 'button-bus', secrets: [] });
  const log = { info: () => waiting.check() };
  const never = (): never => {
    throw new Error('not asked here');
  };
  control = startControl(directory, {
    command: never,
    questions: { status: () => STATUS, discovered: never, walkTest: never },
    record: startRecording(taps, 'test', log),
    unavailable: (detail) => said.push(detail),
  });
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-record-'));
  file = join(directory, 'r.jsonl');
  said.length = 0;
  startGateway();
});
afterEach(() => {
  control?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function begin(options: { readonly forMs?: number; readonly bytesMax?: number; readonly file?: string } = {}) {
  const job = { file, data: directory, forMs: 60_000, bytesMax: 1_000_000, json: false, ...options };
  return record(job, (line) => {
    said.push(line);
    waiting.check();
  });
}

const isRecorded = () => waiting.until('the recording', () => tap.recorder !== undefined);
const isSaid = (text: string) =>
  waiting.until(
    text,
    () => said.some((line) => line.includes(text)),
    () => said,
  );

function entries(): RecordingEntry[] {
  const reads = readFileSync(file, 'utf8').trimEnd().split('\n').map(readEntry);
  return reads.flatMap((read) => (read.ok ? [read.entry] : []));
}

/** Ctrl-C. */
const interrupt = () => process.emit('SIGINT');

test('what passes is in the file, and Ctrl-C ends it with everything that was recorded', async () => {
  const done = begin();
  await isRecorded();
  tap.recorder?.bytes('in', Uint8Array.of(1, 2, 3));
  await isSaid('Recording to');
  interrupt();
  await done;
  expect(entries()).toMatchObject([
    { type: 'header', gateway: 'test' },
    { type: 'wire', id: 'bus-1', driver: 'button-bus' },
    { type: 'frame', direction: 'in' },
    { type: 'end', end: 'stopped', frames: 1, dropped: 0 },
  ]);
  expect(tap.recorder).toBeUndefined();
  expect(said.at(-1)).toBe('Nothing was dropped.');
});

test('it ends by itself after its time', async () => {
  await begin({ forMs: 50 });
  expect(entries().at(-1)).toMatchObject({ type: 'end', end: 'time' });
});

test('it ends at its size, and the file is never larger', async () => {
  const done = begin({ bytesMax: 20_000 });
  await isRecorded();
  for (let at = 0; at < 40; at += 1) tap.recorder?.bytes('in', new Uint8Array(500));
  await done;
  expect(readFileSync(file).length).toBeLessThanOrEqual(20_000);
  expect(entries().at(-1)).toMatchObject({ type: 'end', end: 'size' });
});

test('it goes on after a restart of the gateway, on the same clock, and says what is missing', async () => {
  const done = begin();
  await isRecorded();
  tap.recorder?.bytes('in', Uint8Array.of(1));
  await isSaid('Recording to');
  control?.stop();
  await isSaid('The gateway has gone');
  startGateway();
  await isRecorded();
  tap.recorder?.bytes('in', Uint8Array.of(2));
  await isSaid('The gateway is back');
  interrupt();
  await done;
  const read = entries();
  const types = read.map((entry) => (entry.type === 'gateway' ? entry.state : entry.type));
  expect(types.filter((type) => type !== 'frame')).toEqual(['header', 'wire', 'lost', 'back', 'wire', 'end']);
  const frames = read.flatMap((entry) => (entry.type === 'frame' ? [[...entry.bytes, entry.ms]] : []));
  expect(frames.at(-1)?.[0]).toBe(2);
  const times = read.flatMap((entry) => (entry.type === 'header' ? [] : [entry.ms]));
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(said.at(-1)).toContain('The gateway was away once');
});

test('a second recording is refused, and leaves no file', async () => {
  const done = begin();
  await isRecorded();
  const other = join(directory, 'other.jsonl');
  await expect(begin({ file: other })).rejects.toMatchObject({
    code: 'COMMAND_REFUSED',
    message: expect.stringContaining('another recording runs since'),
  });
  expect(() => readFileSync(other)).toThrow('ENOENT');
  interrupt();
  await done;
});

test('a file that is there is left as it is, and the gateway records nothing', async () => {
  writeFileSync(file, 'mine');
  await expect(begin()).rejects.toMatchObject({ code: 'RECORDING_FAILED', message: expect.stringContaining('exists') });
  expect(readFileSync(file, 'utf8')).toBe('mine');
  await waiting.until('its end', () => tap.recorder === undefined);
});

test.each([
  ['{"command":"record","by":"x"}', '"for_ms"'],
  ['{"command":"record","for_ms":1e99,"by":"x"}', '"for_ms"'],
  ['{"command":"record","for_ms":1000,"since_ms":"now","by":"x"}', '"since_ms"'],
  ['{"command":"record","for_ms":1000}', '"by"'],
])('the request %s is refused in words', async (request, words) => {
  const socket = connect(join(directory, 'control.sock'));
  await once(socket, 'connect');
  socket.write(`${request}\n`);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk;
  expect(JSON.parse(answer)).toMatchObject({ ok: false, text: expect.stringContaining(words) });
  expect(tap.recorder).toBeUndefined();
});

test('a client that vanishes ends its recording', async () => {
  const socket = connect(join(directory, 'control.sock'));
  await once(socket, 'connect');
  socket.write('{"command":"record","for_ms":60000,"by":"x"}\n');
  await once(socket, 'data');
  expect(tap.recorder).toBeDefined();
  socket.destroy();
  await waiting.until('its end', () => tap.recorder === undefined);
});
