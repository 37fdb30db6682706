import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Taps } from '../../../gateway/recording/taps.ts';
import type { TappedWire } from '../../../gateway/recording/wire-tap.ts';
import { readEntry } from '../../../protocol/recording/read-entry.ts';
import type { RecordingEntry } from '../../../protocol/recording/recording.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const WIRE: TappedWire = { side: 'input', id: 'bus-1', driver: 'button-bus', secrets: [] };

/** A reader of a recording, which may be slow. */
class Reader {
  readonly ends: string[] = [];
  isSlow = false;
  #text = '';

  write(text: string): boolean {
    this.#text += text;
    return !this.isSlow;
  }

  options(forMs = 60_000) {
    return { forMs, version: 'test', ended: (end: string) => void this.ends.push(end) };
  }

  get entries(): RecordingEntry[] {
    const reads = this.#text.split('\n').slice(0, -1).map(readEntry);
    return reads.map((read) => (read.ok ? read.entry : fail(read.reason)));
  }

  of<T extends RecordingEntry['type']>(type: T): Extract<RecordingEntry, { type: T }>[] {
    return this.entries.filter((entry): entry is Extract<RecordingEntry, { type: T }> => entry.type === type);
  }
}

function fail(reason: string): never {
  throw new Error(reason);
}

function begin(taps: Taps, reader: Reader, forMs?: number) {
  const recording = taps.record(reader, reader.options(forMs));
  return typeof recording === 'string' ? fail(recording) : recording;
}

test('a tap has no recorder unless a recording runs, and none after its end', () => {
  const taps = new Taps();
  const tap = taps.tap(WIRE);
  expect(tap.recorder).toBeUndefined();
  const recording = begin(taps, new Reader());
  expect(tap.recorder).toBeDefined();
  recording.stop('stopped');
  expect(tap.recorder).toBeUndefined();
});

test('a recording has a header, each wire, its frames in order, and an end that counts them', () => {
  const taps = new Taps();
  const reader = new Reader();
  const tap = taps.tap(WIRE);
  const recording = begin(taps, reader);
  const lent = Uint8Array.of(1);
  tap.recorder?.bytes('in', lent);
  lent[0] = 9;
  tap.recorder?.bytes('out', Uint8Array.of(2));
  recording.stop('stopped');
  vi.runAllTimers();
  expect(reader.entries.map(({ type }) => type)).toEqual(['header', 'wire', 'frame', 'frame', 'end']);
  expect(reader.of('frame').map(({ direction, bytes }) => [direction, ...bytes])).toEqual([
    ['in', 1],
    ['out', 2],
  ]);
  expect(reader.of('end')).toMatchObject([{ end: 'stopped', frames: 2, dropped: 0 }]);
  expect(reader.ends).toEqual(['stopped']);
});

test('it ends by itself after its time', () => {
  const taps = new Taps();
  const reader = new Reader();
  begin(taps, reader, 5_000);
  vi.advanceTimersByTime(4_999);
  expect(reader.ends).toEqual([]);
  vi.advanceTimersByTime(100);
  expect(reader.of('end')).toMatchObject([{ end: 'time' }]);
});

test('a reader that takes nothing costs at most a megabyte: what does not fit is dropped, counted and told', () => {
  const taps = new Taps();
  const reader = new Reader();
  const tap = taps.tap(WIRE);
  const recording = begin(taps, reader);
  vi.advanceTimersByTime(100);
  reader.isSlow = true;
  const frame = new Uint8Array(10_000);
  tap.recorder?.bytes('in', frame);
  vi.advanceTimersByTime(100);
  const before = reader.of('frame').length;
  for (let at = 0; at < 1_000; at += 1) tap.recorder?.bytes('in', frame);
  vi.advanceTimersByTime(10_000);
  expect(reader.of('frame')).toHaveLength(before);
  reader.isSlow = false;
  recording.drained();
  vi.advanceTimersByTime(1_000);
  const kept = reader.of('frame').length - before;
  expect(kept).toBeGreaterThan(50);
  expect(kept * frame.length).toBeLessThan(1_100_000);
  expect(reader.of('dropped')).toMatchObject([{ id: 'bus-1', frames: 1_000 - kept }]);
  recording.stop('stopped');
  vi.runAllTimers();
  expect(reader.of('end')).toMatchObject([{ frames: before + kept, dropped: 1_000 - kept }]);
});

test('a frame that no wire has is dropped and counted', () => {
  const taps = new Taps();
  const reader = new Reader();
  const tap = taps.tap(WIRE);
  const recording = begin(taps, reader);
  tap.recorder?.message('in', new Uint8Array(1_000_000));
  recording.stop('stopped');
  vi.runAllTimers();
  expect(reader.of('dropped')).toMatchObject([{ frames: 1 }]);
  expect(reader.of('end')).toMatchObject([{ frames: 0, dropped: 1 }]);
});

test('one recording runs at a time; the next one can begin as soon as the first has ended, read or not', () => {
  const taps = new Taps();
  const first = begin(taps, new Reader());
  expect(taps.record(new Reader(), new Reader().options())).toMatch(/^another recording runs since /);
  first.abandon();
  begin(taps, new Reader());
});

test('a driver that a reload makes anew is recorded on, and the one before it is not', () => {
  const taps = new Taps();
  const reader = new Reader();
  const before = taps.tap(WIRE);
  const recording = begin(taps, reader);
  const after = taps.tap({ ...WIRE, baudRate: 9600 });
  expect(before.recorder).toBeUndefined();
  after.recorder?.bytes('in', Uint8Array.of(7));
  recording.stop('stopped');
  vi.runAllTimers();
  expect(reader.of('wire').map(({ baudRate }) => baudRate)).toEqual([undefined, 9600]);
  expect(reader.of('frame')).toHaveLength(1);
});

test('a GPIO line whose level is read again and again is recorded at each change only', () => {
  const taps = new Taps();
  const reader = new Reader();
  const tap = taps.tap({ ...WIRE, driver: 'gpio' });
  const recording = begin(taps, reader);
  for (const level of [1, 1, 0, 0, 1] as const) tap.recorder?.level('GPIO17', level, 0);
  recording.stop('stopped');
  vi.runAllTimers();
  expect(reader.of('frame').map(({ bytes }) => bytes[0])).toEqual([1, 0, 1]);
});

test('secrets never reach the reader, in either direction, also when a secret comes in pieces', () => {
  const taps = new Taps();
  const reader = new Reader();
  const tap = taps.tap({ ...WIRE, side: 'path', secrets: ['hush-hush'] });
  const recording = begin(taps, reader);
  const say = (direction: 'in' | 'out', text: string) => tap.recorder?.bytes(direction, Buffer.from(text));
  say('out', 'LOGI me hush-hush\r\n');
  for (const part of ['echo: hu', 'sh-h', 'ush', '\r\n', 'hush-']) say('in', part);
  recording.stop('stopped');
  vi.runAllTimers();
  const text = (direction: string) =>
    reader
      .of('frame')
      .filter((frame) => frame.direction === direction)
      .map(({ bytes }) => Buffer.from(bytes).toString())
      .join('');
  expect(text('out')).toBe('LOGI me *********\r\n');
  expect(text('in')).toBe('echo: *********\r\nhush-');
});
