import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../../gateway/config/load.ts';
import { type Case, checkCase } from './mistake-case.ts';
import { edited, KEYS, mistakesOf, SITE, withSite } from './site-fixture.ts';

const RADIO = `  - id: radio
    driver: radio
    tnc: { host: 127.0.0.1, port: 8001 }
    callsign: KX7CPT-9
    receiver: KX7CPT-1
deadlines:`;
const SITE_WITH_RADIO = edited(SITE, ['deadlines:', RADIO]);
const SERIAL = [
  '{ host: 127.0.0.1, port: 8001 }',
  '{ port: /dev/tty, baudRate: 19200, init: [KISS ON, RESTART] }',
] as const;

function load(...edits: readonly (readonly [string, string])[]) {
  return withSite({ site: edited(SITE_WITH_RADIO, ...edits), keys: KEYS }, (file, directory) => {
    const { site, paths } = loadSettings(file, directory);
    return {
      path: site.paths.find(({ id }) => id === 'radio'),
      settings: paths.find(({ id }) => id === 'radio'),
    };
  });
}

describe('a radio path', () => {
  test('needs a TNC and two call signs; nothing is wrong with it, and the rest has defaults', () => {
    expect(mistakesOf({ site: SITE_WITH_RADIO, keys: KEYS })).toEqual([]);
    const { settings, path } = load();
    expect(settings).toEqual({
      driver: 'radio',
      id: 'radio',
      tnc: { host: '127.0.0.1', port: 8001 },
      kissPort: 0,
      callsign: 'KX7CPT-9',
      receiver: 'KX7CPT-1',
      destination: 'APZCPT',
      digipeaters: [],
      tncInit: [],
      igates: [],
      textCharacters: 67,
      txDelayMs: 300,
      txTailMs: 100,
      slotMs: 100,
      persistence: 63,
    });
    expect(path).toMatchObject({
      parallel: 2,
      formats: 1,
      takesUpdates: false,
      yields: true,
      liveOnly: false,
      attemptTimeoutMs: 4_000,
      digest: { characters: 67 },
      supervision: { mode: 'test', intervalMs: 900_000 },
    });
  });

  test('the time a message takes on the air follows from the speed, the keying and the digipeaters', () => {
    const { airTime } = load().path ?? {};
    // 36 bytes and 400 ms of keying; 58 bytes took 810 ms in direwolf's own audio.
    expect(airTime).toMatchObject({ budgetMs: 20_000, windowMs: 60_000, repeatsMax: 3, restMs: 60_000 });
    expect(airTime?.messageMs).toBeGreaterThan(640);
    expect(airTime?.messageMs).toBeLessThan(650);
    expect(airTime?.characterMs).toBeCloseTo(6.8, 1);
    const fast = load(['receiver: KX7CPT-1', 'receiver: KX7CPT-1\n    bitsPerSecond: 9600']).path?.airTime;
    expect(fast?.messageMs).toBeLessThan(440);
  });

  test('bounds of the licence, a serial TNC and digipeaters are taken as they are written', () => {
    const { settings, path } = load(SERIAL, [
      'receiver: KX7CPT-1',
      `receiver: KX7CPT-1
    digipeaters: [HILL-1, WIDE2-2]
    answerTimeoutSeconds: 50
    igates: [HILL-10]
    textCharacters: 45
    airTime: { secondsPerMinute: 10, repeats: 2, restSeconds: 120 }`,
    ]);
    expect(settings).toMatchObject({
      tnc: { port: '/dev/tty', baudRate: 19_200 },
      tncInit: ['KISS ON', 'RESTART'],
      digipeaters: ['HILL-1', 'WIDE2-2'],
      igates: ['HILL-10'],
      textCharacters: 45,
    });
    expect(path).toMatchObject({ attemptTimeoutMs: 50_000, attemptTimeoutMsMax: 50_000, digest: { characters: 45 } });
    expect(path?.airTime).toMatchObject({ budgetMs: 10_000, repeatsMax: 2, restMs: 120_000 });
  });
});

describe('how long an answer is waited for', () => {
  const waits = (...lines: readonly string[]) => {
    const { attemptTimeoutMs, attemptTimeoutMsMax } =
      load(['receiver: KX7CPT-1', ['receiver: KX7CPT-1', ...lines].join('\n    ')]).path ?? {};
    return [attemptTimeoutMs, attemptTimeoutMsMax];
  };

  test('is as it is written, up to 120 s; it doubles up to 24 s', () => {
    expect(waits()).toEqual([4_000, 24_000]);
    expect(waits('answerTimeoutSeconds: 8')).toEqual([8_000, 24_000]);
    expect(waits('answerTimeoutSeconds: 31')).toEqual([31_000, 31_000]);
    expect(waits('answerTimeoutSeconds: 120')).toEqual([120_000, 120_000]);
  });

  test('with digipeaters is longer than they remember what they have repeated', () => {
    const digipeaters = 'digipeaters: [WIDE1-1]';
    expect(waits(digipeaters)).toEqual([32_000, 32_000]);
    expect(waits(digipeaters, 'answerTimeoutSeconds: 8')).toEqual([32_000, 32_000]);
    expect(waits(digipeaters, 'answerTimeoutSeconds: 45')).toEqual([45_000, 45_000]);
  });
});

