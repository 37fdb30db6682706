import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CallpointError, messageOf } from '../../../protocol/errors.ts';
import { errorCode } from '../../system/error-code.ts';
import { decryption, keyOf } from './backup-cipher.ts';
import {
  type BackupFile,
  type CipherHeader,
  MAGIC,
  MANIFEST,
  type Manifest,
  parseCipherHeader,
  parseManifest,
  TAG_BYTES,
} from './backup-format.ts';
import { type Entry, tarEntries } from './tar-entries.ts';

/** No header is longer. */
const HEADER_BYTES_MAX = 1024;
const PIECE_BYTES = 256 * 1024;

type Secret = string | (() => Promise<string>);

/**
 * Reads a backup to its end, twice if it is encrypted: nothing is unpacked before the tag has
 * proven every byte. Each entry is given to `take`. The sum of all is compared with the manifest.
 *
 * @param secret the passphrase, asked for only if the backup is encrypted
 * @throws CallpointError BACKUP_INVALID, BACKUP_LOCKED
 */
export async function readBackup(
  file: string,
  secret: Secret | undefined,
  take: (entry: Entry) => void | Promise<void> = () => undefined,
): Promise<Manifest> {
  const opened = await openBackup(file, secret);
  try {
    return await opened.read(take);
  } finally {
    await opened.close();
  }
}

/** A backup whose passphrase is known. */
interface OpenBackup {
  read(take: (entry: Entry) => void | Promise<void>): Promise<Manifest>;
  close(): Promise<void>;
}

/** @throws CallpointError BACKUP_INVALID, BACKUP_LOCKED */
export async function openBackup(file: string, secret: Secret | undefined): Promise<OpenBackup> {
  const handle = await opened(file);
  try {
    const { size } = await handle.stat();
    const head = Buffer.alloc(HEADER_BYTES_MAX);
    const { bytesRead } = await handle.read(head, 0, HEADER_BYTES_MAX, 0);
    const bytes = await plainBytes({ file, handle, size, head: head.subarray(0, bytesRead) }, secret);
    return { read: (take) => readAll(file, bytes, take), close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function opened(file: string): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its other end for ever.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
  } catch (error) {
    await handle?.close();
    throw new CallpointError('BACKUP_INVALID', `${file} can't be read: ${messageOf(error)}`, { cause: error });
  }
  await handle.close();
  return invalid(file, 'it is no file');
}

interface Source {
  readonly file: string;
  readonly handle: FileHandle;
  readonly size: number;
  readonly head: Buffer;
}

type Bytes = () => AsyncIterable<Buffer>;

async function plainBytes(source: Source, secret: Secret | undefined): Promise<Bytes> {
  const { file, handle, size, head } = source;
  // RFC 1952 §2.3.1: the magic number of gzip.
  if (head[0] === 0x1f && head[1] === 0x8b) return () => part(handle, 0, size);
  const isOurs = head.subarray(0, MAGIC.length).toString('latin1') === MAGIC;
  if (!isOurs)
    return invalid(file, head.toString('latin1').startsWith('callpoint-backup ') ? NEWER : 'it is no backup');
  const end = head.indexOf(0x0a, MAGIC.length);
  const header = parseCipherHeader(head.subarray(MAGIC.length, Math.max(0, end)).toString('utf8'));
  if (header === undefined) return invalid(file, 'its first lines are damaged');
  const from = end + 1;
  const to = size - TAG_BYTES;
  if (to <= from) return invalid(file, 'its end is missing');
  return await decrypted(source, { header, from, to }, secret);
}

const NEWER = 'a later version of Callpoint made it; install that version';

interface Encrypted {
  readonly header: CipherHeader;
  readonly from: number;
  readonly to: number;
}

async function decrypted(
  { file, handle, head }: Source,
  { header, from, to }: Encrypted,
  secret: Secret | undefined,
): Promise<Bytes> {
  const passphrase = typeof secret === 'function' ? await secret() : secret;
  if (passphrase === undefined) {
    throw new CallpointError('BACKUP_LOCKED', `${file} is encrypted. Name its passphrase with --passphrase-file.`);
  }
  const key = await keyOf(passphrase, header);
  const tag = Buffer.alloc(TAG_BYTES);
  await handle.read(tag, 0, TAG_BYTES, to);
  const clear = () => piped(part(handle, from, to), decryption(key, head.subarray(0, from), tag));
  try {
    for await (const _piece of clear()) {
      // The tag comes last. Nothing is used before it.
    }
  } catch {
    // The library says no more than that it failed.
    return invalid(file, 'it was changed or cut off since it was made');
  }
  return clear;
}

/** Bytes of the file, from one to before another. */
async function* part(handle: FileHandle, from: number, to: number): AsyncGenerator<Buffer> {
  for (let at = from; at < to; ) {
    const buffer = Buffer.alloc(Math.min(PIECE_BYTES, to - at));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new Error('its end is missing');
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The error of a step reaches the reader of the last one. */
function piped(source: AsyncIterable<Buffer>, step: NodeJS.ReadWriteStream): AsyncIterable<Buffer> {
  return pipeline(source, step, () => undefined) as unknown as AsyncIterable<Buffer>;
}

async function readAll(file: string, bytes: Bytes, take: (entry: Entry) => void | Promise<void>): Promise<Manifest> {
  const seen = new Map<string, Pick<BackupFile, 'bytes' | 'sha256'>>();
  let last: Entry | undefined;
  for await (const entry of entriesOf(file, bytes)) {
    if (last?.name === MANIFEST) return invalid(file, 'something stands behind its list of files');
    last = entry;
    if (entry.name === MANIFEST) continue;
    const sha256 = createHash('sha256').update(entry.content).digest('hex');
    seen.set(entry.name, { bytes: entry.content.length, sha256 });
    await take(entry);
  }
  if (last?.name !== MANIFEST) return invalid(file, 'its end is missing');
  const manifest = parseManifest(last.content.toString('utf8'));
  if (manifest === 'newer') return invalid(file, NEWER);
  if (manifest === undefined) return invalid(file, 'no gateway wrote its list of files');
  const isSame = ({ name, bytes: length, sha256 }: BackupFile) =>
    seen.get(name)?.bytes === length && seen.get(name)?.sha256 === sha256;
  if (manifest.files.length !== seen.size || !manifest.files.every(isSame)) {
    return invalid(file, 'its files are not those that it lists');
  }
  return manifest;
}

async function* entriesOf(file: string, bytes: Bytes): AsyncGenerator<Entry> {
  const entries = tarEntries(piped(bytes(), createGunzip()));
  for (;;) {
    let next: IteratorResult<Entry>;
    try {
      next = await entries.next();
    } catch (error) {
      const code = errorCode(error) ?? '';
      // zlib.h: the data ends early (Z_BUF_ERROR), or is wrong (Z_DATA_ERROR).
      const why =
        code === 'Z_BUF_ERROR' ? 'its end is missing' : code.startsWith('Z_') ? 'it is damaged' : messageOf(error);
      return invalid(file, why);
    }
    if (next.done) return;
    yield next.value;
  }
}

function invalid(file: string, why: string): never {
  throw new CallpointError('BACKUP_INVALID', `${file} can't be restored: ${why}.`);
}
