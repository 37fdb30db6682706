import { describe, expect, test } from 'vitest';
import { faultCode, tlsFault } from '../../../gateway/paths/tls-fault.ts';

describe('a TLS error, in words for a person', () => {
  test.each([
    ['CERT_HAS_EXPIRED', /not valid now.*clock/],
    ['CERT_NOT_YET_VALID', /not valid now.*clock/],
    ['ERR_TLS_SESSION_ATTACK', /one TLS handshake after another/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /tls: ca/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /tls: ca/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /tls: ca/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /another name.*tls: serverName/],
    ['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL', /no HTTP\/1\.1.*HTTP\/2/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS.*port/],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /certificate of ours/],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', /refused the TLS handshake/],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', /TLS handshake failed/],
    ['ERR_OSSL_PEM_BAD_BASE64_DECODE', /can't be read by OpenSSL/],
    ['EPROTO', /TLS handshake failed/],
  ])('%s', (code, words) => {
    expect(tlsFault(code)).toMatch(words);
    expect(tlsFault(code)).toContain(`(${code})`);
  });

  test.each(['ECONNRESET', 'ETIMEDOUT', 'EADDRNOTAVAIL'])('%s is about something else', (code) => {
    expect(tlsFault(code)).toBeUndefined();
  });
});

test('what OpenSSL says within a write has the same code as elsewhere', () => {
  const message =
    'write EPROTO 80DC:error:0A000460:SSL routines:ssl3_read_bytes:tlsv1 alert no application protocol:../rec_layer_s3.c:1601:SSL alert number 120';
  expect(faultCode(Object.assign(new Error(message), { code: 'EPROTO' }))).toBe(
    'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
  );
  expect(faultCode(Object.assign(new Error('write EPROTO'), { code: 'EPROTO' }))).toBe('EPROTO');
  expect(faultCode(new Error('gone'))).toBe('gone');
});
