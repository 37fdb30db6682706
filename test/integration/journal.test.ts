import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import threading, { type Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { JournalEntry } from '../../gateway/core/journal-record.ts';
import type { openJournal as OpenJournal } from '../../gateway/journal/journal.ts';
import { readJournal } from '../../gateway/journal/read-journal.ts';
import type { ThreadStart } from '../../gateway/journal/thread-messages.ts';
import { verifyJournal } from '../../gateway/journal/verify-journal.ts';

/**
 * The journal as compiled for the gateway, in its own directory. The thread then runs in the same
 * form as on a Pi.
 */
const root = mkdtempSync(join(tmpdir(), 'callpoint-journal-'));
const repository = new URL('../..', import.meta.url).pathname;
let openJournal: typeof OpenJournal;

const SETTINGS = { segmentBytes: 1024 * 1024, retainMs: 1e12, retainBytes: 1e9 };

const CHILD = `
import { writeSync } from 'node:fs';
import { openJournal } from './build/gateway/journal/journal.js';
const [directory, run] = process.argv.slice(2);
let durable = 0, number = 0;
const sink = { durable: (n) => { durable = n; writeSync(1, n + '\\n'); }, health: (state) => writeSync(1, state + '\\n') };
const { journal } = await openJournal({ ...${JSON.stringify(SETTINGS)}, directories: [directory] }, sink);
writeSync(1, 'ready\\n');
const more = () => {
  while (number < durable + 300) {
    number += 1;
    journal.append(number, { record: { t: 'session', at: number, session: Number(run) }, ...(run === '1' && number === 1 && { holds: 'start' }) });
  }
  setImmediate(more);
};
more();
`;

beforeAll(async () => {
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'child.js'), CHILD);
  const files = ['journal.ts', 'journal-thread.ts'].map((name) => join(repository, 'gateway/journal', name));
  const compilerOptions = {
    outDir: join(root, 'build'),
    rootDir: repository,
    typeRoots: [join(repository, 'node_modules/@types')],
    sourceMap: false,
  };
  const config = { extends: join(repository, 'tsconfig.build.json'), compilerOptions, files, include: [] };
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(config));
  const built = spawnSync(join(repository, 'node_modules/.bin/tsc'), ['-p', root], { encoding: 'utf8' });
  expect(built.stdout).toBe('');
  ({ openJournal } = await import(pathToFileURL(join(root, 'build/gateway/journal/journal.js')).href));
});

afterAll(() => rmSync(root, { recursive: true }));

function directory(name: string): string {
  const path = join(root, name);
  mkdirSync(path);
  return path;
}

