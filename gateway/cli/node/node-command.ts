import { type Command, InvalidArgumentError } from 'commander';
import { describeCommand, type Prose } from '../help.ts';
import { type JsonFlag, jsonOption } from '../json-output.ts';
import { siteOptions } from '../site-options.ts';
import type { SetupOptions } from './setup-node.ts';

type Print = (line: string) => void;

const SECONDS_MAX = 3600;
const MILLIVOLTS_MAX = 60_000;

const PORT = "serial port of the node itself (its USB socket or UART), such as /dev/ttyUSB0: not the gateway's line";
const EXIT_CODES: Prose['exitCodes'] = [
  ['0', 'done'],
  ['1', 'no node answers, or it did not take what it was given: it then has its former settings'],
  ['2', 'called with arguments that do not fit'],
];
const JUMPER =
  'The node listens only while its set-up jumper is fitted: D4 to GND on a Nano or Pro Mini, GP4 to GND on a Pico. Then its LED is amber. The gateway may run meanwhile.';

const ABOUT_SETUP: Prose = {
  about: [
    'Everything that the node must know is in site.yaml and keys.yaml: address, key, buttons and points, which buttons distinguish a long press, which are silent, rate of the line and heartbeat. The command writes it, reads it back and compares it. The key is never printed, and no node gives it away: a check value shows that it is the right one.',
    JUMPER,
    'Points are taken for contacts that are closed in their normal state, so that a cut wire is noticed.',
  ],
  examples: [
    ['callpoint node setup /dev/ttyUSB0 wb-101', ''],
    ['callpoint node setup /dev/ttyUSB0 wb-101 --direct --battery 2900', 'a battery node on a UART of its own'],
  ],
  exitCodes: EXIT_CODES,
  seeAlso: ['node test', 'devices add', 'devices labels', 'keys rotate'],
};

const ABOUT_SHOW: Prose = {
  about: [
    'Shows the board, its firmware, the settings and the last epoch. With a site it says which device has this address and key.',
    JUMPER,
  ],
  examples: [['callpoint node show /dev/ttyUSB0', '']],
  exitCodes: EXIT_CODES,
  seeAlso: ['node setup'],
};

const ABOUT_TEST: Prose = {
  about: [
    'Lights the LED red, green and amber, sounds the buzzer, and then says which contacts close and open: press each button, open each door, lift the cover. No alarm is raised: a node in service mode sends nothing on its line.',
    JUMPER,
  ],
  examples: [['callpoint node test /dev/ttyUSB0', '']],
  exitCodes: EXIT_CODES,
  seeAlso: ['node setup', 'walk-test start'],
};

/** `callpoint node`: a wall node on the table, connected to this machine. */
export function addNodeCommands(root: Command, out: Print): void {
  const node = root.command('node').description('set up and test a wall node that is connected to this machine');
  describeCommand(jsonOption(siteOptions(node.command('setup'))), ABOUT_SETUP)
    .argument('<port>', PORT)
    .argument('[device]', 'wall node of the site that it is to be (default: the only one)')
    .description('write address, key and settings of a device into a wall node')
    .option('--normally-open <point...>', 'points whose contact is open in its normal state')
    .option('--direct', 'the node alone is on a 3.3 V UART, and does not share an RS-485 line')
    .option('--battery <mV>', 'it has a battery, which is low below this voltage', millivolts)
    .option('--no-buzzer', 'sound nothing')
    .option('--serial <hex>', 'serial number, 16 hex digits (default: the one it has, else a new one)', serial)
    .option('--yes', 'write over the settings of another device without a question')
    .action(async (port: string, device: string | undefined, options: SetupOptions) => {
      const { setUpNode } = await import('./setup-node.ts');
      await setUpNode(port, device, options, out);
    });
  describeCommand(jsonOption(siteOptions(node.command('show'))), ABOUT_SHOW)
    .argument('<port>', PORT)
    .description('show what a wall node is, and how it is set up')
    .action(async (port: string, options: SetupOptions) => {
      const { showNode } = await import('./show-node.ts');
      await showNode(port, options, out);
    });
  describeCommand(jsonOption(node.command('test')), ABOUT_TEST)
    .argument('<port>', PORT)
    .description('try LED, buzzer and contacts of a wall node, without an alarm')
    .option('--seconds <n>', `watch the contacts for n seconds (1 to ${SECONDS_MAX})`, seconds, 30)
    .action(async (port: string, options: JsonFlag & { readonly seconds: number }) => {
      const { testNode } = await import('./test-node.ts');
      await testNode(port, options, out);
    });
}

function wholeNumber(text: string, min: number, max: number): number {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InvalidArgumentError(`It must be a whole number, ${min} to ${max}.`);
}

const millivolts = (text: string) => wholeNumber(text, 1, MILLIVOLTS_MAX);
const seconds = (text: string) => wholeNumber(text, 1, SECONDS_MAX);

function serial(text: string): string {
  if (/^[0-9a-f]{16}$/i.test(text) && !/^(0+|f+)$/i.test(text)) return text.toUpperCase();
  throw new InvalidArgumentError('It must be 16 hex digits, and not all the same 0 or F.');
}
