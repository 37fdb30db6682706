import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiToBytes } from '../../../protocol/bytes.ts';
import { finalResult } from '../../../protocol/sms/at-lines.ts';
import { type AtItem, AtScanner } from '../../../protocol/sms/at-scanner.ts';

function scanned(...pieces: readonly string[]): string[] {
  const scanner = new AtScanner();
  return pieces.flatMap((piece) => scanner.push(asciiToBytes(piece)).map(shown));
}

function shown(item: AtItem): string {
  return item.type === 'prompt' ? '>' : item.text;
}

describe('what a modem says, in lines', () => {
  test('answers, with and without echo, whatever ends their lines', () => {
    expect(scanned('AT+CSQ\r\r\n+CSQ: 20,99\r\n\r\nOK\r\n')).toEqual(['AT+CSQ', '+CSQ: 20,99', 'OK']);
    expect(scanned('\r\nOK\n', 'ERROR\r')).toEqual(['OK', 'ERROR']);
  });

  test('the prompt has no end of line, may come in pieces, and what is echoed behind it says nothing', () => {
    expect(scanned('\r\n> ')).toEqual(['>']);
    expect(scanned('AT+CMGS="+1"\r\r\n', '>', ' ', 'OK', '\x1a\r\n+CMGS: 7\r\n\r\nOK\r\n')).toEqual([
      'AT+CMGS="+1"',
      '>',
      '+CMGS: 7',
      'OK',
    ]);
  });

  test('a > within a line is no prompt', () => {
    expect(scanned('\r\n+COPS: 0,0,"a > b"\r\n')).toEqual(['+COPS: 0,0,"a > b"']);
  });

  test('unsolicited lines are lines like others', () => {
    expect(scanned('\r\nRING\r\n\r\n+CMTI: "SM",3\r\n\r\n+CMGS: 1\r\n\r\nOK\r\n')).toEqual([
      'RING',
      '+CMTI: "SM",3',
      '+CMGS: 1',
      'OK',
    ]);
  });

  test('a line without end is given up, and the next one is whole', () => {
    expect(scanned('x'.repeat(100_000), '\r\nOK\r\n')).toEqual(['OK']);
  });

  test('whatever comes, in whatever pieces: nothing is thrown, no line is long, and the next answer is whole', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 5 }), (pieces) => {
        const scanner = new AtScanner();
        for (const piece of pieces) {
          for (const item of scanner.push(piece)) {
            if (item.type === 'line') expect(item.text.length).toBeLessThanOrEqual(1_024);
            if (item.type === 'line') finalResult(item.text);
          }
        }
        scanner.push(asciiToBytes('\r\n'));
        expect(scanner.push(asciiToBytes('+CMGS: 4\r\nOK\r\n')).map(shown)).toEqual(['+CMGS: 4', 'OK']);
      }),
    );
  });

  test('cut anywhere, the same is read', () => {
    const said = '\r\n> hello\r\n+CMGS: 12\r\n\r\nOK\r\nRING\r\n';
    const whole = scanned(said);
    for (let cut = 1; cut < said.length; cut++) expect(scanned(said.slice(0, cut), said.slice(cut))).toEqual(whole);
  });
});

describe('result codes', () => {
  test.each([
    ['OK', { ok: true }],
    ['ERROR', { ok: false, error: { family: 'plain' } }],
    ['+CMS ERROR: 331', { ok: false, error: { family: 'CMS', code: 331 } }],
    ['+CMS ERROR:38', { ok: false, error: { family: 'CMS', code: 38 } }],
    ['+CME ERROR: 10', { ok: false, error: { family: 'CME', code: 10 } }],
    ['+CME ERROR: SIM not inserted', { ok: false, error: { family: 'CME', words: 'SIM not inserted' } }],
    ['NO CARRIER', undefined],
    ['RING', undefined],
    ['+CMGS: 12', undefined],
    ['OKAY', undefined],
  ])('%s', (line, result) => expect(finalResult(line)).toEqual(result));
});
