import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { reading } from '../site/yaml-file.ts';
import { makeCertificates } from './certificates.ts';
import { CERTIFICATES, type DryCopy, type DryOptions, type DryTexts, dryCopy } from './dry-site.ts';

export interface DrySite extends DryCopy {
  readonly file: string;
  readonly directory: string;
  /** Certificate and key of far ends that use TLS, as PEM texts. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** The texts of a site that is in files. */
export function readSiteTexts(file: string): DryTexts {
  const site = reading(file, (path) => readFileSync(path, 'utf8'));
  const [, named = 'keys.yaml'] = /^keys:\s*["']?([^"'\s#]+)/m.exec(site) ?? [];
  const keys = resolve(dirname(file), named);
  return existsSync(keys) ? { site, keys: reading(keys, (path) => readFileSync(path, 'utf8')) } : { site };
}

/** Writes the copy of a site into a directory, with the certificates that it needs. */
export async function writeDrySite(texts: DryTexts, options: DryOptions): Promise<DrySite> {
  const { directory } = options;
  const copy = await dryCopy(texts, options);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'site.yaml');
  const keys = join(directory, 'keys.yaml');
  writeFileSync(file, copy.site);
  writeFileSync(keys, copy.keys, { mode: 0o600 });
  chmodSync(keys, 0o600);
  if (!copy.needsCertificates) return { ...copy, file, directory };
  makeCertificates(directory);
  const pem = (name: string) => readFileSync(join(directory, name), 'utf8');
  const tls = { certificate: pem(CERTIFICATES.receiver), key: pem(CERTIFICATES.receiverKey) };
  return { ...copy, file, directory, tls };
}
