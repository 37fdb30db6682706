import { Argument, type Command } from 'commander';
import type { DoorState } from '../site/site-simulator.ts';
import { jsonOption, wholeNumber } from './arguments.ts';
import { type AskOptions, ask } from './ask.ts';
import { behavioursHelp } from './behaviours-help.ts';

/** Adds the commands to a site that another process serves. */
export function addSiteCommands(root: Command): void {
  const command = (name: string) =>
    jsonOption(root.command(name).option('--site <file>', 'the served site', 'site.yaml'));

  command('press')
    .description('press a button of a served site')
    .argument('<device>')
    .option('--button <id>', 'button id or number', '0')
    .option('--long', 'a long press')
    .option('--hold <ms>', 'how long until the button is released', wholeNumber, 300)
    .addHelpText('after', '\nExit code 1: no gateway can hear the press, for example because its input is unplugged.')
    .action(async (device: string, options: AskOptions & { button: string; long?: boolean; hold: number }) => {
      const pattern = options.long ? 'long' : 'single';
      await ask(options, { command: 'press', device, button: options.button, pattern, holdMs: options.hold });
    });

  command('door')
    .description('move a door or its bolt in a served site')
    .argument('<device>')
    .addArgument(new Argument('<state>').choices(['open', 'closed', 'locked', 'unlocked']))
    .action(async (device: string, state: DoorState, options: AskOptions) => {
      await ask(options, { command: 'door', device, state });
    });

  command('set-up')
    .description('set the devices of a served site up as its changed files have them, each with its key')
    .addHelpText(
      'after',
      '\nWhat a person does at a new or replaced device. A wall node with a new key begins with epoch 1.',
    )
    .action(async (options: AskOptions) => {
      await ask(options, { command: 'setUp' });
    });

  for (const name of ['unplug', 'replug'] as const) {
    command(name)
      .description(name === 'unplug' ? 'unplug an input of a served site' : 'plug an input of a served site in again')
      .argument('<input>')
      .action(async (input: string, options: AskOptions) => {
        await ask(options, { command: name, input });
      });
  }

  command('stranger')
    .description('press a device that the site does not have, on an input of a served site')
    .argument('<input>')
    .option('--count <n>', 'how many such devices are there; not of Modbus modules', wholeNumber, 1)
    .addHelpText(
      'after',
      '\nA node on the bus, a Bluetooth tag, a Modbus module, or a device that joins at an MQTT bridge.',
    )
    .action(async (input: string, options: AskOptions & { count: number }) => {
      await ask(options, { command: 'stranger', input, count: options.count });
    });

  command('behave')
    .description(
      'make the far end of a path, or the devices of an MQTT input, misbehave from now on, while they are served',
    )
    .argument('<path>', 'a path, or an input over MQTT')
    .argument('<how>')
    .addHelpText('after', behavioursHelp)
    .action(async (path: string, how: string, options: AskOptions) => {
      await ask(options, { command: 'behave', path, how });
    });
}
