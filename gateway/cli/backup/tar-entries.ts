import { Header } from 'tar/header';
import { BLOCK, BlockReader, padding } from '../../system/tar-blocks.ts';
import { ENTRIES_MAX, ENTRY_BYTES_MAX, isEntryName, TOTAL_BYTES_MAX } from './backup-format.ts';

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
