import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type HeardEntry, parseFromScanner, parseHeard } from '../../../gateway/inputs/ble/scanner-messages.ts';
import { ScannerOutbox } from '../../../gateway/inputs/ble/scanner-outbox.ts';

const entry = (n: number): HeardEntry => [n, '54:48:e6:8f:80:a5', -60, 'bthome', '403a01'];

it('the first is sent at once, and what comes while it is under way goes together when it is over', () => {
  const batches: number[][] = [];
  let sent: () => void = () => undefined;
  const outbox = new ScannerOutbox((heard, done) => {
    batches.push(heard.map(([ms]) => ms));
    sent = done;
  });
  for (const n of [1, 2, 3]) outbox.push(entry(n), true);
  expect(batches).toEqual([[1]]);
  sent();
  expect(batches).toEqual([[1], [2, 3]]);
  sent();
  outbox.push(entry(4), true);
  expect(batches).toEqual([[1], [2, 3], [4]]);
});

it('while nothing is taken a bounded number waits, and strangers do not crowd out known devices', () => {
  let sizes: number[] = [];
  let sent: () => void = () => undefined;
  const outbox = new ScannerOutbox((heard, done) => {
    sizes = [...sizes, heard.length];
    sent = done;
  });
  for (let n = 0; n < 10_000; n++) outbox.push(entry(n), false);
  expect(outbox.dropped).toBe(10_000 - 1 - 512);
  for (let n = 0; n < 100; n++) outbox.push(entry(n), true);
  expect(outbox.dropped).toBe(10_000 - 1 - 512);
  for (let n = 0; n < 10_000; n++) outbox.push(entry(n), true);
  for (let batch = 0; batch < 20; batch++) sent();
  // In lines that are not too long for the gateway.
  expect(sizes).toEqual([1, ...Array<number>(16).fill(256)]);
});

it('nothing the listening process says is believed unchecked', () => {
  fc.assert(
    fc.property(fc.anything(), (said) => {
      parseFromScanner(said);
      expect(parseHeard(said, 0)).toBeUndefined();
    }),
  );
  const wrong: unknown[] = [
    [1, 'nowhere', -60, 'bthome', ''],
    [1, '54:48:e6:8f:80:a5', '-60', 'bthome', ''],
    [1, '54:48:e6:8f:80:a5', -60, 'key', ''],
    [1, '54:48:e6:8f:80:a5', -60, 'bthome', '4'],
    [1, '54:48:e6:8f:80:a5', -60, 'bthome', '00'.repeat(256)],
  ];
  for (const said of wrong) expect(parseHeard(said, 0)).toBeUndefined();
  expect(parseFromScanner({ type: 'state', state: 'believe me', detail: '' })).toBeUndefined();
  const words = parseFromScanner({ type: 'state', state: 'failed', detail: `a\u001b[31m\nb${'c'.repeat(999)}` });
  expect(words).toMatchObject({ detail: `a [31m b${'c'.repeat(192)}` });
});

it('a time that can not be is put right', () => {
  expect(parseHeard(entry(900), 1_000)?.capturedMs).toBe(900);
  expect(parseHeard(entry(1_001), 1_000)?.capturedMs).toBe(1_000);
  expect(parseHeard(entry(1), 100_000)?.capturedMs).toBe(100_000);
});
