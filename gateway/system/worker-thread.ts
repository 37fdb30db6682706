import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a worker thread from a module beside the caller, in the shape that the caller runs in: the
 * `.ts` source under tsx in development, the compiled `.js` on the gateway.
 *
 * A worker of Node 20 does not inherit tsx's loader, so in development a two-line module registers
 * it first.
 *
 * @param module the module's URL without its ending, e.g.
 * `new URL('../journal-thread', import.meta.url)`
 * @param caller the caller's `import.meta.url`; its ending tells which shape is running
 */
export function startWorkerThread(module: URL, caller: string, options: WorkerOptions = {}): Worker {
  if (!caller.endsWith('.ts')) return new Worker(new URL(`${module.href}.js`), options);
  const source = [
    `import { register } from ${JSON.stringify(loaderUrl())};`,
    'register();',
    `await import(${JSON.stringify(`${module.href}.ts`)});`,
  ].join('\n');
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { ...options, execArgv: [] });
}

/**
 * tsx's ESM form where the running loader can resolve it. A test runner's loader cannot, and gets
 * the CommonJS form.
 */
function loaderUrl(): string {
  const specifier = 'tsx/esm/api';
  if (typeof import.meta.resolve === 'function') return import.meta.resolve(specifier);
  return pathToFileURL(createRequire(import.meta.url).resolve(specifier)).href;
}
