/*
 * A backup is a gzip-compressed tar file (POSIX.1-2001 ustar), which any tar reads. Encrypted, it
 * is MAGIC, one line of JSON (`CipherHeader`), and the tar file under AES-256-GCM with its tag of
 * 16 bytes at the end. MAGIC and the line are the additional authenticated data. The key is the
 * first 32 bytes of scrypt (RFC 7914) of the passphrase; the 16 bytes behind it are `check`.
 */

/** Of this program. A higher one is refused: it may hold what would be lost here. */
export const FORMAT = 1;
export const MAGIC = 'callpoint-backup 1\n';
export const TAG_BYTES = 16;
/** The last entry. It lists the others, so a file that was cut off lacks it. */
export const MANIFEST = 'manifest.json';
export const STATE = 'state.jsonl';
export const SITE = 'site/site.yaml';
export const KEYS = 'site/keys.yaml';
export const ADDRESSES = 'data/addresses.json';

/** No entry is larger: the journal's segments have about 8 MiB. */
export const ENTRY_BYTES_MAX = 64 * 1024 * 1024;
/** More than the journal keeps segments, with two directories and the site's files. */
export const ENTRIES_MAX = 5_000;
/** Unpacked. A journal as large as it may become is smaller. */
export const TOTAL_BYTES_MAX = 20 * 1024 * 1024 * 1024;

const ENTRY_NAME =
  /^(?:manifest\.json|state\.jsonl|site\/(?:site|keys)\.yaml|site\/pem\/\d{1,4}\.pem|data\/addresses\.json|journal\/\d\/journal-\d{6,9}\.cpj(?:\.failed)?)$/;

/** Every name is one of these: none leads out of the directory that it is put into. */
export function isEntryName(name: string): boolean {
  return ENTRY_NAME.test(name);
}

export interface CipherHeader {
  readonly cipher: 'aes-256-gcm';
  readonly kdf: 'scrypt';
  /** Cost, block size and parallelisation of scrypt. */
  readonly n: number;
  readonly r: number;
  readonly p: number;
  /** In hex, like the two that follow. */
  readonly salt: string;
  readonly nonce: string;
  readonly check: string;
}

export interface BackupFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly modified_ms: number;
  /** How `site.yaml` names it. */
  readonly written?: string;
}

export interface Manifest {
  readonly format: typeof FORMAT;
  readonly version: string;
  readonly gateway: string;
  readonly made_at: string;
  readonly gateway_running: boolean;
  readonly with_journal: boolean;
  readonly files: readonly BackupFile[];
}

/** Bounded: a hostile file must not take the machine's memory and time. */
const COST_MAX = { n: 2 ** 17, r: 8, p: 8 } as const;

/** @returns `undefined` if it is none */
export function parseCipherHeader(line: string): CipherHeader | undefined {
  const header = parsed<CipherHeader>(line);
  if (header === undefined) return undefined;
  const { cipher, kdf, n, r, p, salt, nonce, check } = header;
  const isCost = [2 ** 15, 2 ** 16, COST_MAX.n].includes(n) && r === COST_MAX.r && isCount(p, COST_MAX.p) && p > 0;
  const isHex = [salt, check].every((hex) => isText(hex, /^[0-9a-f]{32}$/)) && isText(nonce, /^[0-9a-f]{24}$/);
  return cipher === 'aes-256-gcm' && kdf === 'scrypt' && isCost && isHex ? header : undefined;
}

/** @returns `newer`: a later version of Callpoint made it; `undefined`: it is none */
export function parseManifest(text: string): Manifest | 'newer' | undefined {
  const manifest = parsed<Manifest>(text);
  if (manifest === undefined) return undefined;
  const { format, version, gateway, made_at: madeAt, gateway_running: isRunning, with_journal: hasJournal } = manifest;
  if (typeof format === 'number' && format > FORMAT) return 'newer';
  const isNamed = isText(version, /^[\x20-\x7e]{1,100}$/) && isText(gateway, /^[\x21-\x7e]{1,100}$/);
  const isTimed = isText(madeAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) && !Number.isNaN(Date.parse(madeAt));
  const isTold = typeof isRunning === 'boolean' && typeof hasJournal === 'boolean';
  const isWhole = format === FORMAT && isNamed && isTimed && isTold && areFiles(manifest.files);
  return isWhole ? manifest : undefined;
}

function areFiles(files: unknown): boolean {
  return Array.isArray(files) && files.length <= ENTRIES_MAX && files.every((each: unknown) => isBackupFile(each));
}

function isBackupFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { name, bytes, sha256, modified_ms: modifiedMs, written } = value as Partial<BackupFile>;
  const isNamed = typeof name === 'string' && isEntryName(name) && isText(sha256, /^[0-9a-f]{64}$/);
  const isPlaced = written === undefined || (typeof written === 'string' && written.length <= WRITTEN_LENGTH_MAX);
  const isTimed = typeof modifiedMs === 'number' && modifiedMs >= 0 && modifiedMs <= TIME_MS_MAX;
  return isNamed && isPlaced && isTimed && isCount(bytes, ENTRY_BYTES_MAX);
}

/** The longest path of Linux. */
const WRITTEN_LENGTH_MAX = 4096;
/** The latest time that a calendar date can be made of (ECMA-262 §21.4.1.1), ms since 1970. */
const TIME_MS_MAX = 8.64e15;

function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isCount(value: unknown, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;
}

/** @returns the value as far as it is an object: each field is still to be checked */
function parsed<T>(text: string): T | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
