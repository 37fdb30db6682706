import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { GatewayNeeds } from '../site/wire.ts';
import { STARTER_VARIABLE } from './starter.ts';

/**
 * A gateway in its own process, started as in the field: it gets only its configuration and data
 * directory.
 */
export interface GatewayProcess {
  readonly child: ChildProcess;
  /**
   * A value that changes while the gateway starts: with each new kind of log line and, until the
   * first line, with the processor time used.
   */
  progress(): string;
  /** Sends SIGTERM. Resolves with the exit code when the process has ended. */
  stop(): Promise<number | null>;
}

const here = import.meta.url;

/** The compiled command if this module is compiled, else the source under tsx. */
export function gatewayCommand(nodeArguments: readonly string[]): string[] {
  if (!here.endsWith('.ts')) return [...nodeArguments, fileURLToPath(new URL('../../gateway/cli/main.js', here))];
  const source = fileURLToPath(new URL('../../gateway/cli/main.ts', here));
  if (!existsSync(source)) throw new Error(`${source} is missing`);
  // tsx comes first: a later import may be source, too.
  return ['--import', import.meta.resolve('tsx'), ...nodeArguments, source];
}

export function spawnGateway(config: string, data: string, logFile: string, needs: GatewayNeeds): GatewayProcess {
  const ends = ['--import', new URL(`./end-with-starter${here.endsWith('.ts') ? '.ts' : '.js'}`, here).href];
  const script = gatewayCommand([...ends, ...needs.nodeArguments]);
  const child = spawn(process.execPath, [...script, 'run', '--config', config, '--data', data], {
    env: { ...process.env, ...needs.environment, [STARTER_VARIABLE]: String(process.pid) },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  if (child.stderr === null) throw new Error('a gateway without its log');
  const file = createWriteStream(logFile);
  file.on('error', (error) => process.stderr.write(`The gateway's log could not be written: ${error.message}\n`));
  child.stderr.pipe(file);
  const events = new Set<string>();
  child.stderr.on('data', (bytes: Buffer) => {
    for (const [, event = ''] of bytes.toString().matchAll(/"event":"([^"]+)"/g)) events.add(event);
  });
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  return {
    child,
    progress: () => (events.size > 0 ? `said ${events.size}` : `used ${processorTicks(child.pid)}`),
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Returns the processor time in user and system mode, in clock ticks (proc(5)). */
function processorTicks(pid: number | undefined): number {
  try {
    const [, numbers = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const [user, system] = numbers.split(' ').slice(11, 13).map(Number);
    return (user ?? 0) + (system ?? 0);
  } catch {
    return 0; // it has ended
  }
}
