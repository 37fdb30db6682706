import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { jsonOption } from '../json-output.ts';
import { siteOptions } from '../site-options.ts';
import { editOptions, type KeyOptions, keyOf, SAFETY, withKey } from './devices-commands.ts';
import type { EditOptions } from './run-edit.ts';

type Print = (line: string) => void;

/** Secrets of devices, paths and MQTT clients. */
export function addKeysCommands(root: Command, out: Print): void {
  const keys = root.command('keys').description('show and change keys and passwords of keys.yaml');
  const name = 'a device, path or MQTT client; device:NAME, path:NAME or client:NAME if several have the name';
  describeCommand(jsonOption(siteOptions(keys.command('show'))), {
    about: ['Whoever has the key of a device can forge its alarms. No other command shows one unasked.'],
    examples: [['callpoint keys show wb-101', '']],
    seeAlso: ['keys rotate'],
  })
    .argument('<name>', name)
    .description('show one key on the screen, for the far end or a node of another maker')
    .action(async (written: string, options: EditOptions) => {
      const { showKey } = await import('./rotate-key.ts');
      await showKey(options, written, out);
    });
  describeCommand(withKey(editOptions(keys, 'rotate')), {
    about: SAFETY,
    examples: [['callpoint keys rotate wb-101', '']],
    seeAlso: ['keys show', 'devices replace'],
  })
    .argument('<name>', name)
    .description('write a new key, and say what to do at the device or the receiver, and in which order')
    .action(async (written: string, options: KeyOptions & { showKey?: boolean }) => {
      const [{ runEdit, terminalIo }, { rotateKey }] = await Promise.all([
        import('./run-edit.ts'),
        import('./rotate-key.ts'),
      ]);
      const io = terminalIo(out, options);
      const given = await keyOf(options);
      await runEdit(options, io, (edit) => rotateKey(edit, written, { ...options, ...given }, io.questions));
    });
}
