import { dirname, resolve } from 'node:path';
import type { CertificateSource, PemFile } from '../../system/certificate-files.ts';
import { authorityValidity, ownValidity, type Validity, whyUnusable } from '../../system/certificates.ts';
import type { ReadText } from './read-file.ts';
import type { View } from './view.ts';

/** The PEM texts that `mqtt:`, inputs and paths name, if they name any that are used. */
export interface PemFiles {
  readonly tls?: { readonly certificate: string; readonly key: string };
  readonly ca?: string;
  /** Authorities of the brokers that inputs name, by input id. */
  readonly inputCas: ReadonlyMap<string, string>;
  /** The files under `tls:` of paths, by path id. */
  readonly paths: ReadonlyMap<string, PathTls>;
  /** Where all of these were read: they may be renewed while the gateway runs. */
  readonly sources: readonly CertificateSource[];
}

/** PEM texts of a path whose receiver is reached over TLS. */
export interface PathTls {
  readonly ca?: string;
  readonly own?: { readonly certificate: string; readonly key: string };
}

/** Days before the end of a certificate at which `check` warns. */
const WARN_DAYS = 30;
const DAY_MS = 86_400_000;
const WARN_MS = WARN_DAYS * DAY_MS;

/** What the names of PEM files are relative to, and how the files are read. */
interface PemSource {
  readonly siteFile: string;
  readonly read: ReadText;
}

/**
 * Reads the certificates and keys that a site names, relative to `site.yaml`. Adds a mistake for
 * each that cannot be used.
 */
export function readPemFiles(site: View, siteFile: string, read: ReadText): PemFiles {
  const from: PemSource = { siteFile, read };
  const mqtt = site.child('mqtt');
  const sources: CertificateSource[] = [];
  const keep = (of: string, name: string, files: LinkFiles): PathTls => {
    if (Object.keys(files).length > 0) sources.push({ of, name, ...files });
    return textsOf(files);
  };
  const inputCas = new Map(
    site.list('inputs').flatMap((input) => {
      const id = input.text('id');
      const ca = readAuthority(input, from);
      if (id === undefined || ca === undefined) return [];
      keep(`input.${id}`, `input ${id}`, { ca });
      return [[id, ca.text] as const];
    }),
  );
  const paths = new Map(
    site.list('paths').flatMap((path) => {
      const id = path.text('id');
      if (id === undefined || !path.isMapping('tls')) return [];
      return [[id, keep(`path.${id}`, `path ${id}`, pathTls(path.child('tls'), from))] as const];
    }),
  );
  const external = mqtt.has('broker') && mqtt.text('broker') !== 'embedded';
  if (external) {
    const ca = readAuthority(mqtt, from);
    return { inputCas, paths, ...(ca === undefined ? {} : keep('mqtt', 'MQTT', { ca })), sources };
  }
  const tls = mqtt.has('tls') ? readPair(mqtt.child('tls'), from, 'wrong') : undefined;
  const own = tls && keep('mqtt', 'MQTT', tls).own;
  return { inputCas, paths, ...(own === undefined ? {} : { tls: own }), sources };
}

type LinkFiles = Pick<CertificateSource, 'ca' | 'certificate' | 'key'>;

function textsOf({ ca, certificate, key }: LinkFiles): PathTls {
  return {
    ...(ca === undefined ? {} : { ca: ca.text }),
    ...(certificate === undefined || key === undefined
      ? {}
      : { own: { certificate: certificate.text, key: key.text } }),
  };
}

function pathTls(tls: View, from: PemSource): LinkFiles {
  const ca = readAuthority(tls, from);
  if (tls.has('certificate') !== tls.has('key')) {
    const [there, missing] = tls.has('certificate') ? ['certificate', 'key'] : ['key', 'certificate'];
    tls.wrong(there, `there is a ${there} and no ${missing}`, `write ${missing}: with the PEM file that belongs to it`);
  }
  return { ...(ca === undefined ? {} : { ca }), ...readPair(tls, from, 'warn') };
}

