import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { messageOf } from '../../protocol/errors.ts';
import { usageError } from '../errors.ts';
import type { FarEndMeans } from '../site/far-end.ts';

export interface TlsOptions {
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
}

export function addTlsOptions(command: Command): Command {
  return command
    .option('--tls-certificate <file>', 'certificate of far ends that use TLS, PEM')
    .option('--tls-key <file>', 'its private key, PEM');
}

/** @throws CallpointError USAGE */
export function tlsFiles({ tlsCertificate, tlsKey }: TlsOptions): FarEndMeans {
  if (tlsCertificate === undefined && tlsKey === undefined) return {};
  if (tlsCertificate === undefined || tlsKey === undefined) {
    throw usageError('--tls-certificate and --tls-key belong together');
  }
  return { tls: { certificate: pem(tlsCertificate), key: pem(tlsKey) } };
}

function pem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`${file} can't be read: ${messageOf(error)}`);
  }
}
