import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import { CERTIFICATES } from './dry-site.ts';

/** Longer than any warning of the gateway before the end of a certificate. */
const DAYS = 365;
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const AUTHORITY = ['-subj', '/CN=Callpoint simulator'];

/**
 * Makes an authority, a receiver's certificate for this machine and one of the gateway, with
 * openssl, unless they are there.
 * @throws CallpointError USAGE if openssl is missing
 */
export function makeCertificates(directory: string): void {
  const at = (name: string) => join(directory, name);
  if (existsSync(at(CERTIFICATES.authority))) return;
  const files = ['-keyout', at(CERTIFICATES.authorityKey), '-out', at(CERTIFICATES.authority)];
  openssl(['req', '-x509', ...KEY, ...files, '-days', String(DAYS), ...AUTHORITY]);
  chmodSync(at(CERTIFICATES.authorityKey), 0o600);
  sign(directory, CERTIFICATES.receiver, CERTIFICATES.receiverKey, DAYS);
  sign(directory, CERTIFICATES.gateway, CERTIFICATES.gatewayKey, DAYS);
}

/**
 * Renews what the gateway presents and trusts. The authority keeps its key, so receivers go on
 * being trusted.
 * @throws CallpointError USAGE
 */
export function renewCertificates(directory: string, days: number): void {
  const at = (name: string) => join(directory, name);
  const files = ['-key', at(CERTIFICATES.authorityKey), '-out', at(CERTIFICATES.authority)];
  openssl(['req', '-x509', ...files, '-days', String(days), ...AUTHORITY]);
  sign(directory, CERTIFICATES.gateway, CERTIFICATES.gatewayKey, days);
}

function sign(directory: string, certificate: string, key: string, days: number): void {
  const at = (name: string) => join(directory, name);
  const request = at('request.pem');
  const extensions = at('extensions.cnf');
  try {
    openssl(['req', ...KEY, '-keyout', at(key), '-out', request, '-subj', `/CN=${certificate.split('.')[0]}`]);
    chmodSync(at(key), 0o600);
    writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    const signer = ['-CA', at(CERTIFICATES.authority), '-CAkey', at(CERTIFICATES.authorityKey), '-CAcreateserial'];
    const what = ['-out', at(certificate), '-days', String(days), '-extfile', extensions];
    openssl(['x509', '-req', '-in', request, ...signer, ...what]);
  } finally {
    for (const each of [request, extensions, at('authority.cert.srl')]) rmSync(each, { force: true });
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
