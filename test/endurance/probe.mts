import { connect, type Socket } from 'node:net';
import { type IntervalHistogram, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { getHeapStatistics, setFlagsFromString, writeHeapSnapshot } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread, threadId } from 'node:worker_threads';

/**
 * Loaded into the gateway's process by `node --import`. Each thread reports at intervals how late
 * its event loop is and how large its heap is. The gateway does not know it. It is compiled alone,
 * so it imports nothing but Node.
 */

const { CALLPOINT_PROBE_SOCKET: SOCKET, CALLPOINT_PROBE_MS = '10000' } = process.env;
const EVERY_MS = Number(CALLPOINT_PROBE_MS);
/** A timer with this period measures the loop's delay, and its period is part of the figures. */
const RESOLUTION_MS = 20;
const MB = 1024 * 1024;
/** `detail.kind` of a full collection (perf_hooks.constants.NODE_PERFORMANCE_GC_MAJOR). */
const MAJOR = 4;

if (SOCKET !== undefined) begin(connect(SOCKET));

function begin(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  // Only the program keeps its threads alive.
  socket.unref();
  let majors = 0;
  const collections = new PerformanceObserver((list) => {
    const kinds = list.getEntries().map((entry) => (entry as unknown as { detail?: { kind?: number } }).detail?.kind);
    majors += kinds.filter((kind) => kind === MAJOR).length;
  });
  collections.observe({ entryTypes: ['gc'] });
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const tell = (more: object = {}) => {
    const words = { ...who(), ...late(delay), heap: heapMb(), majors, ...more };
    socket.write(`${JSON.stringify(words)}\n`);
    delay.reset();
  };
  setInterval(tell, EVERY_MS).unref();
  const orders = createInterface({ input: socket });
  orders.on('error', () => socket.destroy());
  orders.on('line', (line) => {
    const { collect, snapshot } = JSON.parse(line) as { collect?: number; snapshot?: string };
    if (collect !== undefined) {
      collectAll();
      tell({ collected: collect });
    }
    if (snapshot !== undefined) writeHeapSnapshot(`${snapshot}-${who().thread}.heapsnapshot`);
  });
  tell();
}

function who() {
  const script = process.argv[1]?.split('/').at(-1)?.replace(/\.js$/, '') ?? '?';
  return { thread: isMainThread ? 'main' : script, threadId };
}

/** Returns the delay of the loop in ms; 0 means never late. */
function late(delay: IntervalHistogram) {
  const ms = (nanoseconds: number) => Math.max(0, Math.round(nanoseconds / 1e4) / 100 - RESOLUTION_MS);
  return { p99Ms: ms(delay.percentile(99)), maxMs: ms(delay.max) };
}

function heapMb() {
  const { used_heap_size, total_physical_size, external_memory, malloced_memory } = getHeapStatistics();
  const mb = (bytes: number) => Math.round((bytes / MB) * 100) / 100;
  return {
    used: mb(used_heap_size),
    physical: mb(total_physical_size),
    external: mb(external_memory),
    malloced: mb(malloced_memory),
  };
}

/** There are two collections: objects that the first finds unused may have held others. */
function collectAll(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
}
