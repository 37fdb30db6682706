import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type PeerCertificate } from 'node:tls';
import type { WallMs } from '../../protocol/clocks.ts';

/** From when to when a certificate, or several that are needed together, can serve. */
export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** PEM texts of one link over TLS. */
export interface LinkPem {
  readonly ca?: string;
  readonly own?: { readonly certificate: string; readonly key: string };
}

/**
 * A file is cut before each of these. A pattern from BEGIN to END would search the rest of the file
 * for each BEGIN: 16 s for 1 MiB of them, and the alert path would wait.
 */
const BEGIN = /(?=-----BEGIN )/;
const CERTIFICATE = /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/;
/**
 * A chain is no longer; a certificate may name itself, or another one that names it, as its issuer.
 */
const CHAIN_MAX = 10;

/** Of our own certificate: the first in its file. @throws if there is none */
export function ownValidity(pem: string): Validity {
  return validityOf(new X509Certificate(pem));
}

/**
 * Of authorities: trust lasts as long as the last of them. While one is replaced, the old and the
 * new one stand together in the file.
 *
 * @throws if there is none
 */
export function authorityValidity(pem: string): Validity {
  const certificates = pem.split(BEGIN).filter((part) => CERTIFICATE.test(part));
  const all = (certificates.length === 0 ? [pem] : certificates).map((one) => validityOf(new X509Certificate(one)));
  return all.reduce((last, one) => (one.notAfterMs > last.notAfterMs ? one : last));
}

/**
 * Of what a far end has shown in a handshake that succeeded: the first to end. What has ended
 * already was not needed for it. The authority at the end of the chain counts only if `withRoot`.
 */
export function chainValidity(leaf: PeerCertificate, nowWallMs: WallMs, withRoot: boolean): Validity | undefined {
  const shown: Validity[] = [];
  let one: PeerCertificate | undefined = leaf;
  for (let depth = 0; depth < CHAIN_MAX && one?.valid_to !== undefined; depth++) {
    const issuer: PeerCertificate | undefined = 'issuerCertificate' in one ? issuerOf(one) : undefined;
    const isRoot = issuer?.fingerprint256 === one.fingerprint256;
    const validity = { notBeforeMs: Date.parse(one.valid_from), notAfterMs: Date.parse(one.valid_to) };
    const counts = depth === 0 || ((withRoot || !isRoot) && validity.notAfterMs > nowWallMs);
    if (counts && Number.isFinite(validity.notAfterMs)) shown.push(validity);
    if (isRoot) break;
    one = issuer;
  }
  if (shown.length === 0) return undefined;
  return shown.reduce((first, each) => (each.notAfterMs < first.notAfterMs ? each : first));
}

/** Why these texts can't serve, in words for a person; `undefined`: they can. */
export function whyUnusable({ ca, own }: LinkPem): string | undefined {
  try {
    if (ca !== undefined) authorityValidity(ca);
    if (own !== undefined && !new X509Certificate(own.certificate).checkPrivateKey(createPrivateKey(own.key))) {
      return 'the private key does not belong to the certificate';
    }
    createSecureContext({
      ...(ca === undefined ? {} : { ca }),
      ...(own === undefined ? {} : { cert: own.certificate, key: own.key }),
    });
    return undefined;
  } catch {
    // The library's error may quote the file.
    return 'a certificate or key is damaged, cut short or needs a passphrase';
  }
}

function validityOf({ validFrom, validTo }: X509Certificate): Validity {
  return { notBeforeMs: Date.parse(validFrom), notAfterMs: Date.parse(validTo) };
}

function issuerOf(certificate: PeerCertificate): PeerCertificate | undefined {
  const { issuerCertificate } = certificate as { readonly issuerCertificate?: PeerCertificate };
  return issuerCertificate;
}
