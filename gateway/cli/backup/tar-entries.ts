import { Header } from 'tar/header';
import { ENTRIES_MAX, ENTRY_BYTES_MAX, isEntryName, TOTAL_BYTES_MAX } from './backup-format.ts';

/** POSIX.1-2001 pax §4.18.14: header and content stand in blocks of this size. */
const BLOCK = 512;

/** One file of a backup. */
export interface Entry {
  readonly name: string;
  readonly content: Buffer;
  readonly modifiedMs: number;
}

/** An entry as it stands in a tar file. */
export function tarEntry({ name, content, modifiedMs }: Entry): Buffer[] {
  const header = new Header({
    path: name,
    size: content.length,
    mtime: new Date(modifiedMs),
    mode: 0o600,
    uid: 0,
    gid: 0,
    type: 'File',
  });
  const block = Buffer.alloc(BLOCK);
  header.encode(block);
  return [block, content, Buffer.alloc(padding(content.length))];
}

/** Two blocks of zeros. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

function padding(bytes: number): number {
  return (BLOCK - (bytes % BLOCK)) % BLOCK;
}

/**
 * The entries of a tar file that a backup has made. Everything else is refused: links, directories,
 * devices, other names, too much.
 *
 * @throws Error with the fault, for a person
 */
export async function* tarEntries(bytes: AsyncIterable<Buffer>): AsyncGenerator<Entry> {
  const reader = new BlockReader(bytes);
  const names = new Set<string>();
  let total = 0;
  for (;;) {
    const block = await reader.read(BLOCK);
    if (block.every((byte) => byte === 0)) break;
    const header = new Header(block);
    const { path: name = '', size = -1, mtime } = header;
    if (!header.cksumValid) throw new Error('it holds no tar file, or a damaged one');
    if (header.type !== 'File') throw new Error(`it holds ${JSON.stringify(name)}, which is no plain file`);
    if (!isEntryName(name)) throw new Error(`it holds ${JSON.stringify(name)}, which no backup has`);
    if (names.has(name)) throw new Error(`it holds ${name} twice`);
    names.add(name);
    total += size;
    const isTooMuch = size < 0 || size > ENTRY_BYTES_MAX || total > TOTAL_BYTES_MAX || names.size > ENTRIES_MAX;
    if (isTooMuch) throw new Error('it is larger than a backup can be');
    const content = await reader.read(size);
    await reader.read(padding(size));
    yield { name, content, modifiedMs: mtime?.getTime() ?? 0 };
  }
  await reader.end();
}

/** Reads exact numbers of bytes, and never holds more than was asked for and one piece. */
class BlockReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(bytes: AsyncIterable<Buffer>) {
    this.#pieces = bytes[Symbol.asyncIterator]();
  }

  async read(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#pieces.next();
        if (done) throw new Error('its end is missing');
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** Reads to the end, where a tag may stand. Only zeros may follow. */
  async end(): Promise<void> {
    for (let piece = this.#rest; ; ) {
      if (piece.some((byte) => byte !== 0)) throw new Error('something stands behind its end');
      const { value, done } = await this.#pieces.next();
      if (done) return;
      piece = value;
    }
  }
}
