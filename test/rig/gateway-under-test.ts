import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { GatewayNeeds } from '../../device-sim/site/wire.ts';
import { monoMs } from '../../gateway/system/clock.ts';
import { bundle } from '../../hardware/package/bundle.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface GatewayUnderTest {
  readonly pid: number;
  /** Resolves with the exit code, or the signal that ended it. Never rejects. */
  readonly ended: Promise<string>;
  /** Time from the start of the process to its ready message. */
  readonly readyMs: number;
  residentMb(): number;
  /** Resolves when its background rehearsal has ended. */
  readonly rehearsed: Promise<void>;
  /** Returns user and system time of all its threads so far. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/**
 * Compiles the project into `dist`, as `npm run build` does.
 * @throws Error with the compiler's own words
 */
export async function compile(): Promise<void> {
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', join(ROOT, 'tsconfig.build.json')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the project does not compile:\n${stdout}`);
  await bundle(join(ROOT, 'dist'));
}

/**
 * The bench runs from source. A module that the gateway loads must be compiled, as the gateway is.
 */
function compiled(argument: string): string {
  const root = pathToFileURL(ROOT).href;
  if (!argument.startsWith(root)) return argument;
  return argument.replace(root, `${root}dist/`).replace(/\.ts$/, '.js');
}

interface StartOptions {
  /** What it needs besides the configuration to find the simulated wires. */
  readonly needs?: GatewayNeeds;
  /** Called with each line of its log. */
  readonly onLine?: (line: string) => void;
  /**
   * True for a process group of its own: Ctrl-C at the terminal then reaches only the rig, which
   * stops the gateway.
   */
  readonly detached?: boolean;
  /** More arguments of `callpoint run`. */
  readonly arguments?: readonly string[];
  /** The program. Default: the one in `dist`. */
  readonly main?: string;
  /** Called at once with its process: it may end before it is ready. */
  readonly onProcess?: (pid: number) => void;
}

/** Starts the compiled gateway, as it runs on a Pi. Resolves when it reports that it is ready. */
export async function startCompiledGateway(
  config: string,
  data: string,
  nodeFlags: readonly string[],
  options: StartOptions = {},
): Promise<GatewayUnderTest> {
  const { needs = { nodeArguments: [], environment: {} }, onLine, detached = false } = options;
  const startedMs = monoMs();
  const { main = join(ROOT, 'dist/gateway/cli/main.js'), arguments: more = [] } = options;
  const flags = [...nodeFlags, ...needs.nodeArguments.map(compiled)];
  const child = spawn(process.execPath, [...flags, main, 'run', '--config', config, '--data', data, ...more], {
    env: { ...process.env, ...needs.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached,
  });
  // Its last lines are read by then, as they may not be at its exit.
  const exited = once(child, 'close');
  if (child.pid !== undefined) options.onProcess?.(child.pid);
  let lastLine = '';
  let over: () => void = () => undefined;
  const rehearsed = new Promise<void>((resolve) => {
    over = resolve;
  });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastLine = line;
      onLine?.(line);
      if (line.includes('"event":"ready"')) resolve();
      if (line.includes('"event":"rehears')) over();
    });
    child.once('close', (code) => reject(new Error(`the gateway ended with ${code}: ${lastLine}`)));
  });
  const readyMs = monoMs() - startedMs;
  const proc = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  return {
    pid: child.pid ?? 0,
    ended: exited.then(([code, signal]: (number | string | null)[]) => String(code ?? signal)),
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

/** Ends a gateway that did not start or would not stop. Ours is the child with this site. */
export function endOwnGateways(file: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (isOwnChild(pid) && readProc(pid, 'cmdline').split('\0').includes(file)) process.kill(Number(pid), 'SIGKILL');
  }
}

function isOwnChild(pid: string): boolean {
  // Field 4 of proc(5) stat, counted after the name in brackets.
  return readProc(pid, 'stat').split(') ').at(-1)?.split(' ')[1] === String(process.pid);
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // The process has ended meanwhile.
    return '';
  }
}
