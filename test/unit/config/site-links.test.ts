import { describe, test } from 'vitest';
import { type Case, checkCase } from './mistake-case.ts';
import { SITE } from './site-fixture.ts';

const CASES: readonly Case[] = [
  {
    promise: 'a path to an address that can not be is refused',
    edits: [['host: 10.0.0.5', 'host: 10.0.0.256']],
    at: '10.0.0.256',
    says: '10.0.0.256 is not an address',
    hint: '0 to 255',
  },
  {
    promise: 'a listener at an address that can not be is refused',
    edits: [['listen: 127.0.0.1:0', 'listen: 127.0.0:1883']],
    at: '127.0.0:1883',
    says: '127.0.0 is not an address',
    hint: '127.0.0.1:1883',
  },
  {
    promise: 'an empty list of paths is refused',
    edits: [[SITE.slice(SITE.indexOf('paths:'), SITE.indexOf('deadlines:')), 'paths: []\n']],
    at: '[]',
    says: 'paths is an empty list',
    hint: 'without one no press reaches anyone',
  },
  {
    promise: 'no paths at all is refused',
    edits: [[SITE.slice(SITE.indexOf('paths:'), SITE.indexOf('deadlines:')), '']],
    at: 'version: 1',
    says: 'paths is missing',
    hint: 'without one no press reaches anyone',
  },
  {
    promise: 'a next path that would join after NOT CONFIRMED is refused',
    edits: [['nextPathSeconds: 3', 'nextPathSeconds: 10']],
    at: '10, not',
    says: 'not before NOT CONFIRMED at 10 s',
    hint: 'smaller',
  },
  {
    promise: 'deadlines are held against the defaults, too',
    edits: [['nextPathSeconds: 3, notConfirmedSeconds: 10', 'notConfirmedSeconds: 2']],
    at: '2 }\nmqtt',
    says: 'not before NOT CONFIRMED at 2 s',
    hint: 'smaller',
  },
  {
    promise: 'a new kind without codes is refused',
    edits: [['{ name: Lockdown, sia: PA, contactId: "123", silent: false }', '{ name: Lockdown }']],
    at: 'lockdown: {',
    says: 'lacks sia, contactId',
    hint: 'write it in full',
  },
  {
    promise: 'a kind with a test code is refused: a press is never a test',
    edits: [['sia: PA', 'sia: RP']],
    at: 'RP',
    says: 'this is a test',
    hint: 'PA, HA, MA, FA or QA',
  },
  {
    promise: 'a kind with a Contact ID test code is refused',
    edits: [['contactId: "123"', 'contactId: "602"']],
    at: '"602"',
    says: 'this is a test',
    hint: '"100" to "199"',
  },
  {
    promise: 'a kind whose restore is its alarm is refused',
    edits: [['sia: PA', 'sia: PA, restore: PA']],
    at: 'PA, contactId',
    says: 'same code',
    hint: 'PR for PA',
  },
  {
    promise: 'a broker beyond this machine without TLS is refused',
    edits: [['listen: 127.0.0.1:0', 'listen: 0.0.0.0:1883']],
    at: '0.0.0.0:1883',
    says: 'beyond this machine, without TLS',
    hint: 'tls:',
  },
  {
    promise: 'a broker at an IPv6 wildcard without TLS is refused',
    edits: [['listen: 127.0.0.1:0', 'listen: "[::]:1883"']],
    at: '"[::]:1883"',
    says: 'beyond this machine, without TLS',
    hint: 'tls:',
  },
  {
    promise: 'an external broker in clear text beyond this machine is refused',
    edits: [
      ['broker: embedded', 'broker: mqtt://10.0.0.9'],
      ['  clients:\n    - { name: console, role: viewer }\n    - { name: desk, role: operator }\n', ''],
    ],
    at: 'mqtt://10.0.0.9',
    says: 'read and forged',
    hint: 'mqtts://10.0.0.9:8883',
  },
  {
    promise: 'a certificate that does not exist is told',
    edits: [['listen: 127.0.0.1:0', 'tls: { certificate: no.pem, key: keys.yaml }']],
    at: 'no.pem',
    says: 'does not exist',
    hint: 'PEM file',
  },
  {
    promise: 'a private key that is none is told',
    edits: [['listen: 127.0.0.1:0', 'tls: { certificate: no.pem, key: keys.yaml }']],
    at: 'keys.yaml',
    says: 'holds no private key',
    hint: '-----BEGIN PRIVATE KEY',
  },
  {
    promise: 'a second journal directory that is the first is told',
    edits: [['retainDays: 400', 'secondDirectory: journal']],
    at: 'journal }',
    says: 'the second directory is the first',
    hint: 'another disk',
  },
];

describe('paths, deadlines, kinds, broker and journal, held against each other', () => {
  for (const one of CASES) test(one.promise, () => checkCase(one));
});
