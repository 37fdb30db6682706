import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { moduleArguments } from './fork-module.ts';

interface StartedModule {
  readonly child: ChildProcess;
  /**
   * Descriptor 3 of the process, which is a socket. `undefined`: it could not be started; `child`
   * says why.
   */
  readonly channel: Duplex | undefined;
}

/**
 * Starts a process as `forkModule` does, with a stream in place of Node's own channel: it is the
 * same for the process whether this program or a service manager started it.
 *
 * @param module the module's URL without its ending
 * @param caller the caller's `import.meta.url`; its ending tells which shape is running
 * @param heapMb the largest size of its JavaScript heap, MB
 */
export function startModule(module: URL, caller: string, env: NodeJS.ProcessEnv, heapMb: number): StartedModule {
  const child = spawn(process.execPath, moduleArguments(module, caller, heapMb), {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  // Node makes no streams where the process table or the table of descriptors is full.
  const channel = (child.stdio as ChildProcess['stdio'] | undefined)?.[3];
  return { child, channel: (channel ?? undefined) as Duplex | undefined };
}
