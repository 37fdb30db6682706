import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../../gateway/config/load.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, KEYS, mistakesOf, SITE, withSite } from './site-fixture.ts';

const SMS = `  - id: text
    driver: sms
    port: /dev/full
    recipients: ["+15551234567", "+447700900123"]
`;
const WITH_SMS = edited(SITE, ['deadlines:', `${SMS}deadlines:`]);
const WITH_PIN = edited(WITH_SMS, ['    port: /dev/full\n', '    port: /dev/full\n    pin: true\n']);
const PIN_KEY = edited(KEYS, ['mqtt:', '  text: "0123"\nmqtt:']);

function pathsOf(site: string, keys: string) {
  return withSite({ site, keys }, (file, directory) => loadSettings(file, `${directory}/data`));
}

const CASES: readonly Case[] = [
  {
    promise: 'a number as it is dialled at home is refused',
    edits: [['"+447700900123"', '"07700900123"']],
    at: '"07700900123"',
    says: '07700900123',
    hint: 'country code',
  },
  {
    promise: 'nobody to write to is refused',
    edits: [['["+15551234567", "+447700900123"]', '[]']],
    at: '[]',
    says: 'recipients',
    hint: 'at least one number',
  },
  {
    promise: 'a number that stands there twice is told',
    edits: [['"+447700900123"', '"+15551234567"']],
    at: '"+15551234567"]',
    says: 'twice',
    hint: 'remove one',
  },
  {
    promise: 'a port that another driver has is told',
    edits: [['/dev/full', '/dev/zero']],
    at: '/dev/zero\n    recipients',
    says: 'this port',
    hint: 'give each its own',
  },
  {
    promise: 'a port that may be another one after a restart is refused',
    edits: [['/dev/full', '/dev/ttyUSB3']],
    at: '/dev/ttyUSB3',
    says: 'after a restart',
    hint: '/dev/serial/by-id',
  },
  {
    promise: 'test events by text are warned of',
    edits: [['    port: /dev/full\n', '    port: /dev/full\n    supervision: { mode: test }\n']],
    at: 'test }',
    says: 'a text message to everybody',
    hint: 'mode: null',
    severity: 'warning',
  },
  ...(
    [
      ['a command that is none', '[CGSMS=1]', 'CGSMS=1', 'init', 'AT+CGSMS=1'],
      ['the PIN among the commands', '[\'AT+CPIN="0123"\']', "'AT+CPIN", 'anybody may read it', 'pin: true'],
      ['a command that makes a call', '[ATD112]', 'ATD112', 'make a call', 'remove'],
      ['a command that begins a message', '[AT+CMGS=12]', 'AT+CMGS', 'begin a message', 'recipients'],
      ['a command that switches the radio off', '[AT+CFUN=4]', 'AT+CFUN', 'switches the radio off', 'remove'],
      ['a command that restarts the modem', '["AT+CFUN=1,1"]', '"AT+CFUN', 'restarts the modem', 'remove'],
      ['a command that writes its memory', '["AT&F&W"]', '"AT&F', 'wears out', 'once by hand'],
      ['a command that changes the speed', '[AT+IPR=9600]', 'AT+IPR', 'speed of the port', 'baudRate'],
    ] as const
  ).map(([what, init, at, says, hint]) => ({
    promise: `${what} is refused`,
    edits: [['    port: /dev/full\n', `    port: /dev/full\n    init: ${init}\n`]] as const,
    at,
    says,
    hint,
  })),
];

describe('a path by SMS', () => {
  for (const one of CASES) test(one.promise, () => checkCase(one, { site: WITH_SMS, keys: KEYS }));

  test('has the commands its modem needs', () => {
    const site = edited(WITH_SMS, [
      '    port: /dev/full\n',
      '    port: /dev/full\n    init: [AT+CGSMS=1, "AT+CSCA=\\"+49\\""]\n',
    ]);
    expect(mistakesOf({ site, keys: KEYS })).toEqual([]);
    expect(pathsOf(site, KEYS).paths.at(-1)).toMatchObject({ init: ['AT+CGSMS=1', 'AT+CSCA="+49"'] });
  });

  test('is made with defaults that work', () => {
    expect(mistakesOf({ site: WITH_SMS, keys: KEYS })).toEqual([]);
    const { paths, site } = pathsOf(WITH_SMS, KEYS);
    const recipients = ['+15551234567', '+447700900123'];
    expect(paths.at(-1)).toEqual({ driver: 'sms', id: 'text', port: '/dev/full', baudRate: 115_200, recipients });
    expect(site.paths.at(-1)).toMatchObject({
      parallel: 1,
      formats: 1,
      attemptTimeoutMs: 60_000,
      attemptTimeoutMsMax: 120_000,
      yields: false,
      digest: { characters: 160 },
      supervision: { mode: 'null', intervalMs: 300_000 },
    });
  });

  test('takes a number without quotes', () => {
    const unquoted = edited(WITH_SMS, ['"+15551234567"', '+15551234567']);
    expect(pathsOf(unquoted, KEYS).paths.at(-1)).toMatchObject({ recipients: ['+15551234567', '+447700900123'] });
  });

  test('has its PIN in keys.yaml, and is refused without one', () => {
    expect(mistakesOf({ site: WITH_PIN, keys: PIN_KEY })).toEqual([]);
    expect(pathsOf(WITH_PIN, PIN_KEY).paths.at(-1)).toMatchObject({ pin: '0123' });
    const unquoted = edited(PIN_KEY, ['"0123"', '0123']);
    expect(pathsOf(WITH_PIN, unquoted).paths.at(-1)).toMatchObject({ pin: '0123' });
    const missing = mistakesOf({ site: WITH_PIN, keys: KEYS });
    expect(missing).toMatchObject([{ message: expect.stringContaining('text'), severity: 'error' }]);
  });
});
