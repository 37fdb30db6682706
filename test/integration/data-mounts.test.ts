import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { claimDataDirectory } from '../../gateway/cli/data-directory.ts';
import { JournalEngine } from '../../gateway/journal/journal-engine.ts';
import { nodeJournalFiles } from '../../gateway/journal/journal-files.ts';
import { processOwner } from '../../gateway/journal/process-owner.ts';
import { findSegments } from '../../gateway/journal/read-journal.ts';
import { parseRecords } from '../../gateway/journal/recovered-records.ts';
import { recover } from '../../gateway/journal/recovery.ts';

const root = mkdtempSync(join(tmpdir(), 'callpoint-mounts-'));
const data = join(root, 'data');
const journal = join(data, 'journal');
mkdirSync(data);

function mount(...args: string[]): boolean {
  return spawnSync('mount', [...args, data]).status === 0;
}

function unmount(): boolean {
  return spawnSync('umount', ['-l', data]).status === 0;
}

/** Root may not mount everywhere, for example not in most containers. */
const canMount = process.getuid?.() === 0 && mount('-t', 'tmpfs', 'tmpfs') && unmount();

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A journal on the real disk, with its reports. */
class Run {
  readonly durable: number[] = [];
  readonly health: string[] = [];
  readonly recovered: number;
  readonly #engine: JournalEngine;
  #number = 0;

  constructor() {
    const settings = { directories: [journal], segmentBytes: 256 * 1024, retainMs: 1e12, retainBytes: 1e12 };
    this.#engine = new JournalEngine(settings, {
      files: nodeJournalFiles(),
      owner: processOwner('mounts'),
      monoMs: () => performance.now(),
      wallMs: () => Date.now(),
      durable: (number) => this.durable.push(number),
      health: (state, detail) => this.health.push(`${state}: ${detail}`),
    });
    const { texts } = this.#engine.open();
    this.recovered = texts.reduce((count, text) => count + Buffer.from(text).toString().split('\n').length - 1, 0);
    cleanups.push(() => this.#engine.close());
  }

  /** @param isNeeded true if a restart needs it, and so all that follows */
  append(padding = 0, isNeeded = true): void {
    this.#number += 1;
    const report = { id: String(this.#number), class: 'test', text: 'x'.repeat(padding) };
    const record = { t: 'report', at: this.#number, report, sequences: {} };
    const key = this.#number === 1 && isNeeded ? { holds: 'all' } : {};
    this.#engine.commit([{ number: this.#number, json: JSON.stringify({ record, ...key }), ...key }]);
  }

  tick(): void {
    this.#engine.tick();
  }
}

const cleanups: (() => void)[] = [];

describe.skipIf(!canMount)('a data directory that is a mount of its own (needs root, and leave to mount)', () => {
  beforeEach(() => {
    expect(mount('-t', 'tmpfs', '-o', 'size=2m', 'tmpfs')).toBe(true);
  });
  afterEach(() => {
    while (cleanups.length > 0) cleanups.pop()?.();
    while (unmount());
    rmSync(journal, { recursive: true, force: true });
  });

  function found(): number[] {
    const files = nodeJournalFiles();
    const { texts, damaged } = recover(files, findSegments(files, journal));
    const { records } = parseRecords({ texts, damaged, detail: '' });
    return records.flatMap((record) => (record.t === 'kept' ? [record.of.at] : []));
  }

  test('is unmounted: what was and is called durable is where a start without it looks; it comes back: there too', () => {
    const run = new Run();
    run.append();
    expect(unmount()).toBe(true);
    run.append();
    expect(run.durable).toEqual([1, 2]);
    expect(found()).toEqual([1, 2]);
    expect(run.health).toEqual([expect.stringContaining('deleted, moved or unmounted')]);

    expect(mount('-t', 'tmpfs', 'tmpfs')).toBe(true);
    run.tick();
    expect(found()).toEqual([1, 2]);
  });

  test('can only be read: the start is not kept, what is owed is taken up, and it is written once it can be', async () => {
    const before = new Run();
    before.append();
    cleanups.pop()?.();
    expect(mount('-o', 'remount,ro')).toBe(true);
    expect(await claimDataDirectory(data, [journal], processOwner('another'))).toContain('EROFS');
    const run = new Run();
    expect(run.recovered).toBe(1);
    run.append();
    expect(run.health.at(-1)).toMatch(/^failed: .*EROFS/);
    expect(mount('-o', 'remount,rw')).toBe(true);
    run.tick();
    expect(run.durable).toEqual([1]);
  });

  test('is full of something else: the oldest segments make room for new records, and it is told', () => {
    const run = new Run();
    for (let count = 0; count < 4; count += 1) run.append(200_000, false);
    const fill = spawnSync('dd', ['if=/dev/zero', `of=${join(data, 'filler')}`, 'bs=4k']);
    expect(fill.stderr.toString()).toContain('No space left');
    for (let count = 0; count < 3; count += 1) run.append(200_000, false);
    expect(run.durable).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(run.health.some((told) => told.includes('is full: journal-000001.cpj was deleted'))).toBe(true);
    expect(readdirSync(journal)).not.toContain('journal-000001.cpj');
  });

  test('is full when a gateway starts: it starts, and only a gateway that lives is in its way', async () => {
    writeFileSync(join(data, 'filler'), '');
    spawnSync('dd', ['if=/dev/zero', `of=${join(data, 'filler')}`, 'bs=4k']);
    expect(await claimDataDirectory(data, [journal], processOwner('one'))).toBeUndefined();
  });
});
