import { type Command, InvalidArgumentError } from 'commander';
import { ID_PATTERN } from '../../config/fields/fields.ts';
import { describeCommand } from '../help.ts';
import { jsonOption } from '../json-output.ts';
import { type SiteOptions, siteOptions } from '../site-options.ts';
import type { AddOptions } from './add-device.ts';
import type { EditOptions } from './run-edit.ts';

type Print = (line: string) => void;

export interface KeyOptions extends EditOptions {
  readonly keyStdin?: boolean;
}

/** What each command that changes the site says of itself. */
export const SAFETY: readonly string[] = [
  'The site is checked before and after, and with a mistake nothing is changed. site.yaml and keys.yaml change together, or neither does. Comments and the rest of the files stay as they are.',
];

/** The commands that change the devices of a site. `devices` itself lists them. */
export function addDevicesCommands(devices: Command, out: Print): void {
  // Options behind the name of a command belong to it, although `devices` has some of the same.
  devices.enablePositionalOptions();
  addAdd(devices, out);
  addReplace(devices, out);
  addRemove(devices, out);
  addRename(devices, out);
}

function addAdd(devices: Command, out: Print): void {
  describeCommand(withKey(editOptions(devices, 'add')), {
    about: SAFETY,
    examples: [
      ['callpoint devices add --input bus-1 --room 103 --kind intruder medical', 'a wall node with two buttons'],
      ['callpoint devices add --input bus-1 --room A/2/201 --new-room Library --like wb-101', ''],
      ['callpoint devices add', 'asks for everything'],
    ],
    seeAlso: ['devices discover', 'devices import', 'keys show'],
  })
    .description('add a device to the site, with a fresh key where it has one; asks for what is missing')
    .option('--input <id>', 'the input that hears it')
    .option('--room <room>', 'its room: the number, or building/floor/room')
    .option('--new-room [name]', 'add the room, and its floor, if the site does not have it')
    .option('--id <id>', 'its name (default: like its neighbours, with the room)', deviceId)
    .option('--address <address>', 'bus address, Modbus address or Bluetooth address (default: the next free one)')
    .option('--kind <kind...>', 'kind of alert; once for each button', listed)
    .option('--zone <n>', "number of the place in the receiver's list (default: the room's)", wholeNumber)
    .option('--like <device>', 'buttons and points as of this device')
    .option('--pin <pin...>', 'pin of a wired button; once for each', listed)
    .option('--cut-pin <pin...>', 'pin that shows a cut cable; once for each button', listed)
    .option('--contact <wiring>', 'normallyOpen, normallyClosed, endOfLine or doubleEndOfLine')
    .option('--topic <topic>', 'MQTT topic of the device')
    .option('--profile <name>', 'MQTT profile, such as zigbee2mqtt')
    .option(
      '--channel <channel...>',
      'key or input of the device, as its profile names it; once for each button',
      listed,
    )
    .option('--component <name>', 'which tag of an MQTT gateway, such as bthomedevice:200')
    .option('--door', 'a door contact in place of a button; with --kind beside it')
    .option('--uuid <uuid>', 'a fob that sends iBeacon: its UUID')
    .option('--major <n>', 'its major number', wholeNumber)
    .option('--minor <n>', 'its minor number', wholeNumber)
    .option('--namespace <hex>', 'a fob that sends Eddystone-UID: its namespace, 20 hex digits')
    .option('--instance <hex>', 'its instance, 12 hex digits')
    .option('--heartbeat <seconds>', 'how often it sends a sign of life', wholeNumber)
    .option('--no-encrypted', 'a Bluetooth tag without a key: anybody can forge its presses')
    .action(async (options: KeyOptions & AddOptions) => {
      const [{ runEdit, terminalIo }, { addDevice }] = await Promise.all([
        import('./run-edit.ts'),
        import('./add-device.ts'),
      ]);
      const io = terminalIo(out, options);
      const given = await keyOf(options);
      await runEdit(ofSite(devices, options), io, (edit) => addDevice(edit, { ...options, ...given }, io.questions));
    });
}

