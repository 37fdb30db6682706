import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageScanner } from '../../../gateway/inputs/firmata/message-scanner.ts';

const data = fc.integer({ min: 0, max: 0x7f });
const report = fc
  .tuple(fc.constantFrom(0x90, 0x91, 0x9f, 0xe0, 0xef, 0xf9), data, data)
  .map((bytes) => Uint8Array.from(bytes));
const sysex = fc.array(data, { maxLength: 40 }).map((bytes) => Uint8Array.of(0xf0, ...bytes, 0xf7));
const messages = fc.array(fc.oneof(report, sysex), { maxLength: 20 });
const noise = fc.uint8Array({ maxLength: 60 });

/** What is heard of these chunks. */
function heard(scanner: MessageScanner, ...chunks: readonly Uint8Array[]): number[][] {
  const found: number[][] = [];
  for (const chunk of chunks) scanner.push(chunk, (message) => found.push([...message]));
  return found;
}

describe('whole messages', () => {
  it('are found however they are cut into chunks', () => {
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 9 }), (sent, size) => {
        const bytes = sent.flatMap((message) => [...message]);
        const chunks = bytes.flatMap((_, at) => (at % size === 0 ? [Uint8Array.from(bytes.slice(at, at + size))] : []));
        const scanner = new MessageScanner();
        expect(heard(scanner, ...chunks)).toEqual(sent.map((message) => [...message]));
        expect(scanner.rejectedBytes).toBe(0);
      }),
    );
  });

  it('are found behind any noise, and every byte was either part of a message or rejected', () => {
    fc.assert(
      fc.property(noise, report, (before, message) => {
        const scanner = new MessageScanner();
        const found = heard(scanner, before, message);
        expect(found.at(-1)).toEqual([...message]);
        expect(found.flat().length + scanner.rejectedBytes).toBe(before.length + message.length);
      }),
    );
  });
});

describe('a report that lost a byte', () => {
  it('is rejected, and the one behind it is heard: firmata-io would make one of both', () => {
    const scanner = new MessageScanner();
    expect(heard(scanner, Uint8Array.of(0x90, 0x04, 0x90, 0x00, 0x00))).toEqual([[0x90, 0x00, 0x00]]);
    expect(scanner.rejectedBytes).toBe(2);
    expect(scanner.rejectedRuns).toBe(1);
  });
});

it('noise in a row counts as one run, and as another behind a message', () => {
  const scanner = new MessageScanner();
  heard(scanner, Uint8Array.of(1, 2, 0xc0, 0xff, 0xf7), Uint8Array.of(3, 0x90, 0, 0, 4));
  expect(scanner.rejectedBytes).toBe(7);
  expect(scanner.rejectedRuns).toBe(2);
});

it('a message that never ends takes no more than its bound, and the next one is heard', () => {
  const scanner = new MessageScanner();
  const endless = new Uint8Array(100_000).fill(0x20);
  expect(heard(scanner, Uint8Array.of(0xf0), endless, Uint8Array.of(0xf7, 0x90, 4, 0))).toEqual([[0x90, 4, 0]]);
  expect(scanner.rejectedBytes).toBe(100_002);
});
