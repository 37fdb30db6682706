import { createHash, verify } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Header } from 'tar/header';
import { CallpointError, messageOf } from '../../protocol/errors.ts';
import {
  CONTENT_BYTES_MAX,
  CONTENT_NAME,
  MANIFEST_BYTES_MAX,
  MANIFEST_NAME,
  readManifest,
  SIGNATURE_BYTES,
  SIGNATURES_MAX,
  SIGNATURES_NAME,
  signedBytes,
  type UpdateManifest,
} from '../../protocol/update/manifest.ts';
import { errorCode } from '../system/error-code.ts';
import { BLOCK, padding, TAR_END } from '../system/tar-blocks.ts';
import type { TrustedKey, TrustedKeys } from './trusted-keys.ts';

/** An update whose signature and hash were verified. */
export interface VerifiedUpdate {
  readonly manifest: UpdateManifest;
  readonly signedBy: Pick<TrustedKey, 'name' | 'fingerprint'>;
  /** The compressed release. Ends with an error if it is no longer what was verified. */
  content(): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

const PIECE_BYTES = 256 * 1024;
const SIGNATURE_TEXT_BYTES_MAX = 1024;

type OnProgress = (done: number, all: number) => void;

/**
 * Opens an update and verifies all of it. Its release is not unpacked, and its manifest is not even
 * read before a trusted key's signature was found.
 *
 * @throws CallpointError UPDATE_INVALID, UPDATE_REFUSED
 */
export async function openUpdate(
  path: string,
  trusted: TrustedKeys,
  onProgress: OnProgress = () => undefined,
): Promise<VerifiedUpdate> {
  const file = await openFile(path);
  try {
    const { manifest, signedBy, at } = await verifiedManifest(path, file, trusted);
    const { bytes } = manifest.content;
    const content = () => verifiedContent(path, file, at, manifest);
    let done = 0;
    for await (const piece of content()) {
      done += piece.length;
      onProgress(done, bytes);
    }
    return { manifest, signedBy, content, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

export function invalid(path: string, fault: string): CallpointError {
  const what = `${path} is no update that can be used: ${fault}`;
  return new CallpointError('UPDATE_INVALID', `${what}. Nothing was changed. Get the file again from who made it.`);
}

async function openFile(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    // Does not wait for a writer if it is a pipe.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const why = errorCode(error) === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw new CallpointError('UPDATE_INVALID', `${path} can't be read: ${why}. Nothing was changed.`);
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw invalid(path, 'it is no plain file');
}

interface Verified extends Pick<VerifiedUpdate, 'manifest' | 'signedBy'> {
  /** Where the content begins. */
  readonly at: number;
}

async function verifiedManifest(path: string, file: FileHandle, trusted: TrustedKeys): Promise<Verified> {
  const reader = new OuterTar(path, file);
  const manifestBytes = await reader.small(MANIFEST_NAME, MANIFEST_BYTES_MAX);
  const signatures = await reader.small(SIGNATURES_NAME, SIGNATURE_TEXT_BYTES_MAX);
  const signedBy = signerOf(path, manifestBytes, signatures.toString('latin1'), trusted);
  const manifest = readManifest(manifestBytes.toString('utf8'));
  if (typeof manifest === 'string') throw invalid(path, manifest);
  const { at, size } = await reader.header(CONTENT_NAME, CONTENT_BYTES_MAX);
  if (size !== manifest.content.bytes) throw invalid(path, 'its content has another size than its manifest says');
  await reader.end(at + size + padding(size));
  return { manifest, signedBy: { name: signedBy.name, fingerprint: signedBy.fingerprint }, at };
}

/** @throws CallpointError if no trusted key has signed it */
function signerOf(path: string, manifest: Buffer, text: string, { keys, faults }: TrustedKeys): TrustedKey {
  const signed = signedBytes(manifest);
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length === 0 || lines.length > SIGNATURES_MAX) throw invalid(path, 'it has no signature');
  for (const line of lines) {
    const signature = Buffer.from(line, 'base64');
    if (signature.length !== SIGNATURE_BYTES || signature.toString('base64') !== line)
      throw invalid(path, 'its signature is damaged');
    const key = keys.find((each) => verify(null, signed, each.key, signature));
    if (key !== undefined) return key;
  }
  const besides = faults.map((fault) => ` ${fault}.`).join('');
  const what = `${path} is not signed by a key that this machine trusts, or it was altered`;
  const known = keys.map(({ name, fingerprint }) => `${name} (${fingerprint})`).join(', ');
  throw new CallpointError(
    'UPDATE_REFUSED',
    `${what}. Nothing was changed. Trusted are: ${known === '' ? 'none' : known}.${besides}`,
  );
}

/** Hashes what it gives: the file may have been written to after it was verified. */
async function* verifiedContent(
  path: string,
  file: FileHandle,
  at: number,
  { content: { bytes, sha256 } }: UpdateManifest,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for (let done = 0; done < bytes; ) {
    const { bytesRead, buffer } = await file.read({
      buffer: Buffer.allocUnsafe(Math.min(PIECE_BYTES, bytes - done)),
      position: at + done,
    });
    if (bytesRead === 0) throw invalid(path, 'its end is missing');
    const piece = buffer.subarray(0, bytesRead);
    hash.update(piece);
    done += bytesRead;
    yield piece;
  }
  if (hash.digest('hex') !== sha256) throw invalid(path, 'its content was altered or damaged');
}

/** The three entries in their order, and nothing else. */
class OuterTar {
  readonly #path: string;
  readonly #file: FileHandle;
  #next = 0;

  constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  async header(name: string, sizeMax: number): Promise<{ readonly at: number; readonly size: number }> {
    const header = new Header(await this.#read(this.#next, BLOCK));
    const { path, size = -1, type, cksumValid } = header;
    if (!cksumValid || type !== 'File' || path !== name) throw invalid(this.#path, `${name} is not where it belongs`);
    if (!(size > 0 && size <= sizeMax)) throw invalid(this.#path, `${name} has a size that none can have`);
    const at = this.#next + BLOCK;
    this.#next = at + size + padding(size);
    return { at, size };
  }

  async small(name: string, sizeMax: number): Promise<Buffer> {
    const { at, size } = await this.header(name, sizeMax);
    return await this.#read(at, size);
  }

  async end(at: number): Promise<void> {
    const end = await this.#read(at, TAR_END.length);
    const { size } = await this.#file.stat();
    if (!end.equals(TAR_END) || size !== at + TAR_END.length)
      throw invalid(this.#path, 'something stands behind its end');
  }

  async #read(position: number, length: number): Promise<Buffer> {
    const { bytesRead, buffer } = await this.#file.read({ buffer: Buffer.alloc(length), position });
    if (bytesRead < length) throw invalid(this.#path, 'its end is missing');
    return buffer;
  }
}
