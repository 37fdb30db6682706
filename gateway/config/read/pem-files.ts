import { createPrivateKey, X509Certificate } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { readTextFile } from './read-file.ts';
import type { View } from './view.ts';

/** The PEM texts that `mqtt:`, inputs and paths name, if they name any that are used. */
export interface PemFiles {
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly ca?: string;
  /** Authorities of the brokers that inputs name, by input id. */
  readonly inputCas: ReadonlyMap<string, string>;
  /** The files under `tls:` of paths, by path id. */
  readonly paths: ReadonlyMap<string, PathTls>;
}

/** PEM texts of a path whose receiver is reached over TLS. */
export interface PathTls {
  readonly ca?: string;
  readonly own?: { readonly certificate: string; readonly key: string };
}

/**
 * Reads the certificates and keys that a site names, relative to `site.yaml`. Adds a mistake for
 * each that cannot be used.
 */
export function readPemFiles(site: View, siteFile: string): PemFiles {
  const mqtt = site.child('mqtt');
  const inputCas = new Map(
    site.list('inputs').flatMap((input) => {
      const id = input.text('id');
      const ca = readPem(input, 'ca', siteFile, 'CERTIFICATE');
      return id === undefined || ca === undefined ? [] : [[id, ca] as const];
    }),
  );
  const paths = new Map(
    site.list('paths').flatMap((path) => {
      const id = path.text('id');
      return id === undefined || !path.isMapping('tls') ? [] : [[id, pathTls(path.child('tls'), siteFile)] as const];
    }),
  );
  const external = mqtt.has('broker') && mqtt.text('broker') !== 'embedded';
  if (external) {
    const ca = readPem(mqtt, 'ca', siteFile, 'CERTIFICATE');
    return ca === undefined ? { inputCas, paths } : { inputCas, paths, ca };
  }
  const tls = mqtt.has('tls') ? readTls(mqtt.child('tls'), siteFile) : undefined;
  return tls === undefined ? { inputCas, paths } : { inputCas, paths, tls };
}

function pathTls(tls: View, siteFile: string): PathTls {
  const ca = readPem(tls, 'ca', siteFile, 'CERTIFICATE');
  if (tls.has('certificate') !== tls.has('key')) {
    const [there, missing] = tls.has('certificate') ? ['certificate', 'key'] : ['key', 'certificate'];
    tls.wrong(there, `there is a ${there} and no ${missing}`, `write ${missing}: with the PEM file that belongs to it`);
  }
  const own = readTls(tls, siteFile);
  return { ...(ca === undefined ? {} : { ca }), ...(own === undefined ? {} : { own }) };
}

function readTls(tls: View, siteFile: string): PemFiles['tls'] {
  const certificate = readPem(tls, 'certificate', siteFile, 'CERTIFICATE');
  const key = readPem(tls, 'key', siteFile, 'PRIVATE KEY');
  if (certificate === undefined || key === undefined) return undefined;
  checkPair(tls, certificate, key);
  return { certificate, key };
}

function readPem(view: View, name: string, siteFile: string, what: string): string | undefined {
  const file = view.text(name);
  if (file === undefined) return undefined;
  const full = resolve(dirname(siteFile), file);
  const read = readTextFile(full);
  if ('problem' in read) {
    view.wrong(
      name,
      `the file ${JSON.stringify(file)} ${read.problem}`,
      'name a PEM file, relative to site.yaml or from the root',
    );
    return undefined;
  }
  if (!new RegExp(`-----BEGIN [A-Z ]*${what}-----`).test(read.text)) {
    view.wrong(
      name,
      `the file ${JSON.stringify(file)} holds no ${what.toLowerCase()} in PEM form`,
      `it must begin with -----BEGIN ${what}-----`,
    );
    return undefined;
  }
  // Access of the group is left alone: distributions keep private keys readable for a group such as
  // ssl-cert.
  if (what === 'PRIVATE KEY' && (read.mode & 0o007) !== 0) {
    view.wrong(name, 'every user of this machine has access to the private key', `run: chmod o-rwx ${full}`, {
      code: 'KEYS_EXPOSED',
    });
  }
  return read.text;
}

function checkPair(tls: View, certificate: string, key: string): void {
  try {
    const parsed = new X509Certificate(certificate);
    if (!parsed.checkPrivateKey(createPrivateKey(key))) {
      tls.wrong('key', 'the private key does not belong to the certificate', 'name the pair that was made together');
    }
    if (Date.parse(parsed.validTo) < Date.now()) {
      tls.warn('certificate', `the certificate ended on ${parsed.validTo}`, 'renew it: the other end will refuse it');
    }
  } catch {
    // The library's error may quote the file. A person needs no more than its subject.
    tls.wrong(
      'certificate',
      'the certificate or its key is damaged or needs a passphrase',
      'name PEM files without a passphrase',
    );
  }
}
