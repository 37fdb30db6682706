import { Argument, Command } from 'commander';
import {
  type JsonFlag,
  jsonLinesOption,
  jsonOption,
  portNumber,
  several,
  signedNumber,
  wholeNumber,
} from './arguments.ts';
import type { FramesOptions } from './frames.ts';
import { printJson } from './output.ts';
import type { ReceiverCommandOptions } from './receiver.ts';
import { addRecordingCommands } from './recording-commands.ts';
import { addScenarioCommands } from './scenario-commands.ts';
import type { ServeOptions } from './serve.ts';
import { addSiteCommands } from './site-commands.ts';
import { addSwarmCommand } from './swarm-command.ts';
import { addTlsOptions } from './tls-options.ts';
import { untilStopped } from './until-stopped.ts';
import type { WaitOptions } from './wait.ts';

// Each command loads its own code when it is called: help and usage errors must not wait for a
// simulator.

/**
 * The commands of `callpoint-sim`.
 *
 * @param nobodyReads resolves when nothing more can be printed
 */
export function program(nobodyReads: Promise<void> = new Promise(() => undefined)): Command {
  const root = new Command('callpoint-sim')
    .description(
      'Simulates the hardware around a gateway: devices at the far ends of its wires, receivers at those of its paths.',
    )
    .exitOverride()
    .showHelpAfterError('(callpoint-sim --help lists the commands)');

  addTlsOptions(
    jsonLinesOption(root.command('serve'))
      .description("simulate a site's devices at the far ends of their wires, where its configuration expects them")
      .argument('<site>', 'site.yaml, with keys.yaml beside it')
      .option('--seed <n>', 'the same seed gives the same jitter', wholeNumber, 1)
      .option('--firmware [image]', "let the wall nodes run the firmware's machine code; default: the Nano's image")
      .option('--with-receivers', 'also simulate the far ends of its paths, as sim receiver does')
      .option('--with-gateway', 'also simulate the far ends, and run a gateway between them')
      .option('--ui', 'a live panel in the terminal; lines where there is none')
      .option('--data <dir>', "with --with-gateway: the gateway's data directory (default: a temporary one)"),
  ).action(async (site: string, options: ServeOptions) => {
    const { serve } = await import('./serve.ts');
    await serve(site, options, (stop, over) => untilStopped(stop, nobodyReads, over));
  });

  const out = (line: string) => void process.stdout.write(`${line}\n`);
  addSiteCommands(root);
  addReceiver(root, nobodyReads);
  addScenarioCommands(root, out);
  addSwarmCommand(root, out);
  addRecordingCommands(root, (stop) => untilStopped(stop, nobodyReads), nobodyReads);
  addWait(root);
  addFrames(root);
  addForScripts(root);
  return root;
}

function addReceiver(root: Command, nobodyReads: Promise<void>): void {
  addTlsOptions(jsonLinesOption(root.command('receiver')))
    .description('simulate the far end of each path of a site, and print what they display')
    .option('--site <file>', 'site.yaml, with keys.yaml beside it')
    .option('--path <id>', 'serve only this path; may be given several times', several)
    .option('--port <n>', 'serve one DC-09 receiver on this TCP port instead; 0 takes any free one', portNumber)
    .option('--account <hex>', 'with --port: the account it accepts, unless --site is given', '1234')
    .option('--key <hex>', 'with --port: accept only encrypted messages: 32, 48 or 64 hex digits')
    .option('--behave <how>', 'with --port: misbehave from the start, as sim behave says')
    .option(
      '--clock-off <seconds>',
      'with --port: its clock is ahead by this time; a negative time, such as -90, is behind',
      signedNumber,
    )
    .action(async (options: ReceiverCommandOptions) => {
      const { runReceiver } = await import('./receiver.ts');
      await runReceiver(options, (stop) => untilStopped(stop, nobodyReads));
    });
}

function addWait(root: Command): void {
  jsonOption(root.command('wait'))
    .description('wait until a site is served and its gateway is ready, then end with exit code 0')
    .option('--site <file>', 'the served site', 'site.yaml')
    .option('--data <dir>', 'data directory of a gateway that sim serve did not start')
    .option('--devices', 'until every device has been heard as well')
    .option('--timeout <seconds>', 'exit code 1 if it takes longer', wholeNumber, 60)
    .addHelpText('after', '\nReady: the gateway has heard from each input and each path. For CI, in place of a sleep.')
    .action(async (options: WaitOptions) => {
      const { wait } = await import('./wait.ts');
      await wait(options);
    });
}

/** Adds what scripts of other projects need. */
function addForScripts(root: Command): void {
  jsonOption(root.command('ports'))
    .description('print free ports of this machine, TCP and UDP, one a line')
    .option('--count <n>', 'how many', wholeNumber, 1)
    .action(async ({ count, json }: JsonFlag & { count: number }) => {
      const { freePorts } = await import('../demo/free-port.ts');
      const ports = await freePorts(count);
      if (json) printJson({ ok: true, ports });
      else for (const port of ports) process.stdout.write(`${port}\n`);
      // The claims of the ports end with the process.
      process.exit();
    });
  root
    .command('completion')
    .description('print the script with which a shell completes commands and options')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      '\ncallpoint-sim completion bash | sudo tee /usr/share/bash-completion/completions/callpoint-sim',
    )
    .action(async (shell: string) => {
      const { completionScript } = await import('./completion.ts');
      process.stdout.write(completionScript(shell));
    });
}

function addFrames(root: Command): void {
  jsonOption(root.command('frames'))
    .description('print the wire frames of presses, one hex line each, for a test rig that drives the line itself')
    .requiredOption('--device <id>')
    .requiredOption('--count <n>', 'how many', wholeNumber)
    .option('--site <file>', 'site with the device and its key', 'site.yaml')
    .option(
      '--epoch <n>',
      'boot epoch of the device; must rise from run to run (default: seconds since 1970)',
      wholeNumber,
    )
    .option('--first-counter <n>', 'counter of the first frame', wholeNumber, 1)
    .option('--button <n>', 'button number', wholeNumber, 0)
    .action(async (options: FramesOptions) => {
      const { frames } = await import('./frames.ts');
      frames(options);
    });
}
