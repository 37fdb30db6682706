import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import { CERTIFICATES } from './dry-site.ts';

const DAYS = '30';

/**
 * Makes an authority, a receiver's certificate for this machine and one of the gateway, with
 * openssl. The authority's own key is deleted.
 * @throws CallpointError USAGE if openssl is missing
 */
export function makeCertificates(directory: string): void {
  const at = (name: string) => join(directory, name);
  const authorityKey = at('authority.key.pem');
  const request = at('request.pem');
  const extensions = at('extensions.cnf');
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = ['-keyout', authorityKey, '-out', at(CERTIFICATES.authority), '-days', DAYS];
  try {
    openssl(['req', '-x509', ...curve, ...authority, '-subj', '/CN=Callpoint simulator']);
    for (const [certificate, key, name] of [
      [CERTIFICATES.receiver, CERTIFICATES.receiverKey, 'receiver'],
      [CERTIFICATES.gateway, CERTIFICATES.gatewayKey, 'gateway'],
    ] as const) {
      openssl(['req', ...curve, '-keyout', at(key), '-out', request, '-subj', `/CN=${name}`]);
      writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
      const signer = ['-CA', at(CERTIFICATES.authority), '-CAkey', authorityKey, '-CAcreateserial'];
      const what = ['-out', at(certificate), '-days', DAYS, '-extfile', extensions];
      openssl(['x509', '-req', '-in', request, ...signer, ...what]);
      chmodSync(at(key), 0o600);
    }
  } finally {
    for (const each of [authorityKey, request, extensions, at('authority.cert.srl')]) rmSync(each, { force: true });
  }
}

function openssl(args: readonly string[]): void {
  try {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (cause) {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    const why = isMissing
      ? 'openssl is not installed: apt install openssl, or take the paths with tls: or https: out'
      : messageOf(cause);
    throw new CallpointError('USAGE', `The certificates of the copy could not be made: ${why}`, { cause });
  }
}
