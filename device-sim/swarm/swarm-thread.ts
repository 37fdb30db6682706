import { parentPort, workerData } from 'node:worker_threads';
import { liveSeed } from './live-seed.ts';
import type { SwarmShare } from './swarm.ts';

/** A thread of the swarm: lives its share of the seeds. */
function main({ seed, seeds, stride, hours, twice }: SwarmShare): void {
  for (let place = 0; place < seeds; place++) parentPort?.postMessage(liveSeed(seed + place * stride, hours, twice));
}

main(workerData as SwarmShare);
