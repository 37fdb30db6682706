import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its key, PEM texts. */
export interface MadePair {
  readonly certificate: string;
  readonly key: string;
  readonly subject: string;
}

interface MadeOptions {
  readonly subject: string;
  /** Default: a year from now. */
  readonly notAfterMs?: number;
  /** Default: a day ago. */
  readonly notBeforeMs?: number;
  /** Authority that signs it. Default: itself. */
  readonly issuer?: MadePair;
}

const DAY_MS = 86_400_000;

/**
 * Makes an X.509 certificate (RFC 5280) for localhost and 127.0.0.1 while a test runs. Node.js can
 * only read them.
 */
export function madePair({ subject, issuer, ...times }: MadeOptions): MadePair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { notBeforeMs = Date.now() - DAY_MS, notAfterMs = Date.now() + 365 * DAY_MS } = times;
  const signer: KeyObject = issuer === undefined ? privateKey : createPrivateKey(issuer.key);
  const algorithm = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name(issuer?.subject ?? subject),
    sequence(time(notBeforeMs), time(notAfterMs)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...(issuer === undefined ? [authority()] : []), alternativeNames())),
  );
  const signature = sign('sha256', body, signer);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.from([0]), signature));
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return {
    subject,
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(content);
  const { length } = bytes;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), bytes]);
}

const sequence = (...content: readonly Buffer[]): Buffer => tagged(0x30, ...content);
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);
const oid = (...bytes: readonly number[]): Buffer => tagged(0x06, Buffer.from(bytes));

/** commonName */
function name(text: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(0x55, 0x04, 0x03), tagged(0x0c, Buffer.from(text)))));
}

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');
  // §4.1.2.5: the year has two digits until 2049.
  return text < '2050' ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text));
}

/** basicConstraints allow it to sign others. */
function authority(): Buffer {
  const yes = tagged(0x01, Buffer.from([0xff]));
  return sequence(oid(0x55, 0x1d, 0x13), yes, tagged(0x04, sequence(yes)));
}

function alternativeNames(): Buffer {
  const names = sequence(tagged(0x82, Buffer.from('localhost')), tagged(0x87, Buffer.from([127, 0, 0, 1])));
  return sequence(oid(0x55, 0x1d, 0x11), tagged(0x04, names));
}
