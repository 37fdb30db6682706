import { describe, expect, test } from 'vitest';
import { explain } from '../../../protocol/sms/at-errors.ts';
import {
  ERROR_STYLE,
  FUNCTIONALITY,
  finalResult,
  isMessageReference,
  PIN_STATE,
  PIN_TRIES,
  PIN_TRIES_OF_CARD,
  REGISTRATION,
  SIGNAL,
  saysSimLost,
} from '../../../protocol/sms/at-lines.ts';

describe('blanks around colons and commas mean nothing', () => {
  test.each([
    [REGISTRATION, '+CREG: 0,1', '1'],
    [REGISTRATION, '+CREG: 0, 1', '1'],
    [REGISTRATION, '+CREG:0,5', '5'],
    [REGISTRATION, '+CEREG : 2 , 1 , "1A2B"', '1'],
    [REGISTRATION, '+CEREG: 0, 11', '11'],
    [SIGNAL, '+CSQ: 21, 99', '21'],
    [SIGNAL, '+CSQ:21 ,99', '21'],
    [ERROR_STYLE, '+CMEE:1', '1'],
    [FUNCTIONALITY, '+CFUN: 4', '4'],
    [FUNCTIONALITY, '+CFUN:0,0', '0'],
    [PIN_STATE, '+CPIN:READY', 'READY'],
    [PIN_STATE, '+CPIN : SIM PIN', 'SIM PIN'],
    [PIN_STATE, '+CPIN: "READY"', 'READY'],
    [PIN_TRIES, '+CPINR: SIM PIN, 3, 3', '3'],
    [PIN_TRIES, '+CPINR:"SIM PIN" ,3', '3'],
    [PIN_TRIES_OF_CARD, '+CSIM: 4, "63C3"', '3'],
  ])('%s reads %j', (pattern, line, found) => expect(pattern.exec(line)?.[1]).toBe(found));

  test.each(['+CMGS: 7', '+CMGS:7', '+CMGS : 7'])('%j is a reference', (line) =>
    expect(isMessageReference(line)).toBe(true),
  );

  test('an error, and a SIM card that was taken out', () => {
    expect(finalResult('+CMS ERROR :  513')).toEqual({ ok: false, error: { family: 'CMS', code: 513 } });
    expect(saysSimLost('+CPIN:NOT INSERTED')).toBe(true);
  });

  test.each(['+CREG: 1', '+CREG: 1,"1A2B","00C3"', '+CREG: 1, "1A2B", "00C3"'])(
    '%j is unsolicited, and no answer',
    (line) => expect(REGISTRATION.test(line)).toBe(false),
  );
});

describe('what an error is about', () => {
  test('from 512 up the numbers are the maker’s own, and are tried again like a fault of the network', () => {
    for (let code = 512; code < 1_000; code++) {
      for (const family of ['CMS', 'CME'] as const) expect(explain({ family, code }).cause).toBe('network');
    }
  });

  test('what the network or the centre says without a number known here is theirs', () => {
    expect(explain({ family: 'CMS', code: 81 })).toEqual({ cause: 'network', words: 'the network says CMS error 81' });
    expect(explain({ family: 'CMS', code: 341 })).toEqual({ cause: 'modem', words: 'the modem says CMS error 341' });
    expect(explain({ family: 'CME', code: 26 })).toEqual({ cause: 'modem', words: 'the modem says CME error 26' });
  });

  test.each([
    ['CMS', 28, 'number', 'check the number'],
    ['CMS', 195, 'number', 'check the number'],
    ['CMS', 50, 'sim', 'ask the mobile operator'],
    ['CMS', 305, 'modem', 'invalid in text mode'],
    ['CMS', 332, 'network', 'did not answer in time'],
    ['CME', 4, 'modem', 'does not support it'],
    ['CME', 10, 'sim', 'insert one'],
    ['CME', 30, 'network', 'check the antenna'],
  ] as const)('%s error %i is about the %s', (family, code, cause, words) => {
    expect(explain({ family, code })).toEqual({ cause, words: expect.stringContaining(words) });
  });
});
