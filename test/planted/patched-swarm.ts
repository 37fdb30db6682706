import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import type { Lived } from '../../device-sim/swarm/run-life.ts';
import type { SwarmShare } from '../../device-sim/swarm/swarm.ts';
import { bundlerPatches, type SourcePatch } from '../rig/source-patch.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
/** Simulated hours of each life. */
const LIFE_HOURS = 3;
/**
 * A life that takes longer will not end. It takes a second of a processor that has nothing else.
 */
const LIFE_MS_MAX = 300_000;

/** Lives the lives of some seeds; `lived` says by `false` that the rest is not needed. */
export interface Swarm {
  live(seed: number, seeds: number, lived: (one: Lived) => boolean): Promise<void>;
}

/** The swarm and the gateway in one file, with these changes of their sources. */
export async function patchedSwarm(patches: readonly SourcePatch[]): Promise<Swarm> {
  const { outputFiles } = await build({
    absWorkingDir: PROJECT,
    entryPoints: ['device-sim/swarm/swarm-thread.ts'],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    define: { 'import.meta.url': JSON.stringify(import.meta.url) },
    plugins: [bundlerPatches(patches)],
    logLevel: 'error',
  });
  const code = outputFiles[0]?.text ?? '';
  return {
    live: (seed, seeds, lived) => live(code, { seed, seeds, stride: 1, hours: LIFE_HOURS, twice: false }, lived),
  };
}

function live(code: string, share: SwarmShare, lived: (one: Lived) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const worker = new Worker(code, { eval: true, workerData: share });
    let seed = share.seed;
    let timer: NodeJS.Timeout;
    const watch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => broke(`the life of seed ${seed} does not end`), LIFE_MS_MAX);
    };
    const broke = (what: string) => {
      const broken = [{ promise: 'the gateway has no defect', what, atMs: 0 }];
      lived({ seed, hours: 0, hash: '', inputs: 0, broken, presses: 0, states: {} });
      void worker.terminate();
    };
    worker.on('message', (one: Lived) => {
      if (one.seed < seed) return;
      seed = one.seed + 1;
      watch();
      if (lived(one)) return;
      seed = Number.POSITIVE_INFINITY;
      void worker.terminate();
    });
    worker.on('error', (error) => broke(`its thread ended: ${error.message}`));
    worker.on('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    watch();
  });
}
