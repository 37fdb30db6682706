import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { MessageLines } from '../../../gateway/inputs/ble/message-lines.ts';
import {
  FROM_SCANNER_LENGTH_MAX,
  HEX_LENGTH_MAX,
  type HeardEntry,
  parseFromScanner,
  parseHeard,
  parseStranger,
  parseToScanner,
  TO_SCANNER_LENGTH_MAX,
} from '../../../gateway/inputs/ble/scanner-messages.ts';
import { ScannerOutbox } from '../../../gateway/inputs/ble/scanner-outbox.ts';

const ADDRESS = '54:48:e6:8f:80:a5';

function reading(lengthMax: number) {
  const [messages, faults]: [unknown[], string[]] = [[], []];
  const lines = new MessageLines(lengthMax, {
    message: (message) => messages.push(message),
    fault: (what) => faults.push(what),
  });
  return { messages, faults, lines };
}

describe('lines between the gateway and a radio’s process', () => {
  it('are the same messages, however the stream is cut', () => {
    const messages = fc.array(fc.jsonValue(), { maxLength: 8 });
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, sizes) => {
        const read = reading(1_000_000);
        let rest = Buffer.from(sent.map((each) => `${JSON.stringify(each)}\n`).join(''));
        for (let at = 0; rest.length > 0; at++) {
          const size = sizes[at % sizes.length] ?? 1;
          read.lines.push(rest.subarray(0, size));
          rest = rest.subarray(size);
        }
        expect(read.messages).toEqual(sent.map((each) => JSON.parse(JSON.stringify(each))));
        expect(read.faults).toEqual([]);
      }),
    );
  });

  it.each([
    ['an endless line', ['"', 'a'.repeat(90), 'a'.repeat(20)], /longer than 100 bytes/],
    ['a long line that comes with its end', [`"${'a'.repeat(200)}"\n`], /longer than 100 bytes/],
    ['no JSON', ['\u0000\u001b[31m\n'], /no JSON/],
    ['an empty line', ['\n'], /no JSON/],
    ['brackets without end', [`${'['.repeat(99)}\n`], /no JSON/],
  ])('%s is a fault, told once, and nothing is read after it', (_, parts, what) => {
    const read = reading(100);
    for (const part of [...parts, '"more"\n', '\n']) read.lines.push(Buffer.from(part));
    expect(read.faults).toEqual([expect.stringMatching(what)]);
    expect(read.messages).toEqual([]);
  });

  it('half a line is no message', () => {
    const read = reading(100);
    read.lines.push(Buffer.from('{"type":"ping"}'));
    expect(read.messages).toEqual([]);
  });
});

/** Objects whose conversion to a text throws, lists that look like their one element, `1e999`. */
const odd = fc.oneof(
  fc.anything(),
  fc.jsonValue(),
  fc.constantFrom<unknown>({ toString: 1 }, { toString: null, valueOf: null }, ['listening'], ['bthome'], [ADDRESS]),
  fc.constantFrom<unknown>(Infinity, -Infinity, 1e300, -1, 0.5),
);

test('whatever stands in its fields, a message is read without harm, and no odd value passes', () => {
  const type = fc.constantFrom('heard', 'state', 'found', 'status', 'strangers', 'listen', 'ping');
  const names = ['heard', 'state', 'detail', 'radio', 'residentBytes', 'advertisements', 'dropped', 'strangers'];
  const fields = fc.record(Object.fromEntries([...names, 'leftOut', 'watch'].map((name) => [name, odd])));
  fc.assert(
    fc.property(type, fields, (kind, more) => {
      const said = parseFromScanner({ ...more, type: kind });
      parseToScanner({ ...more, type: kind });
      if (said?.type === 'state') expect(typeof said.state).toBe('string');
      if (said?.type === 'found') expect(said.radio).toMatch(/^hci\d+$/);
      if (said?.type === 'status') {
        for (const count of [said.residentBytes, said.advertisements, said.dropped])
          expect(Number.isSafeInteger(count)).toBe(true);
      }
    }),
  );
});

