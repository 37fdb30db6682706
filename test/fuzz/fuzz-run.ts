import type { Worker } from 'node:worker_threads';
import { startWorkerThread } from '../../gateway/system/worker-thread.ts';
import { fileOf } from './all-targets.ts';
import { CORPUS, FAILURES, FOUND, keepInput, readInputs } from './corpus.ts';
import { type FromWorker, type FuzzJob, type Progress, SHARED_HEAD } from './fuzz-job.ts';
import type { Failure } from './fuzz-loop.ts';
import { type FuzzTarget, lengthMaxOf } from './target.ts';

export interface TargetResult extends Progress {
  readonly target: string;
  /** New inputs that run something new. */
  readonly found: number;
  /** All inputs that each ran something new, the shortest of the known ones first. */
  readonly minimal: readonly Uint8Array[];
  readonly failure?: { readonly file: string; readonly what: string };
}

interface RunOptions {
  /** For each target. */
  readonly seconds: number;
  readonly runs: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
}

/** An input that runs longer never ends. */
const HANG_MS = 10_000;
const LOOK_MS = 1_000;
/** Largest heap of a target's thread. Every input fits into a small part of it. */
const HEAP_MB = 512;

/** Fuzzes one target in a thread, and watches that it goes on. */
export function fuzzTarget(target: FuzzTarget, options: RunOptions): Promise<TargetResult> {
  const { name } = target;
  const corpus = [...readInputs(CORPUS, name), ...readInputs(FOUND, name)];
  const lengths = corpus.map(({ length }) => length);
  const shared = new SharedArrayBuffer(SHARED_HEAD + Math.max(lengthMaxOf(target), ...lengths, 65_536));
  const { seconds, runs, seed, progress } = options;
  const job: FuzzJob = { target: name, file: fileOf(target), seconds, runs, seed, corpus, shared };
  const worker = startWorkerThread(new URL('./fuzz-worker', import.meta.url), import.meta.url, {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  const known = new Set(corpus.map((input) => Buffer.from(input).toString('latin1')));
  let figures: Progress = { executions: 0, blocks: 0, corpus: 0, seconds: 0 };
  const minimal: Uint8Array[] = [];
  let found = 0;
  return new Promise((resolve) => {
    const end = (failure?: Failure) => {
      clearInterval(watch);
      void worker.terminate();
      resolve({ target: name, ...figures, found, minimal, ...kept(name, failure) });
    };
    const watch = watchProgress(shared, (what) => end({ input: currentInput(shared), what }));
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'found') {
        minimal.push(message.input);
        if (known.has(Buffer.from(message.input).toString('latin1'))) return;
        found += 1;
        keepInput(FOUND, name, message.input);
        return;
      }
      figures = message;
      if (message.type === 'progress') progress(lineOf(name, figures, found));
      else end(message.type === 'failed' ? message.failure : undefined);
    });
    endWithThread(worker, (what) => end({ input: currentInput(shared), what }));
  });
}

function endWithThread(worker: Worker, died: (what: string) => void): void {
  worker.on('error', (error) => died(`the thread ended: ${error.stack ?? error.message}`));
}

/** Calls `hangs` when the same input has been running for too long. */
function watchProgress(shared: SharedArrayBuffer, hangs: (what: string) => void): NodeJS.Timeout {
  const counts = new Int32Array(shared, 0, SHARED_HEAD / 4);
  let last = -1;
  let lookedMs = performance.now();
  return setInterval(() => {
    const executions = Atomics.load(counts, 0);
    const nowMs = performance.now();
    if (executions !== last || executions === 0) [last, lookedMs] = [executions, nowMs];
    else if (nowMs - lookedMs > HANG_MS) hangs(`it has not returned for ${HANG_MS} ms`);
  }, LOOK_MS);
}

function currentInput(shared: SharedArrayBuffer): Uint8Array {
  const [, length = 0] = new Uint32Array(shared, 0, SHARED_HEAD / 4);
  return new Uint8Array(shared.slice(SHARED_HEAD, SHARED_HEAD + length));
}

function kept(target: string, failure: Failure | undefined): Pick<TargetResult, 'failure'> {
  if (failure === undefined) return {};
  return { failure: { file: keepInput(FAILURES, target, failure.input), what: failure.what } };
}

/** One line of a table: rate, coverage, corpus. */
export function lineOf(target: string, { executions, seconds, blocks, corpus }: Progress, found: number): string {
  const rate = Math.round(executions / Math.max(seconds, 0.001));
  const figures = [executions, rate, blocks, corpus, found].map((each) => each.toLocaleString('en-US').padStart(12));
  return `${target.padEnd(26)}${figures.join('')}`;
}