function readAuthority(view: View, from: PemSource): PemFile | undefined {
  const ca = readPem(view, 'ca', from, 'CERTIFICATE');
  if (ca === undefined) return undefined;
  if (whyUnusable({ ca: ca.text }) !== undefined) {
    // No error: the gateway starts all the same, for its other links.
    view.warn('ca', 'a certificate in this file is damaged', 'put there the PEM file that you were given');
    return ca;
  }
  warnOfEnd(view, 'ca', authorityValidity(ca.text), 'ask who runs the other end for the new one');
  return ca;
}

/**
 * `warn`: of a path. A renewal that stopped half-way must not keep the gateway, and all other
 * paths, from starting; the attempts of this path say what is wrong until the files are whole.
 */
function readPair(
  tls: View,
  from: PemSource,
  say: 'wrong' | 'warn',
): Required<Pick<LinkFiles, 'certificate' | 'key'>> | undefined {
  const certificate = readPem(tls, 'certificate', from, 'CERTIFICATE', say);
  const key = readPem(tls, 'key', from, 'PRIVATE KEY', say);
  if (certificate === undefined || key === undefined) return undefined;
  checkPair(tls, certificate.text, key.text, say);
  return { certificate, key };
}

function readPem(
  view: View,
  name: string,
  { siteFile, read: readText }: PemSource,
  what: string,
  say: 'wrong' | 'warn' = 'wrong',
): PemFile | undefined {
  const file = view.text(name);
  if (file === undefined) return undefined;
  const full = resolve(dirname(siteFile), file);
  const read = readText(full);
  if ('problem' in read) {
    view.wrong(
      name,
      `the file ${JSON.stringify(file)} ${read.problem}`,
      'name a PEM file, relative to site.yaml or from the root',
    );
    return undefined;
  }
  if (!new RegExp(`-----BEGIN [A-Z ]*${what}-----`).test(read.text)) {
    view[say](
      name,
      `the file ${JSON.stringify(file)} holds no ${what.toLowerCase()} in PEM form`,
      `it must begin with -----BEGIN ${what}-----`,
    );
    return say === 'warn' ? { written: file, path: full, text: read.text } : undefined;
  }
  // Access of the group is left alone: distributions keep private keys readable for a group such as
  // ssl-cert.
  if (what === 'PRIVATE KEY' && (read.mode & 0o007) !== 0) {
    view.wrong(name, 'every user of this machine has access to the private key', `run: chmod o-rwx ${full}`, {
      code: 'KEYS_EXPOSED',
    });
  }
  return { written: file, path: full, text: read.text };
}

function checkPair(tls: View, certificate: string, key: string, say: 'wrong' | 'warn'): void {
  const why = whyUnusable({ own: { certificate, key } });
  if (why === undefined) {
    warnOfEnd(tls, 'certificate', ownValidity(certificate), 'renew it: the other end will refuse it');
    return;
  }
  if (/belong/.test(why)) tls[say]('key', why, 'name the pair that was made together');
  else {
    const message = 'the certificate or its key is damaged or needs a passphrase';
    tls[say]('certificate', message, 'name PEM files without a passphrase');
  }
}

/**
 * When the first of these certificates is near its end: from then on `check` warns. Infinity if
 * there is none.
 */
export function firstWarningMs(sources: readonly CertificateSource[]): number {
  const ends = sources.flatMap(({ ca, certificate }) => [
    ...(ca === undefined ? [] : [endOf(() => authorityValidity(ca.text))]),
    ...(certificate === undefined ? [] : [endOf(() => ownValidity(certificate.text))]),
  ]);
  return Math.min(...ends) - WARN_MS;
}

/** A damaged certificate has no end: the warning about it does not depend on the time. */
function endOf(validity: () => Validity): number {
  try {
    return validity().notAfterMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function warnOfEnd(view: View, name: string, { notAfterMs }: Validity, hint: string): void {
  const leftMs = notAfterMs - Date.now();
  if (leftMs > WARN_MS) return;
  const when = new Date(notAfterMs).toISOString().slice(0, 10);
  const text = leftMs < 0 ? `the certificate ended on ${when}` : `the certificate ends on ${when}, in ${days(leftMs)}`;
  view.warn(name, text, hint);
}

function days(ms: number): string {
  const whole = Math.floor(ms / DAY_MS);
  return whole === 1 ? '1 day' : `${whole} days`;
}
