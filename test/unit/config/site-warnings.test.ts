import { describe, test } from 'vitest';
import { type Case, checkCase } from './mistake-case.ts';

const CASES: readonly Case[] = [
  {
    promise: 'clear text across public networks is warned of',
    edits: [['host: 10.0.1.5', 'host: 8.8.8.8']],
    at: 'false\ndeadlines',
    says: 'in clear text',
    hint: 'encrypted: true',
    severity: 'warning',
  },
  {
    promise: 'an address reserved for examples is warned of',
    edits: [['host: 10.0.1.5', 'host: 192.0.2.10']],
    at: '192.0.2.10',
    says: 'reserved for examples',
    hint: 'monitoring centre',
    severity: 'warning',
  },
  {
    promise: 'a second path to the same receiver is warned of',
    edits: [['host: 10.0.1.5', 'host: 10.0.0.5']],
    at: '10.0.0.5\n    port: 7700\n    account: 12E4',
    says: 'leads to the same receiver',
    hint: 'share',
    severity: 'warning',
  },
  {
    promise: 'a path nobody supervises is warned of',
    edits: [['mode: auto', 'mode: off']],
    at: 'off,',
    says: 'nobody would notice',
    hint: 'auto',
    severity: 'warning',
  },
  {
    promise: 'a port that is not there is warned of',
    edits: [['port: /dev/zero', 'port: /dev/serial/by-id/usb-none']],
    at: '/dev/serial',
    says: 'no such port',
    hint: 'plug it in',
    severity: 'warning',
  },
  {
    promise: 'an input nobody uses is warned of',
    edits: [
      ['input: bus-2', 'input: bus-1'],
      ['address: 17\n    location: B', 'address: 19\n    location: B'],
    ],
    at: 'bus-2,',
    says: 'no device is on bus-2',
    hint: 'remove',
    severity: 'warning',
  },
  {
    promise: 'an unusual alarm code is warned of',
    edits: [['sia: PA', 'sia: XX']],
    at: 'XX',
    says: 'not a usual alarm code',
    hint: 'monitoring centre',
    severity: 'warning',
  },
  {
    promise: 'a Contact ID code that is no alarm is warned of',
    edits: [['contactId: "123"', 'contactId: "301"']],
    at: '"301"',
    says: 'not an alarm code',
    hint: 'monitoring centre',
    severity: 'warning',
  },
];

describe('what is doubtful, but no reason not to start', () => {
  for (const one of CASES) test(one.promise, () => checkCase(one));
});
