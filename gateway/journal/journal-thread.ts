import { parentPort, workerData } from 'node:worker_threads';
import { LONG_AGO_MS } from '../../protocol/clocks.ts';
import { runInBackground } from '../system/background-priority.ts';
import { monoMs, wallMs } from '../system/clock.ts';
import { JournalEngine } from './journal-engine.ts';
import { nodeJournalFiles } from './journal-files.ts';
import { processOwner } from './process-owner.ts';
import type { RecoveredSegments } from './recovery.ts';
import type { FromThread, ThreadStart, ToThread } from './thread-messages.ts';

const TICK_MS = 1_000;
/** Interval of the messages that the thread still reads, ms. */
const READING_MS = 200;

/** The journal's own thread. A hanging disk stops this thread only. */
function main(start: ThreadStart): void {
  const port = parentPort;
  if (port === null) throw new Error('to be started as a worker thread');
  runInBackground(5);
  const tell = (message: FromThread, transfer: readonly ArrayBuffer[] = []): void => {
    port.postMessage(message, [...transfer]);
  };
  let readingMs = LONG_AGO_MS;
  const read = (): void => {
    const now = monoMs();
    if (now - readingMs < READING_MS) return;
    readingMs = now;
    tell({ type: 'reading' });
  };
  const engine = new JournalEngine(start.settings, {
    files: nodeJournalFiles(),
    owner: processOwner(start.run),
    monoMs,
    wallMs,
    durable: (number) => tell({ type: 'durable', number }),
    health: (state, detail) => tell({ type: 'health', state, detail }),
    owed: (records) => tell({ type: 'owed', records }),
    late: (recovered) => tellRecovered('late', recovered),
    read,
  });
  const tellRecovered = (type: 'opened' | 'late', recovered: RecoveredSegments): void => {
    const { texts, damaged, problems, notes, unread } = recovered;
    const buffers = new Set(texts.map(({ buffer }) => buffer as ArrayBuffer));
    tell({ type, texts, damaged, detail: [...problems, ...notes].join('; '), unread: unread.join('; ') }, [...buffers]);
  };
  tellRecovered('opened', engine.open());

  let isWorking = false;
  const work = (): void => {
    isWorking = engine.work();
    if (isWorking) setImmediate(work);
  };
  const startWork = (): void => {
    if (isWorking) return;
    isWorking = true;
    setImmediate(work);
  };
  const timer = setInterval(() => {
    engine.tick();
    startWork();
  }, TICK_MS);
  port.on('message', (message: ToThread) => {
    if (message.type === 'commit') {
      engine.commit(message.records);
      startWork();
      return;
    }
    if (message.type === 'ask') {
      tell({ type: 'alive' });
      return;
    }
    clearInterval(timer);
    engine.close();
    tell({ type: 'closed' });
    port.close();
  });
  startWork();
}

main(workerData as ThreadStart);
