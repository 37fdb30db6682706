import { parentPort, workerData } from 'node:worker_threads';
import { seededRandom } from '../../device-sim/random.ts';
import { invariant } from '../../gateway/core/invariant.ts';
import { BlockCoverage } from './coverage.ts';
import { type FromWorker, type FuzzJob, type Progress, SHARED_HEAD } from './fuzz-job.ts';
import { FuzzLoop } from './fuzz-loop.ts';
import { type FuzzTarget, seedsOf } from './target.ts';

const PROGRESS_MS = 2_000;

const project = new URL('../../', import.meta.url).href;
const coverage = new BlockCoverage([`${project}protocol/`, `${project}gateway/`, `${project}device-sim/`]);
await run(workerData as FuzzJob);

async function run(job: FuzzJob): Promise<void> {
  // The target is loaded after the coverage began.
  const families = (await import(new URL(job.file, import.meta.url).href)) as Readonly<
    Record<string, readonly FuzzTarget[]>
  >;
  const target = Object.values(families)
    .flat()
    .find(({ name }) => name === job.target);
  invariant(target !== undefined, `there is a target ${job.target}`);
  const counts = new Uint32Array(job.shared, 0, SHARED_HEAD / 4);
  const current = new Uint8Array(job.shared, SHARED_HEAD);
  const loop = new FuzzLoop(target, coverage, seededRandom(job.seed), {
    begins: (input) => {
      counts[1] = input.length;
      current.set(input);
      Atomics.add(counts, 0, 1);
    },
    found: (input) => tell({ type: 'found', input }),
  });
  const beganMs = performance.now();
  const figures = (): Progress => ({
    executions: loop.executions,
    blocks: coverage.size,
    corpus: loop.corpusLength,
    seconds: (performance.now() - beganMs) / 1000,
  });
  let toldMs = beganMs;
  let failure = loop.begin(seedsOf(target), job.corpus);
  while (failure === undefined && loop.executions < job.runs && figures().seconds < job.seconds) {
    failure = loop.next();
    if (performance.now() - toldMs < PROGRESS_MS) continue;
    toldMs = performance.now();
    tell({ type: 'progress', ...figures() });
  }
  if (failure === undefined) tell({ type: 'done', ...figures() });
  else tell({ type: 'failed', failure: loop.shrunk(failure), ...figures() });
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}
