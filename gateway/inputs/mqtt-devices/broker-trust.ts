import { X509Certificate } from 'node:crypto';
import { type ConnectionOptions, checkServerIdentity, createSecureContext } from 'node:tls';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Trust in a broker that shows one of these certificates, whatever name it is made out to (so does
 * the gateway's own, at any address of this machine), or one that they have signed, made out to the
 * broker's name.
 *
 * @param ca PEM text
 * @throws if there is no certificate in it
 */
export function trustIn(ca: string): Pick<ConnectionOptions, 'secureContext' | 'checkServerIdentity'> {
  const given = new Set((ca.match(CERTIFICATE) ?? [ca]).map((pem) => new X509Certificate(pem).fingerprint256));
  return {
    secureContext: createSecureContext({ ca, allowPartialTrustChain: true }),
    checkServerIdentity: (host, shown) =>
      given.has(shown.fingerprint256) ? undefined : checkServerIdentity(host, shown),
  };
}
