import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addressFileIn } from '../../../gateway/names/address-file.ts';
import { type AddressFile, KeptAddresses } from '../../../gateway/names/kept-addresses.ts';

const HOST = 'receiver.centre.example';

/** A file in memory; `text` is what stands in it. */
class MemoryFile implements AddressFile {
  text: string | undefined;
  writes = 0;
  failing = false;

  constructor(text?: string) {
    this.text = text;
  }

  async read(): Promise<string | undefined> {
    return this.text;
  }

  async write(text: string): Promise<void> {
    if (this.failing) throw new Error('ENOSPC');
    this.writes += 1;
    this.text = text;
  }
}

function opened(file: AddressFile) {
  const notices: string[] = [];
  const book = new KeptAddresses(file, (event, detail) => notices.push(`${event} ${detail}`));
  return { book, notices };
}

const keeping = (hosts: unknown) => JSON.stringify({ version: 1, hosts });

describe('addresses kept over a restart', () => {
  test('what was learnt in one run is known at the start of the next', async () => {
    const file = new MemoryFile();
    const first = opened(file);
    await first.book.learnt(HOST, ['10.0.0.5', '2001:db8::5']);
    await first.book.stop();
    const second = opened(file);
    expect(await second.book.kept(HOST)).toEqual(['10.0.0.5', '2001:db8::5']);
    expect(await second.book.kept('other.example')).toEqual([]);
    expect([...first.notices, ...second.notices]).toEqual([]);
  });

  test('a run in which nothing could be looked up keeps what was kept', async () => {
    const file = new MemoryFile(keeping({ [HOST]: ['10.0.0.5'], 'other.example': ['10.0.0.6'] }));
    const run = opened(file);
    await run.book.kept(HOST);
    await run.book.learnt('other.example', ['10.0.0.7']);
    await run.book.stop();
    const next = opened(file);
    expect(await next.book.kept(HOST)).toEqual(['10.0.0.5']);
    expect(await next.book.kept('other.example')).toEqual(['10.0.0.7']);
  });

  test('nothing is written while nothing changes, in whatever order a name server says it', async () => {
    const file = new MemoryFile(keeping({ [HOST]: ['10.0.0.5', '10.0.0.6'] }));
    const { book } = opened(file);
    await book.learnt(HOST, ['10.0.0.6', '10.0.0.5']);
    await book.learnt(HOST, ['10.0.0.5', '10.0.0.6']);
    await book.stop();
    expect(file.writes).toBe(0);
  });

  test('an answer without an address takes nothing away', async () => {
    const file = new MemoryFile(keeping({ [HOST]: ['10.0.0.5'] }));
    const { book } = opened(file);
    await book.learnt(HOST, []);
    await book.learnt(HOST, ['no address']);
    expect(await book.kept(HOST)).toEqual(['10.0.0.5']);
  });
});

describe('a file that says something else', () => {
  test.each([
    ['nothing', ''],
    ['half of itself', keeping({ [HOST]: ['10.0.0.5'] }).slice(0, 40)],
    ['a list', '[]'],
    ['another version', '{"version":2,"hosts":{}}'],
    ['a name for an address', keeping({ [HOST]: ['elsewhere.example'] })],
    ['a number for an address', keeping({ [HOST]: [5] })],
    ['no list', keeping({ [HOST]: '10.0.0.5.6' })],
    ['more addresses than any host has', keeping({ [HOST]: Array.from({ length: 33 }, (_, i) => `10.0.0.${i}`) })],
  ])('%s: it is ignored with a word, and replaced by what is learnt', async (_what, text) => {
    const file = new MemoryFile(text);
    const { book, notices } = opened(file);
    expect(await book.kept(HOST)).toEqual([]);
    expect(notices).toEqual([expect.stringMatching(/^addresses\.unreadable .+looked up anew$/)]);
    await book.learnt(HOST, ['10.0.0.5']);
    await book.stop();
    expect(await opened(file).book.kept(HOST)).toEqual(['10.0.0.5']);
  });

  test('whatever it is, only literal addresses come out of it', async () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((hosts) => `{"version":1,"hosts":${hosts}}`),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const { book } = opened(new MemoryFile(text));
        for (const host of [HOST, '__proto__', 'constructor', '']) {
          for (const address of await book.kept(host)) expect(address).toMatch(/^[\d.]+$|:/);
        }
      }),
    );
  });
});

describe('a disk that takes nothing', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is told of once, and tried again until it does', async () => {
    const file = new MemoryFile();
    file.failing = true;
    const { book, notices } = opened(file);
    await book.learnt(HOST, ['10.0.0.5']);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(notices).toEqual([expect.stringContaining('addresses.not_kept ENOSPC')]);
    file.failing = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(file.text).toContain('10.0.0.5');
  });

  test('one that hangs does not hold up an end', async () => {
    const { book } = opened({ read: async () => undefined, write: () => new Promise(() => undefined) });
    await book.learnt(HOST, ['10.0.0.5']);
    const ended = book.stop();
    await vi.advanceTimersByTimeAsync(500);
    await ended;
  });

  test('one that hangs before the first byte is read leaves the looking up alone', async () => {
    const { book, notices } = opened({ read: () => new Promise(() => undefined), write: async () => undefined });
    void book.learnt(HOST, ['10.0.0.5']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(notices).toEqual([]);
  });
});

describe('on the disk', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'callpoint-names-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('the file is replaced whole, and nobody else may read it', async () => {
    const file = addressFileIn(directory);
    expect(await file.read()).toBeUndefined();
    await file.write('one');
    // A run that died while it wrote left these files.
    writeFileSync(join(directory, 'addresses.json.new'), 'half of something longer');
    expect(await file.read()).toBe('one');
    await file.write('two');
    expect(readFileSync(join(directory, 'addresses.json'), 'utf8')).toBe('two');
    expect(readdirSync(directory)).toEqual(['addresses.json']);
  });

  test('a missing directory is no file, and no place for one', async () => {
    const file = addressFileIn(join(directory, 'away'));
    expect(await file.read()).toBeUndefined();
    await expect(file.write('one')).rejects.toThrow('ENOENT');
  });

  test('a directory in its place, or a file without end, is an error and no wait', async () => {
    mkdirSync(join(directory, 'addresses.json'));
    await expect(addressFileIn(directory).read()).rejects.toThrow('EISDIR');
    rmSync(join(directory, 'addresses.json'), { recursive: true });
    writeFileSync(join(directory, 'addresses.json'), 'x'.repeat(262_145));
    await expect(addressFileIn(directory).read()).rejects.toThrow('longer than');
  });
});
