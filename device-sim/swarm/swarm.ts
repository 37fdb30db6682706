import { startWorkerThread } from '../../gateway/system/worker-thread.ts';
import type { Lived } from './run-life.ts';

export interface SwarmOptions {
  readonly seed: number;
  readonly seeds: number;
  /** Simulated hours of each life. */
  readonly hours: number;
  readonly jobs: number;
  /** Lives each life a second time: the same seed must give the same history. */
  readonly twice: boolean;
}

/** What a thread of the swarm is started with. */
export interface SwarmShare extends Omit<SwarmOptions, 'jobs'> {
  /** It takes every seed that is so many further. */
  readonly stride: number;
}

/** Lives the lives of many seeds, side by side. `lived` is called for each, in no order. */
export async function runSwarm(
  options: SwarmOptions,
  lived: (one: Lived) => void,
  stopped: AbortSignal,
): Promise<void> {
  const { seed, seeds, jobs } = options;
  const shares = Array.from({ length: Math.min(jobs, seeds) }, (_, place): SwarmShare => {
    return { ...options, seed: seed + place, seeds: Math.ceil((seeds - place) / jobs), stride: jobs };
  });
  await Promise.all(shares.map((share) => inThread(share, lived, stopped)));
}

function inThread(share: SwarmShare, lived: (one: Lived) => void, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = startWorkerThread(new URL('./swarm-thread', import.meta.url), import.meta.url, {
      workerData: share,
    });
    const stop = () => void worker.terminate();
    stopped.addEventListener('abort', stop, { once: true });
    worker.on('message', lived);
    worker.on('error', reject);
    worker.on('exit', () => {
      stopped.removeEventListener('abort', stop);
      resolve();
    });
  });
}
