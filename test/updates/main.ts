import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { compile } from '../rig/gateway-under-test.ts';
import { numberFrom } from '../rig/number-option.ts';
import { progress } from '../rig/waiting.ts';
import type { Machine } from './machine.ts';
import { failuresOf, runUpdates } from './run.ts';

interface Options {
  readonly updates: number;
  readonly seed: number;
  readonly machines: number;
  readonly minutes?: number;
  readonly restartMs: number;
  readonly wrapper?: string;
  readonly plain?: true;
  readonly restartsOnly?: true;
  readonly compiled?: true;
}

const command = new Command('npm run test:updates --')
  .description(
    'Updates installed gateways again and again, with kills and power cuts at any instant, while buttons are pressed.',
  )
  .option('--updates <n>', 'how many', numberFrom(1), 100)
  .option('--seed <n>', 'of what happens and when', numberFrom(0), 1)
  .option('--machines <n>', 'how many are updated side by side', numberFrom(1), 4)
  .option('--minutes <n>', 'begin no update later than this', numberFrom(1))
  .option('--restart-ms <n>', "the service manager's wait before it starts the gateway again", numberFrom(0), 0)
  .option('--wrapper <command>', 'starts the gateway: "chrt -f 10"')
  .option('--plain', 'kill nothing')
  .option('--restarts-only', 'measure stops for an update and the starts after them, without updates')
  .option('--compiled', 'take dist/ as it is')
  .action(async ({ updates, seed, machines, minutes, restartMs, wrapper, plain, restartsOnly, compiled }: Options) => {
    if (compiled === undefined) await compile();
    const running: Machine[] = [];
    const abandon = (code: number) => {
      for (const machine of running) machine.abandon();
      process.exit(code);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abandon(130));
    process.on('uncaughtException', (error) => {
      progress(String(error.stack));
      abandon(70);
    });
    const result = await runUpdates({
      onMachine: (machine) => running.push(machine),
      ...{ updates, seed, machines, restartMs, progress, plain: plain ?? false, restartsOnly: restartsOnly ?? false },
      ...(minutes !== undefined && { minutes }),
      ...(wrapper !== undefined && { wrapper: wrapper.split(' ') }),
      dist: join(fileURLToPath(new URL('../..', import.meta.url)), 'dist'),
    });
    process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
    const failures = failuresOf(result);
    for (const failure of failures) progress(failure);
    process.exitCode = failures.length > 0 ? 1 : 0;
  });
await command.parseAsync();
