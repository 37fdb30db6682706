import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { createReadStream, createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Header } from 'tar/header';
import { EntryNames } from '../../protocol/update/entry-names.ts';
import {
  CONTENT_NAME,
  MANIFEST_NAME,
  manifestText,
  readManifest,
  SIGNATURES_NAME,
  signedBytes,
  type UpdateManifest,
} from '../../protocol/update/manifest.ts';
import { BLOCK, padding, TAR_END } from '../system/tar-blocks.ts';
import { PROGRAM } from './release-layout.ts';

interface UpdateOptions {
  /** The release: package.json, dist/, node_modules/ … Links are left out. */
  readonly directory: string;
  readonly file: string;
  readonly manifest: Omit<UpdateManifest, 'content'>;
  /** Ed25519. Several during a change of keys. */
  readonly keys: readonly KeyObject[];
}

/** Writes an update: the same bytes from the same release, date and keys. */
export async function writeUpdate({ directory, file, manifest, keys }: UpdateOptions): Promise<UpdateManifest> {
  const packed = `${file}.content`;
  const fresh = `${file}.new`;
  try {
    const { files, unpackedBytes } = await pack(directory, packed, new Date(manifest.date));
    const bytes = statSync(packed).size;
    const all: UpdateManifest = {
      ...manifest,
      content: { sha256: await sha256Of(packed), bytes, files, unpackedBytes },
    };
    const text = manifestText(all);
    const fault = readManifest(text);
    if (typeof fault === 'string') throw new Error(`No update can be made of ${directory}: ${fault}`);
    const signatures = keys.map((key) => `${signatureOf(Buffer.from(text), key)}\n`).join('');
    await pipeline(async function* () {
      yield* entry(MANIFEST_NAME, Buffer.from(text), all.date);
      yield* entry(SIGNATURES_NAME, Buffer.from(signatures), all.date);
      yield headerOf(CONTENT_NAME, bytes, new Date(all.date));
      yield* createReadStream(packed);
      yield Buffer.alloc(padding(bytes));
      yield TAR_END;
    }, createWriteStream(fresh));
    await syncFile(fresh);
    await rename(fresh, file);
    return all;
  } finally {
    await rm(packed, { force: true });
    await rm(fresh, { force: true });
  }
}

function signatureOf(manifest: Buffer, key: KeyObject): string {
  if (createPublicKey(key).asymmetricKeyType !== 'ed25519') throw new Error('The signing key is no Ed25519 key');
  return sign(null, signedBytes(manifest), key).toString('base64');
}

async function pack(directory: string, target: string, date: Date) {
  const names = filesOf(directory);
  if (!names.includes(PROGRAM)) throw new Error(`${directory} holds no ${PROGRAM}: it is no release`);
  const known = new EntryNames();
  let unpackedBytes = 0;
  const entries = async function* () {
    for (const name of names) {
      const fault = known.add(name);
      if (fault !== undefined) throw new Error(`No update can be made of ${directory}: ${fault}`);
      const content = readFileSync(join(directory, name));
      unpackedBytes += content.length;
      yield* entry(name, content, date);
    }
    yield TAR_END;
  };
  await pipeline(Readable.from(entries()), createGzip({ level: 9 }), createWriteStream(target));
  return { files: names.length, unpackedBytes };
}

function filesOf(directory: string): readonly string[] {
  const all = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = all.filter((each) => each.isFile());
  return files.map((each) => relative(directory, join(each.parentPath, each.name))).sort();
}

function* entry(name: string, content: Buffer, date: Date | string): Generator<Buffer> {
  yield headerOf(name, content.length, new Date(date));
  yield content;
  yield Buffer.alloc(padding(content.length));
}

function headerOf(path: string, size: number, mtime: Date): Buffer {
  const header = new Header({ path, size, mtime, mode: 0o644, uid: 0, gid: 0, type: 'File' });
  const block = Buffer.alloc(BLOCK);
  if (header.encode(block)) throw new Error(`${path} is too long a name for an update`);
  return block;
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
