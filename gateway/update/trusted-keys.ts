import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../protocol/errors.ts';
import { errorCode } from '../system/error-code.ts';

/** Of a machine that was installed from the package. */
export const KEYS_DIRECTORY = '/etc/callpoint/update-keys';

export interface TrustedKey {
  /** The name of its file. */
  readonly name: string;
  readonly fingerprint: string;
  readonly key: KeyObject;
}

export interface TrustedKeys {
  readonly keys: readonly TrustedKey[];
  /** Why other files are not trusted, for a person. */
  readonly faults: readonly string[];
}

const KEY_BYTES_MAX = 16 * 1024;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * The keys whose releases this machine takes. A key that somebody else could replace is none.
 *
 * @param directory of PEM files with Ed25519 public keys
 */
export function readTrustedKeys(directory: string): TrustedKeys {
  const names = namesIn(directory);
  if (names === undefined) return { keys: [], faults: [] };
  const exposed = exposure(directory, lstatSync(directory));
  if (exposed !== undefined) return { keys: [], faults: [exposed] };
  const keys: TrustedKey[] = [];
  const faults: string[] = [];
  for (const name of names.filter((each) => each.endsWith('.pem')).sort()) {
    const read = readKey(join(directory, name));
    if (typeof read === 'string') faults.push(read);
    else keys.push({ name, fingerprint: fingerprintOf(read), key: read });
  }
  return { keys, faults };
}

/** The first 16 digits of the SHA-256 of the key's SubjectPublicKeyInfo. */
function fingerprintOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

function namesIn(directory: string): readonly string[] | undefined {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @returns why it is not trusted */
function readKey(path: string): KeyObject | string {
  const stats = lstatSync(path);
  if (!stats.isFile() || stats.size > KEY_BYTES_MAX) return `${path} is no file with a key`;
  const exposed = exposure(path, stats);
  if (exposed !== undefined) return exposed;
  const pem = readFileSync(path, 'utf8');
  // Node would take the public key out of a private one. A private key has no place here.
  if (pem.includes('PRIVATE KEY'))
    return `${path} is a private key: take it off this machine, and put the public key here`;
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : `${path} is no Ed25519 key`;
  } catch (error) {
    return `${path} is no public key: ${messageOf(error)}`;
  }
}

/** @returns why others than root can change it, and what to do */
export function exposure(path: string, { mode, uid }: Stats): string | undefined {
  const own = process.getuid?.() ?? 0;
  if (uid !== 0 && uid !== own) return `${path} belongs to another user than root: chown root ${path}`;
  if ((mode & WRITABLE_BY_OTHERS) !== 0) return `${path} can be written by other users: chmod go-w ${path}`;
  return undefined;
}
