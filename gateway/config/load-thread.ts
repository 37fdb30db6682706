import { parentPort, workerData } from 'node:worker_threads';
import { readSite } from './load.ts';
import type { LoadRequest } from './load-in-thread.ts';

const { siteFile, dataDirectory, inputsPassword } = workerData as LoadRequest;
parentPort?.postMessage(readSite(siteFile, dataDirectory, { inputsPassword }));
