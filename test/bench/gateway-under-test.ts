import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { GatewayNeeds } from '../../device-sim/site/wire.ts';
import { monoMs } from '../../gateway/clock.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface GatewayUnderTest {
  /** From the start of the process to its word that it is ready. */
  readonly readyMs: number;
  residentMb(): number;
  /** Its background rehearsal is over. */
  readonly rehearsed: Promise<void>;
  /** User and system time of all its threads so far. */
  cpuMs(): number;
  stop(): Promise<void>;
}

export function compile(): void {
  execFileSync(process.execPath, [
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    '-p',
    join(ROOT, 'tsconfig.build.json'),
  ]);
}

/** The bench runs from the source; what it gives the gateway to load has to be compiled, as the gateway is. */
function compiled(argument: string): string {
  const root = pathToFileURL(ROOT).href;
  if (!argument.startsWith(root)) return argument;
  return argument.replace(root, `${root}dist/`).replace(/\.ts$/, '.js');
}

/** The compiled gateway, as it runs on a Pi. Resolves when it says it is ready. */
export async function startCompiledGateway(
  config: string,
  data: string,
  nodeFlags: readonly string[],
  needs: GatewayNeeds = { nodeArguments: [], environment: {} },
): Promise<GatewayUnderTest> {
  const startedMs = monoMs();
  const main = join(ROOT, 'dist/gateway/cli/main.js');
  const flags = [...nodeFlags, ...needs.nodeArguments.map(compiled)];
  const child = spawn(process.execPath, [...flags, main, 'run', '--config', config, '--data', data], {
    env: { ...process.env, ...needs.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  let lastLine = '';
  let over: () => void = () => undefined;
  const rehearsed = new Promise<void>((resolve) => {
    over = resolve;
  });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastLine = line;
      if (line.includes('"event":"ready"')) resolve();
      if (line.includes('"event":"rehears')) over();
    });
    child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}: ${lastLine}`)));
  });
  const readyMs = monoMs() - startedMs;
  const proc = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    readyMs,
    rehearsed,
    residentMb: () => Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(proc('status'))?.[1]) / 102.4) / 10,
    cpuMs: () => {
      // Fields 14 and 15 of proc(5) stat, counted after the name in brackets; in ticks of 10 ms.
      const fields = proc('stat').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
