import type { Names } from '../names/names.ts';
import { startWorkerThread } from '../system/worker-thread.ts';
import type { BrokerTimes, FromThread, ThreadSetup, ToThread } from './thread-messages.ts';

/** The part of a worker thread that the link uses. */
export interface ThreadHandle {
  postMessage(message: ToThread): void;
  on(event: 'message', listener: (message: FromThread) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  terminate(): Promise<unknown>;
}

/** Options that tests replace, and where names are looked up. Times in ms. */
export interface LinkOptions extends BrokerTimes {
  readonly startThread: (setup: ThreadSetup) => ThreadHandle;
  readonly names: Names;
  /** First wait before a dead thread is started again; doubles up to `restartMsMax`. */
  readonly restartMs: number;
  readonly restartMsMax: number;
  /** How often the link looks for the thread's signs of life, and the limits of `ThreadWatch`. */
  readonly checkMs: number;
  readonly checksMissed: number;
  readonly checksToStart: number;
  /** Most publications that the thread may have unfinished. */
  readonly window: number;
  /** In a storm, the link gives publications to the thread at this distance. */
  readonly gatherMs: number;
  readonly outboxLimit: number;
}

export const DEFAULTS: LinkOptions = {
  startThread: (setup) =>
    startWorkerThread(new URL('./mqtt-thread', import.meta.url), import.meta.url, {
      workerData: setup,
      // A small heap: a broker in trouble must end itself and not the gateway.
      resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 8 },
    }),
  names: {},
  listenRetryMs: 5000,
  refusalMs: 2000,
  quietMs: 60_000,
  steadyMs: 10_000,
  persistMs: 60_000,
  stallMs: 10_000,
  eventLifeMs: 5000,
  restartMs: 100,
  restartMsMax: 10_000,
  checkMs: 1000,
  checksMissed: 5,
  checksToStart: 30,
  window: 256,
  gatherMs: 100,
  outboxLimit: 10_000,
};
