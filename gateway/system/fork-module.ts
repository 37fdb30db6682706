import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Starts a process from a module beside the caller, in the shape that the caller runs in: the `.ts`
 * source under tsx in development, the compiled `.js` on the gateway. The process gets the given
 * environment and nothing else of the gateway's. Its output can be read.
 *
 * @param module the module's URL without its ending
 * @param caller the caller's `import.meta.url`; its ending tells which shape is running
 * @param heapMb the largest size of its JavaScript heap, MB
 */
export function forkModule(module: URL, caller: string, env: NodeJS.ProcessEnv, heapMb: number): ChildProcess {
  const [file = '', ...execArgv] = moduleArguments(module, caller, heapMb).reverse();
  return fork(file, [], { env, execArgv: execArgv.reverse(), stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

/** What Node is called with to run the module, which comes last. */
export function moduleArguments(module: URL, caller: string, heapMb: number): string[] {
  const source = caller.endsWith('.ts');
  const loader = () => pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return [
    `--max-old-space-size=${heapMb}`,
    ...(source ? ['--import', loader()] : []),
    fileURLToPath(`${module.href}${source ? '.ts' : '.js'}`),
  ];
}