function addReplace(devices: Command, out: Print): void {
  describeCommand(withKey(editOptions(devices, 'replace')), {
    about: [
      'A key is never used in a second wall node. What was heard is remembered for each key: the new node may count from the start, and no recording of the old one is accepted.',
      ...SAFETY,
    ],
    examples: [['callpoint devices replace wb-101', '']],
    seeAlso: ['keys show', 'enrol'],
  })
    .argument('<device>', 'its id')
    .description('put a new device in the place of a broken one: same name and room, new key or address')
    .option('--address <address>', 'address of the new device (default: the same)')
    .option('--topic <topic>', 'MQTT topic of the new device')
    .action(async (id: string, options: KeyOptions & { address?: string; topic?: string; showKey?: boolean }) => {
      const [{ runEdit, terminalIo }, { replaceDevice }] = await Promise.all([
        import('./run-edit.ts'),
        import('./change-device.ts'),
      ]);
      const io = terminalIo(out, options);
      const given = await keyOf(options);
      await runEdit(ofSite(devices, options), io, (edit) =>
        replaceDevice(edit, id, { ...options, ...given }, io.questions),
      );
    });
}

function addRemove(devices: Command, out: Print): void {
  describeCommand(editOptions(devices, 'remove'), {
    about: SAFETY,
    examples: [['callpoint devices remove wb-101', '']],
    seeAlso: ['devices replace'],
  })
    .argument('<device>', 'its id')
    .description('remove a device from the site, with its key')
    .option('--with-references', 'remove the doors and the canary that need it, too')
    .action(async (id: string, options: EditOptions & { withReferences?: boolean }) => {
      const [{ runEdit, terminalIo }, { removeDevice }] = await Promise.all([
        import('./run-edit.ts'),
        import('./change-device.ts'),
      ]);
      await runEdit(ofSite(devices, options), terminalIo(out, options), (edit) =>
        removeDevice(edit, id, options.withReferences === true),
      );
    });
}

function addRename(devices: Command, out: Print): void {
  describeCommand(editOptions(devices, 'rename'), {
    about: [
      'The journal keeps what was recorded under the old name. The device begins anew under the new one.',
      ...SAFETY,
    ],
    examples: [['callpoint devices rename wb-101 wb-reception', '']],
  })
    .argument('<device>', 'its id')
    .argument('<new-id>', 'the new id', deviceId)
    .description('give a device another name, wherever the site names it')
    .action(async (id: string, to: string, options: EditOptions) => {
      const [{ runEdit, terminalIo }, { renameDevice }] = await Promise.all([
        import('./run-edit.ts'),
        import('./change-device.ts'),
      ]);
      await runEdit(ofSite(devices, options), terminalIo(out, options), (edit) => renameDevice(edit, id, to));
    });
}

/** Options of every command that changes the site. */
export function editOptions(parent: Command, name: string): Command {
  return jsonOption(siteOptions(parent.command(name)))
    .option('--dry-run', 'show what would change, and write nothing')
    .option('--yes', 'ask nothing');
}

export function withKey(command: Command): Command {
  return command
    .option('--key-stdin', 'read the key that the device has from stdin, 32 hex digits')
    .option('--show-key', 'show the key on the screen');
}

/** `callpoint devices --config FILE add …` means the same as with the option at the end. */
export function ofSite<T extends SiteOptions>(parent: Command, options: T): T {
  const { config, data } = parent.opts<SiteOptions>();
  const outer = parent.getOptionValueSource('config') === 'cli' && options.config === 'site.yaml' ? { config } : {};
  return { ...options, ...outer, ...(data !== undefined && options.data === undefined ? { data } : {}) };
}

export async function keyOf({ keyStdin }: KeyOptions): Promise<{ key?: string }> {
  if (keyStdin !== true) return {};
  const { lineOfStdin } = await import('../questions.ts');
  return { key: await lineOfStdin() };
}

function listed(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), ...text.split(',')];
}

function wholeNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

function deviceId(text: string): string {
  if (ID_PATTERN.test(text)) return text;
  throw new InvalidArgumentError('It must be of a-z, 0-9 and -, at most 32 characters, such as wb-101.');
}
