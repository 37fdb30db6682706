import { expect, test } from 'vitest';
import { connectionTrouble } from '../../../gateway/inputs/mqtt-devices/broker-trouble.ts';

const failure = (message: string, code?: string | number) => Object.assign(new Error(message), { code });

test.each([
  ['login', failure('Connection refused: Bad username or password', 4), 'user name and password'],
  ['login', failure('Connection refused: Not authorized', 5), 'user name and password'],
  ['name', failure('getaddrinfo ENOTFOUND broker', 'ENOTFOUND'), 'address'],
  ['name', failure('getaddrinfo EAI_AGAIN broker', 'EAI_AGAIN'), 'name server'],
  ['refused', failure('connect ECONNREFUSED', 'ECONNREFUSED'), 'running'],
  ['refused', failure('', 'ECONNREFUSED'), 'running'],
  ['silent', failure('connack timeout'), 'does not answer'],
  ['silent', failure('Keepalive timeout'), 'does not answer'],
  ['silent', failure('connect EHOSTUNREACH', 'EHOSTUNREACH'), 'does not answer'],
  ['certificate', failure('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'), 'authority'],
  ['certificate', failure('certificate has expired', 'CERT_HAS_EXPIRED'), 'renewed, or the clock'],
  ['certificate', failure('altnames', 'ERR_TLS_CERT_ALTNAME_INVALID'), 'for another name'],
  ['certificate', failure('wrong version number', 'ERR_SSL_WRONG_VERSION_NUMBER'), 'TLS'],
  ['closed', undefined, 'closed'],
  ['failed', failure('something new', 'ENEW'), 'something new'],
])('%s: %o', (kind, error, words) => {
  const trouble = connectionTrouble('mqtts://broker:8883', 'reader', error);
  expect(trouble.kind).toBe(kind);
  expect(trouble.detail).toContain(words);
  expect(trouble.detail).toContain('mqtts://broker:8883');
});
