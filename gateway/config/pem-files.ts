import { createPrivateKey, X509Certificate } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { readTextFile } from './read-file.ts';
import type { View } from './view.ts';

/** The PEM texts `mqtt:` names, as far as it names any that count. */
export interface PemFiles {
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly ca?: string;
  /** Authorities of inputs' own brokers, by input id. */
  readonly inputCas: ReadonlyMap<string, string>;
}

/** Reads the certificates and keys that a site names, relative to `site.yaml`; adds a mistake for each that can't serve. */
export function readPemFiles(site: View, siteFile: string): PemFiles {
  const mqtt = site.child('mqtt');
  const inputCas = new Map(
    site.list('inputs').flatMap((input) => {
      const id = input.text('id');
      const ca = readPem(input, 'ca', siteFile, 'CERTIFICATE');
      return id === undefined || ca === undefined ? [] : [[id, ca] as const];
    }),
  );
  const external = mqtt.has('broker') && mqtt.text('broker') !== 'embedded';
  if (external) {
    const ca = readPem(mqtt, 'ca', siteFile, 'CERTIFICATE');
    return ca === undefined ? { inputCas } : { inputCas, ca };
  }
  const tls = mqtt.has('tls') ? readTls(mqtt.child('tls'), siteFile) : undefined;
  return tls === undefined ? { inputCas } : { inputCas, tls };
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
  // Group access is left alone: distributions keep private keys readable for a group such as ssl-cert.
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
      tls.warn('certificate', `the certificate ended on ${parsed.validTo}`, 'renew it: clients will refuse the broker');
    }
  } catch {
    // The library's error may quote the file; what it is about is all a person needs.
    tls.wrong(
      'certificate',
      'the certificate or its key is damaged or needs a passphrase',
      'name PEM files without a passphrase',
    );
  }
}