function sinkOf(): { durable: (number: number) => void; health: (state: string, detail: string) => void } & {
  last: number;
  states: string[];
  changed: (until: () => boolean) => Promise<void>;
} {
  let wake = (): void => {};
  const sink = {
    last: 0,
    states: [] as string[],
    durable: (number: number): void => {
      sink.last = number;
      wake();
    },
    health: (state: string, detail: string): void => {
      sink.states.push(`${state}: ${detail}`);
      wake();
    },
    changed: async (until: () => boolean): Promise<void> => {
      while (!until()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
  return sink;
}

const RealWorker = threading.Worker;
afterAll(() => {
  // Other test files share this process.
  threading.Worker = RealWorker;
  syncBuiltinESMExports();
});

/** Counts the threads that start for the journal in a directory from now on. */
function threadsOf(path: string): Worker[] {
  const threads: Worker[] = [];
  threading.Worker = class extends RealWorker {
    constructor(...args: ConstructorParameters<typeof RealWorker>) {
      super(...args);
      const { settings } = (args[1]?.workerData ?? {}) as Partial<ThreadStart>;
      if (settings?.directories?.includes(path) === true) threads.push(this);
    }
  };
  syncBuiltinESMExports();
  return threads;
}

function session(number: number): { record: { t: 'session'; at: number; session: number }; holds: string } {
  return { record: { t: 'session', at: number, session: number }, holds: 'session' };
}

function standing(subject: string): JournalEntry {
  const id = `t.${subject}`;
  const trouble = { id, type: 'pathDown', subject, state: 'standing', text: 'down', zone: 1, area: 1 } as const;
  return { record: { t: 'trouble', at: 1, ...trouble }, holds: `trouble:${id}` };
}

/**
 * Kills the child some time after its first durable record.
 * @returns the last number that it reported as durable, and its states
 */
async function killedAfter(child: ChildProcess, ms: number): Promise<{ durable: number; states: string[] }> {
  const seen: { durable: number; states: string[] } = { durable: 0, states: [] };
  if (child.stdout === null) throw new Error('no stdout');
  let isDoomed = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (/^\d+$/.test(line)) seen.durable = Number(line);
    else seen.states.push(line);
    if (seen.durable === 0 || isDoomed) continue;
    isDoomed = true;
    setTimeout(() => child.kill('SIGKILL'), ms);
  }
  return seen;
}

test.concurrent.each(['one', 'another'])(
  'kill -9 at random instants, five times on %s journal: every record that was called durable is recovered, and the chain is whole',
  async (name) => {
    const path = directory(`killed-${name}`);
    const told: number[] = [];
    for (let run = 1; run <= 5; run += 1) {
      const child = spawn(process.execPath, [join(root, 'child.js'), path, String(run)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const { durable, states } = await killedAfter(child, Math.random() * 100);
      expect(states).toEqual(['ready']);
      told.push(durable);
    }
    const found = new Map<number, number>();
    for (const { entry } of readJournal(path)) {
      if (entry.record.t !== 'session') continue;
      const { session: run, at } = entry.record;
      expect(at).toBe((found.get(run) ?? 0) + 1);
      found.set(run, at);
    }
    expect(told.every((durable, index) => durable > 0 && (found.get(index + 1) ?? 0) >= durable)).toBe(true);
    expect(verifyJournal(path)).toMatchObject({ ok: true, problems: [] });
    const sink = sinkOf();
    const { journal, recovered } = await openJournal({ ...SETTINGS, directories: [path] }, sink);
    expect(recovered.damaged).toBe(0);
    expect(recovered.records).toMatchObject([{ t: 'session', at: found.get(5), session: 5 }]);
    await journal.close();
  },
  60_000,
);

test.concurrent('while the disk hangs the event loop runs, the open ends in time, and all is written once the disk answers', async () => {
  const path = directory('hanging');
  // A named pipe replaces a segment: reading it blocks the thread in the kernel until the other end
  // is opened.
  const pipe = join(path, 'journal-000001.cpj');
  spawnSync('mkfifo', [pipe]);
  let longestMs = 0;
  let lastMs = performance.now();
  const pulse = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastMs);
    lastMs = performance.now();
  }, 10);
  const sink = sinkOf();
  const started = performance.now();
  const { journal, recovered } = await openJournal({ ...SETTINGS, directories: [path] }, sink);
  expect(performance.now() - started).toBeLessThan(6_000);
  expect(recovered).toMatchObject({ records: [], unread: expect.stringContaining('not read within 5 s') });
  expect(sink.states[0]).toContain('failed: the disk has not answered');
  const before = performance.now();
  for (let number = 1; number <= 1_000; number += 1) journal.append(number, session(number));
  expect(performance.now() - before).toBeLessThan(500);
  expect(sink.last).toBe(0);
  closeSync(openSync(pipe, 'w'));
  await sink.changed(() => sink.last === 1_000);
  clearInterval(pulse);
  // The disk hung for 5 s. The other tests of this file share the loop and the processors.
  expect(longestMs).toBeLessThan(2_500);
  await sink.changed(() => sink.states.length >= 2);
  expect(sink.states.at(-1)).toContain('degraded: the records of earlier runs were read too late');
  await journal.close();
  expect([...readJournal(path)]).toHaveLength(1_000);
});

test.concurrent('a thread that does not answer is reported although no record waits, and again when it answers', async () => {
  const path = directory('silent');
  const threads = threadsOf(path);
  const sink = sinkOf();
  const { journal } = await openJournal({ ...SETTINGS, directories: [path] }, sink);
  journal.append(1, session(1));
  await sink.changed(() => sink.last === 1);
  expect(sink.states).toEqual([]);
  const [thread] = threads;
  const post = vi.spyOn(thread as Worker, 'postMessage').mockImplementation(() => undefined);
  await sink.changed(() => sink.states.length > 0);
  expect(sink.states).toEqual(["failed: the journal's thread has not answered for 5 s"]);
  post.mockRestore();
  // Whoever asks for anything gets an answer: the record is durable, and the journal is well again.
  journal.append(2, session(2));
  await sink.changed(() => sink.last === 2);
  expect(sink.states.at(-1)).toBe('ok: the disk answers again');
  await journal.close();
});

test('a directory that cannot be made is told at once, and the gateway goes on', async () => {
  const file = join(root, 'a-file');
  writeFileSync(file, '');
  const sink = sinkOf();
  const { journal, recovered } = await openJournal({ ...SETTINGS, directories: [join(file, 'below')] }, sink);
  expect(recovered).toMatchObject({ records: [], unread: expect.stringContaining('ENOTDIR') });
  await sink.changed(() => sink.states.length > 0);
  expect(sink.states).toEqual([expect.stringMatching(/^failed: ENOTDIR/)]);
  journal.append(1, session(1));
  rmSync(file);
  await sink.changed(() => sink.last === 1 && sink.states.at(-1)?.startsWith('ok: ') === true);
  await journal.close();
});

test('what a lost directory held is written by the next thread when its own thread dies before it could', async () => {
  const path = directory('lost');
  const threads = threadsOf(path);
  const sink = sinkOf();
  const { journal } = await openJournal({ ...SETTINGS, directories: [path] }, sink);
  journal.append(1, standing('a'));
  await sink.changed(() => sink.last === 1);
  // Neither the directory nor a replacement exists.
  renameSync(path, `${path}-away`);
  writeFileSync(path, '');
  await sink.changed(() => sink.states.some((state) => state.startsWith('failed: ')));
  await threads[0]?.terminate();
  rmSync(path);
  journal.append(2, standing('b'));
  await sink.changed(() => sink.last === 2);
  await journal.close();
  expect(threads).toHaveLength(2);
  const again = await openJournal({ ...SETTINGS, directories: [path] }, sinkOf());
  const found = again.recovered.records.flatMap((record) => (record.t === 'trouble' ? [record.subject] : []));
  await again.journal.close();
  expect(found).toEqual(['a', 'b']);
});

test('two journals cannot be opened on one directory; the second one serves once the first is closed', async () => {
  const path = directory('shared');
  const first = sinkOf();
  const second = sinkOf();
  const settings = { ...SETTINGS, directories: [path] };
  const one = await openJournal(settings, first);
  const two = await openJournal(settings, second);
  one.journal.append(1, session(1));
  two.journal.append(1, session(2));
  await first.changed(() => first.last === 1);
  expect(second.last).toBe(0);
  expect(second.states.at(-1)).toContain('in use by another gateway');
  await one.journal.close();
  await second.changed(() => second.last === 1);
  await two.journal.close();
  expect([...readJournal(path)].map(({ entry }) => entry.record.at)).toEqual([1, 2]);
  expect(verifyJournal(path).ok).toBe(true);
});

test('what is appended just before close is written, the lock is gone, and the segments are not for everybody', async () => {
  const path = directory('closed');
  const sink = sinkOf();
  const { journal } = await openJournal({ ...SETTINGS, directories: [path] }, sink);
  for (let number = 1; number <= 5_000; number += 1) journal.append(number, session(number));
  await journal.close();
  expect(sink.last).toBe(5_000);
  expect([...readJournal(path)]).toHaveLength(5_000);
  expect(readdirSync(path)).not.toContain('journal.lock');
  expect(statSync(join(path, 'journal-000001.cpj')).mode & 0o007).toBe(0);
});

test.concurrent('deleted while it runs: what was durable, and what is made durable then, is found by the next start', async () => {
  const path = directory('deleted');
  const sink = sinkOf();
  const { journal } = await openJournal({ ...SETTINGS, directories: [path] }, sink);
  journal.append(1, standing('a'));
  await sink.changed(() => sink.last === 1);
  rmSync(path, { recursive: true });
  journal.append(2, standing('b'));
  await sink.changed(() => sink.last === 2);
  expect(sink.states).toEqual([expect.stringContaining('deleted, moved or unmounted')]);
  await journal.close();
  const next = await openJournal({ ...SETTINGS, directories: [path] }, sinkOf());
  await next.journal.close();
  const found = next.recovered.records.flatMap((record) => (record.t === 'trouble' ? [record.subject] : []));
  expect(found).toEqual(['a', 'b']);
});

test('a segment is read with standard tools', async () => {
  const path = directory('tools');
  const { journal } = await openJournal({ ...SETTINGS, directories: [path] }, sinkOf());
  journal.append(1, session(7));
  await journal.close();
  const command = `tr -d '\\0' < ${join(path, 'journal-000001.cpj')} | tail -n +2 | cut -d' ' -f4-`;
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  await once(child, 'close');
  expect(JSON.parse(Buffer.concat(output).toString())).toEqual(session(7));
});
