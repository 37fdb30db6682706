import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { GatewayNeeds } from '../site/wire.ts';

/** A gateway started as anybody starts it: a process of its own, told only its configuration and data directory. */
export interface GatewayProcess {
  readonly child: ChildProcess;
  /** SIGTERM, and resolves with the exit code when the process has ended. */
  stop(): Promise<number | null>;
}

const here = import.meta.url;

/** The compiled command if this module is compiled itself, else the source under tsx. */
function command(nodeArguments: readonly string[]): string[] {
  if (!here.endsWith('.ts')) return [...nodeArguments, fileURLToPath(new URL('../../gateway/cli/main.js', here))];
  const source = fileURLToPath(new URL('../../gateway/cli/main.ts', here));
  if (!existsSync(source)) throw new Error(`${source} is missing`);
  // tsx first: what is imported after it may be source, too.
  return ['--import', import.meta.resolve('tsx'), ...nodeArguments, source];
}

export function spawnGateway(config: string, data: string, logFile: string, needs: GatewayNeeds): GatewayProcess {
  const child = spawn(process.execPath, [...command(needs.nodeArguments), 'run', '--config', config, '--data', data], {
    env: { ...process.env, ...needs.environment },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  child.stderr.pipe(createWriteStream(logFile));
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  return {
    child,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
