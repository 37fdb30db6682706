import { parentPort, workerData } from 'node:worker_threads';
import type { LoadRequest } from './load-in-thread.ts';
import { loadSite } from './load-site.ts';

parentPort?.postMessage(loadSite(workerData as LoadRequest));