test('an entry with one odd value is refused, or that value is put right', () => {
  fc.assert(
    fc.property(fc.nat(8), odd, (at, value) => {
      const heard: unknown[] = [900, ADDRESS, -60, 'bthome', '403a01'];
      const stranger: unknown[] = ['bthome', ADDRESS, '403a01', -60, 1, 900, 900, null, ''];
      if (at < heard.length) heard[at] = value;
      stranger[at] = value;
      const [one, other] = [parseHeard(heard, 1_000), parseStranger(stranger)];
      if (one !== undefined) {
        expect(one.capturedMs).toBeLessThanOrEqual(1_000);
        expect(Math.abs(one.rssiDbm)).toBeLessThanOrEqual(128);
        expect([typeof one.kind, typeof one.address, typeof one.hex]).toEqual(['string', 'string', 'string']);
      }
      if (other !== undefined) {
        expect(Number.isFinite(other.firstMs + other.lastMs + other.messages + (other.movedMs ?? 0))).toBe(true);
        expect(typeof other.kind).toBe('string');
      }
    }),
  );
});

describe('the radio’s process checks what it is asked', () => {
  const watch = { addresses: [ADDRESS], iBeacons: ['0'.repeat(32)], eddystones: ['0'.repeat(20)] };
  const radio = { type: 'serial', path: '/dev/ttyACM0', baudRate: 1_000_000 };

  it.each([
    radio,
    { type: 'kernel', number: 0 },
    { type: 'kernel', number: 65_534 },
    { type: 'address', address: 'B8:27:EB:12:34:56' },
  ])('%o is a radio', (each) => {
    const message = { type: 'listen', radio: each, watch };
    expect(parseToScanner(message)).toEqual(message);
  });

  it.each([
    undefined,
    { type: 'serial', path: 'ttyACM0', baudRate: 9_600 },
    { type: 'serial', path: '/dev/tty\u0000', baudRate: 9_600 },
    { type: 'serial', path: `/${'a'.repeat(300)}`, baudRate: 9_600 },
    { type: 'serial', path: '/dev/ttyACM0', baudRate: -1 },
    { type: 'kernel', number: '0; reboot' },
    { type: 'kernel', number: 65_536 },
    { type: 'kernel', number: 1.5 },
    { type: 'address', address: 'b8:27:eb:12:34:56' },
    { type: 'usb' },
  ])('%o is none', (each) => {
    expect(parseToScanner({ type: 'listen', radio: each, watch })).toBeUndefined();
  });

  it.each([
    { ...watch, addresses: ADDRESS },
    { ...watch, addresses: ['5448e68f80a5'] },
    { ...watch, iBeacons: [{ toString: 1 }] },
    { ...watch, eddystones: undefined },
    null,
  ])('%o is nothing to watch', (each) => {
    expect(parseToScanner({ type: 'listen', radio, watch: each })).toBeUndefined();
  });
});

describe('what a well process and a large site say fits into a line', () => {
  const bytes = (message: unknown) => Buffer.byteLength(JSON.stringify(message));
  const [hex, longMs] = ['f'.repeat(HEX_LENGTH_MAX), 123_456_789.123456];

  it('the longest batch of what was heard', () => {
    let longest = 0;
    let sent: () => void = () => undefined;
    const outbox = new ScannerOutbox((heard, done) => {
      longest = Math.max(longest, bytes({ type: 'heard', heard }));
      sent = done;
    });
    const entry: HeardEntry = [longMs, ADDRESS, -127, 'eddystone', hex];
    for (let at = 0; at < 5_000; at++) outbox.push(entry, true);
    sent();
    expect(longest).toBeLessThan(FROM_SCANNER_LENGTH_MAX);
  });

  it('all strangers', () => {
    const stranger = ['eddystone', ADDRESS, hex, -127, 1_000_000, longMs, longMs, longMs, hex];
    const strangers = Array<unknown>(192).fill(stranger);
    expect(bytes({ type: 'strangers', strangers, leftOut: 1e9 })).toBeLessThan(FROM_SCANNER_LENGTH_MAX);
  });

  it('ten thousand devices to watch', () => {
    const list = (length: number, text: string) => Array<string>(length).fill(text);
    const watch = { addresses: list(10_000, ADDRESS), iBeacons: list(10_000, '0'.repeat(32)), eddystones: [] };
    expect(bytes({ type: 'listen', watch })).toBeLessThan(TO_SCANNER_LENGTH_MAX);
  });
});