const CASES: readonly Case[] = [
  {
    promise: 'a call sign that fits no AX.25 address is refused',
    edits: [['callsign: KX7CPT-9', 'callsign: KX7CPT-16']],
    at: 'KX7CPT-16',
    says: 'callsign is "KX7CPT-16"',
    hint: '1 to 6 of A-Z and 0-9',
  },
  {
    promise: 'our own call sign as the receiver’s is refused',
    edits: [['callsign: KX7CPT-9', 'callsign: KX7CPT-1']],
    at: 'KX7CPT-1\ndeadlines',
    says: 'our own call sign',
    hint: "the receiving station's",
  },
  {
    promise: 'a TNC on another machine is warned of, nearby',
    edits: [['host: 127.0.0.1', 'host: 10.0.0.8']],
    at: '10.0.0.8',
    says: 'can transmit and forge acknowledgements',
    hint: 'on this machine',
    severity: 'warning',
  },
  {
    promise: 'a TNC on another machine is warned of, far away',
    edits: [['host: 127.0.0.1', 'host: 8.8.8.8']],
    at: '8.8.8.8',
    says: 'in clear text',
    hint: 'on this machine',
    severity: 'warning',
  },
  {
    promise: 'a placeholder for a call sign is warned of',
    edits: [['callsign: KX7CPT-9', 'callsign: N0CALL-9']],
    at: 'N0CALL-9',
    says: 'nobody may transmit under it',
    hint: 'your licence',
    severity: 'warning',
  },
  {
    promise: 'a serial port that is no path is refused',
    edits: [['{ host: 127.0.0.1, port: 8001 }', '{ port: COM3 }']],
    at: 'COM3',
    says: 'not a full path',
    hint: '/dev/serial/by-id',
  },
  {
    promise: 'a TCP port without a host is refused',
    edits: [['{ host: 127.0.0.1, port: 8001 }', '{ port: 8001 }']],
    at: '8001',
    says: '8001 is not a serial port',
    hint: 'host beside it',
  },
  {
    promise: 'a serial port with a host is refused',
    edits: [['port: 8001', 'port: /dev/tty']],
    at: '/dev/tty',
    says: 'has a TCP port',
    hint: 'such as 8001',
  },
  {
    promise: 'a baud rate with a host is refused',
    edits: [['port: 8001', 'port: 8001, baudRate: 9600']],
    at: '9600 }\n    callsign',
    says: 'no baud rate',
    hint: 'remove it',
  },
  {
    promise: 'a TNC on a port that an input uses is refused',
    edits: [['{ host: 127.0.0.1, port: 8001 }', '{ port: /dev/zero }']],
    at: '/dev/zero }\n    callsign',
    says: 'this port',
    hint: 'give each its own',
  },
  {
    promise: 'a missing TNC is told',
    edits: [['    tnc: { host: 127.0.0.1, port: 8001 }\n', '']],
    at: 'id: radio',
    says: 'tnc is missing',
    hint: '/dev/serial/by-id',
  },
  {
    promise: 'an answer can not be waited for shorter than the channel takes',
    edits: [['receiver: KX7CPT-1', 'receiver: KX7CPT-1\n    bitsPerSecond: 300\n    answerTimeoutSeconds: 4']],
    at: '4\ndeadlines',
    says: 'message and acknowledgement take 4.6 s on the air',
    hint: 'answerTimeoutSeconds: 7',
    severity: 'warning',
  },
  {
    promise: 'a wait that the duplicate filters of digipeaters make useless is told, with what is done instead',
    edits: [['receiver: KX7CPT-1', 'receiver: KX7CPT-1\n    digipeaters: [WIDE1-1]\n    answerTimeoutSeconds: 8']],
    at: '8\ndeadlines',
    says: 'an answer is waited for 32 s: they drop what they have repeated within 30 s',
    hint: 'answerTimeoutSeconds: 32 or more',
    severity: 'warning',
  },
  {
    promise: 'a text that no receiver is so short for is refused',
    edits: [['receiver: KX7CPT-1', 'receiver: KX7CPT-1\n    textCharacters: 20']],
    at: '20\ndeadlines',
    says: 'textCharacters is 20',
    hint: 'from 40 to 67',
  },
  {
    promise: 'a command for the TNC that holds a control character is refused',
    edits: [['port: 8001 }', 'port: 8001, init: ["KISS ON\\r"] }']],
    at: '"KISS ON',
    says: 'init',
    hint: 'plain characters',
  },
  {
    promise: 'an igate that is no call sign is refused',
    edits: [['receiver: KX7CPT-1', 'receiver: KX7CPT-1\n    igates: ["*"]']],
    at: '"*"',
    says: 'igates',
    hint: '1 to 6 of A-Z and 0-9',
  },
  {
    promise: 'a second path to the same station is warned of',
    edits: [['deadlines:', RADIO.replace('id: radio', 'id: radio-2').replace('8001', '8002')]],
    at: 'id: radio-2',
    says: 'leads to the same receiver',
    hint: 'should not share',
    severity: 'warning',
  },
  {
    promise: 'more than eight digipeaters are refused',
    edits: [['receiver: KX7CPT-1', 'receiver: KX7CPT-1\n    digipeaters: [A, B, C, D, E, F, G, H, I]']],
    at: '[A, B',
    says: 'digipeaters',
    hint: 'at most 8',
  },
];

describe('mistakes in a radio path', () => {
  for (const one of CASES) test(one.promise, () => checkCase(one, { site: SITE_WITH_RADIO, keys: KEYS }));
});
