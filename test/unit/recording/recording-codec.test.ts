import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesToHex } from '../../../protocol/bytes.ts';
import { readEntry } from '../../../protocol/recording/read-entry.ts';
import { encodeEntry, RECORDING_VERSION, type RecordingEntry } from '../../../protocol/recording/recording.ts';
import { type ReadPiece, RecordingReader } from '../../../protocol/recording/recording-reader.ts';

const ms = fc.integer({ min: 0, max: 100_000_000 }).map((microseconds) => microseconds / 1000);
const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const count = fc.nat(1_000_000);
const wire = fc.record({ side: fc.constantFrom('input' as const, 'path' as const), id: name });
const about = fc.record(
  {
    connection: count,
    line: name,
    topic: name,
    retained: fc.constant(true),
    address: name,
    rssiDbm: fc.integer({ min: -120, max: 20 }),
    kind: name,
  },
  { requiredKeys: [] },
);
const text = fc.string({ minLength: 1 }).map((written) => new Uint8Array(Buffer.from(written)));
const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), text);

const placed = <T extends object>(type: string, fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.tuple(ms, wire, fc.record(fields)).map(([at, where, rest]) => ({ type, ms: at, ...where, ...rest }));

const HEADER: RecordingEntry = {
  type: 'header',
  version: RECORDING_VERSION,
  began: '2026-11-28T08:00:00.000Z',
  gateway: '0.1.0',
};
const entry = fc.oneof(
  placed('wire', { driver: name, baudRate: fc.integer({ min: 1, max: 1_000_000 }) }),
  placed('frame', { direction: fc.constantFrom('in', 'out'), bytes, about }),
  placed('connection', { connection: count, state: fc.constantFrom('open', 'closed') }),
  placed('dropped', { frames: count }),
  fc.record({ type: fc.constant('gateway'), ms, state: fc.constantFrom('lost', 'back') }),
  fc.record({ type: fc.constant('end'), ms, end: fc.constantFrom('time', 'size'), frames: count, dropped: count }),
) as fc.Arbitrary<RecordingEntry>;

/** Bytes of any kind of array compare as hex. */
function plain(read: RecordingEntry): unknown {
  return read.type === 'frame' ? { ...read, bytes: bytesToHex(read.bytes) } : read;
}

function readAll(file: string, cuts: readonly number[] = []): ReadPiece[] {
  const reader = new RecordingReader();
  const places = [0, ...cuts.map((cut) => cut % (file.length + 1)), file.length].toSorted((a, b) => a - b);
  const parts = places.slice(1).flatMap((to, at) => reader.push(file.slice(places[at], to)));
  return [...parts, ...reader.end()];
}

const entriesOf = (pieces: readonly ReadPiece[]) =>
  pieces.flatMap((piece) => (piece.type === 'entry' ? [piece.entry] : []));
const fileOf = (entries: readonly RecordingEntry[]) => entries.map((each) => `${encodeEntry(each)}\n`).join('');

test('every entry is read as it was written, to the microsecond and the byte', () => {
  fc.assert(
    fc.property(entry, (written) => {
      const read = readEntry(encodeEntry(written));
      expect(read.ok && plain(read.entry)).toEqual(plain(written));
    }),
  );
});

test('a file is read the same however it is cut, and is readable up to its last whole line if its end is missing', () => {
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.nat(),
      (rest, cuts, end) => {
        const all = [HEADER, ...rest];
        const file = fileOf(all);
        expect(entriesOf(readAll(file, cuts)).map(plain)).toEqual(all.map(plain));
        const part = file.slice(0, end % file.length);
        const whole = part.split('\n').length - 1;
        const pieces = readAll(part, cuts);
        expect(entriesOf(pieces).map(plain)).toEqual(all.slice(0, whole).map(plain));
        expect(pieces.at(-1)?.type === 'entry').toBe(
          whole > 0 && part.endsWith('\n') && all[whole - 1]?.type === 'end',
        );
      },
    ),
  );
});

test('an entry of text is text in the file, and every other is hex', () => {
  const frame = { type: 'frame', ms: 1, side: 'path', id: 'p', direction: 'out', about: {} } as const;
  const line = (content: string) => encodeEntry({ ...frame, bytes: Buffer.from(content, 'latin1') });
  expect(line('AT+CREG?\r')).toBe('{"ms":1,"path":"p","outText":"AT+CREG?\\r"}');
  expect(line('\u001b')).toBe('{"ms":1,"path":"p","out":"1b"}');
});

test.each([
  ['', 'it is empty'],
  ['\n', 'it is not a JSON object'],
  ['{"name":"x"}\n', 'it has no time (ms)'],
  ['{"ms":1,"input":"a","in":"00"}\n', 'it is no recording: it does not begin with a header'],
  ['{"callpoint":"backup"}\n', 'it is no recording'],
  ['{"callpoint":"recording","version":1,"began":"never"}\n', 'it does not say when it began'],
  [
    '{"callpoint":"recording","version":2,"began":"2026-11-28T08:00:00Z"}\n',
    'it is of version 2, and this Callpoint reads up to 1: use the Callpoint that made it, or a later one',
  ],
  ['x'.repeat(600_000), 'it is no recording'],
])('%# refuses what is no recording that it can read, in words', (file, reason) => {
  expect(readAll(file)).toEqual([{ type: 'refused', reason }]);
});

test.each([
  ['[]', 'it is not a JSON object'],
  ['{"ms":-1,"input":"a","in":"00"}', 'it has no time (ms)'],
  ['{"ms":1e999,"input":"a","in":"00"}', 'it has no time (ms)'],
  ['{"ms":1,"in":"00"}', 'it names neither an input nor a path'],
  ['{"ms":1,"input":"a","in":"0"}', 'what went in is neither hex nor ASCII text'],
  ['{"ms":1,"input":"a","inText":"\\u0000"}', 'what went in is neither hex nor ASCII text'],
  ['{"ms":1,"input":"a","future":1}', 'it says nothing that this version knows'],
  ['{"ms":1,"end":"bored"}', 'it ends for an unknown reason'],
])('the line %s is left out, with its number and the reason, and the next one counts', (line, reason) => {
  const good = encodeEntry({ type: 'gateway', ms: 5, state: 'back' });
  const end = encodeEntry({ type: 'end', ms: 6, end: 'time', frames: 0, dropped: 0 });
  const pieces = readAll([encodeEntry(HEADER), line, good, end, ''].join('\n'));
  expect(pieces[1]).toEqual({ type: 'fault', line: 2, reason });
  expect(entriesOf(pieces)).toHaveLength(3);
});

test('whatever a file holds, reading it throws nothing', () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.constant('\ud800\u2028\u0000'),
    fc.json({ maxDepth: 3 }),
    fc.constant('{"ms":1,"input":{"toString":1},"in":"00"}'),
    fc.constant('['.repeat(2_000)),
    fc.constant('{"__proto__":{"ms":1},"ms":2,"input":"a","in":[]}'),
  );
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 3 }), (lines) => {
      readAll([encodeEntry(HEADER), ...lines].join('\n'));
      readAll(lines.join('\n'));
    }),
  );
});
