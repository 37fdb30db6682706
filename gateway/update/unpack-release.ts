import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Header } from 'tar/header';
import { messageOf } from '../../protocol/errors.ts';
import { EntryNames } from '../../protocol/update/entry-names.ts';
import type { ReleaseContent } from '../../protocol/update/manifest.ts';
import { errorCode } from '../system/error-code.ts';
import { BLOCK, BlockReader, padding } from '../system/tar-blocks.ts';
import type { ReleaseDisk } from './release-disk.ts';

/** Set-user-id, set-group-id, sticky. */
const SPECIAL_MODES = 0o7000;
/** Of one file. It is held in memory. */
const FILE_BYTES_MAX = 128 * 1024 * 1024;

interface UnpackTarget {
  readonly directory: string;
  readonly disk: ReleaseDisk;
}

/**
 * Unpacks the plain files of a release into an empty directory. Everything else is refused: links,
 * devices, names that lead elsewhere, more than the manifest says. Files belong to whoever runs
 * this, and everybody may read them.
 *
 * @param bytes the compressed release; an error at its end means that nothing of it may be used
 * @throws Error with the fault, for a person
 */
export async function unpackRelease(
  bytes: AsyncIterable<Buffer>,
  content: ReleaseContent,
  target: UnpackTarget,
  onProgress: (files: number, all: number) => void = () => undefined,
): Promise<void> {
  let fault: unknown;
  try {
    await pipeline(Readable.from(bytes), createGunzip(), async (plain: AsyncIterable<Buffer>) => {
      await unpackEntries(plain, content, target, onProgress).catch((error: unknown) => {
        fault = error;
        throw error;
      });
    });
  } catch (error) {
    const isPacked = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
    if (isPacked) throw new Error(`its content can't be unpacked: ${messageOf(error)}`);
    // A stream that is ended early may say only that it was.
    throw errorCode(error) === 'ABORT_ERR' ? (fault ?? error) : error;
  }
}

async function unpackEntries(
  plain: AsyncIterable<Buffer>,
  content: ReleaseContent,
  { directory, disk }: UnpackTarget,
  onProgress: (files: number, all: number) => void,
): Promise<void> {
  const made = new Set([directory]);
  let [files, total] = [0, 0];
  for await (const { name, content: file } of releaseEntries(bounded(plain, content), content)) {
    await makeParents(disk, directory, dirname(name), made);
    await disk.write(join(directory, name), file);
    files += 1;
    total += file.length;
    onProgress(files, content.files);
  }
  if (files !== content.files || total !== content.unpackedBytes)
    throw new Error('it holds less than its manifest says');
}

interface ReleaseEntry {
  readonly name: string;
  readonly content: Buffer;
}

/** @throws Error with the fault, for a person */
async function* releaseEntries(
  bytes: AsyncIterable<Buffer>,
  limits: Pick<ReleaseContent, 'files' | 'unpackedBytes'>,
): AsyncGenerator<ReleaseEntry> {
  const reader = new BlockReader(bytes);
  const names = new EntryNames();
  let [files, total] = [0, 0];
  for (;;) {
    const block = await reader.read(BLOCK);
    if (block.every((byte) => byte === 0)) break;
    const { cksumValid, type, path: name = '', size = -1, mode = 0 } = new Header(block);
    if (!cksumValid) throw new Error('its content is no tar file, or a damaged one');
    if (type !== 'File') throw new Error(`it holds ${JSON.stringify(name)}, which is no plain file`);
    if ((mode & SPECIAL_MODES) !== 0)
      throw new Error(`it holds ${JSON.stringify(name)} with a mode of programs of root`);
    const fault = names.add(name);
    if (fault !== undefined) throw new Error(fault);
    files += 1;
    total += size;
    const isTooMuch = !(size >= 0 && size <= FILE_BYTES_MAX) || files > limits.files || total > limits.unpackedBytes;
    if (isTooMuch) throw new Error('it holds more than its manifest says');
    const content = await reader.read(size);
    await reader.read(padding(size));
    yield { name, content };
  }
  await reader.end();
}

/** A few kilobytes may unpack to gigabytes. */
async function* bounded(
  plain: AsyncIterable<Buffer>,
  { files, unpackedBytes }: ReleaseContent,
): AsyncGenerator<Buffer> {
  // A header and up to a block of zeros for each file; tar fills the last record of 20 blocks.
  const bytesMax = unpackedBytes + 2 * BLOCK * files + 20 * BLOCK;
  let total = 0;
  for await (const piece of plain) {
    total += piece.length;
    if (total > bytesMax) throw new Error('it holds more than its manifest says');
    yield piece;
  }
}

async function makeParents(disk: ReleaseDisk, root: string, parent: string, made: Set<string>): Promise<void> {
  const path = join(root, parent);
  if (made.has(path)) return;
  await makeParents(disk, root, dirname(parent), made);
  await disk.makeDirectory(path);
  made.add(path);
}
