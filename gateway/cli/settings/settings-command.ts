import type { Command } from 'commander';
import { type JsonFlag, jsonOption, jsonText } from '../json-output.ts';
import { terminalWidth } from '../terminal-text.ts';

/** Looks settings up in the schema. Needs neither a configuration nor a gateway. */
export function addSettingsCommand(root: Command, out: (line: string) => void): void {
  const command = jsonOption(root.command('settings'));
  command
    .description('explain the settings of site.yaml: meaning, what to write, default')
    .argument('[key]', 'a setting such as mqtt.listen, the end of one such as kind, or a word such as battery')
    .addHelpText('after', '\nExamples: callpoint settings paths\n          callpoint settings paths.dc09-tcp')
    .addHelpText('after', '          callpoint settings devices.buttons.kind')
    .action(async (key: string | undefined, options: JsonFlag) => {
      const { settingsReference } = await import('../../config/schema/settings-reference.ts');
      const { findSettings, nearestSetting } = await import('../../config/schema/find-settings.ts');
      const { foundLines, sectionLines } = await import('./settings-text.ts');
      const all = settingsReference();
      const width = terminalWidth();
      const found = key === undefined ? { settings: all, fields: [] } : findSettings(all, key);
      if (key !== undefined && found.settings.length === 0) {
        const near = nearestSetting(all, key);
        const hint = near === undefined ? 'callpoint settings lists the sections' : `did you mean ${near}?`;
        command.error(`error: site.yaml has no setting ${JSON.stringify(key)}; ${hint}`);
      }
      if (options.json) out(jsonText({ ok: true, settings: [...found.settings, ...found.fields] }));
      else for (const line of key === undefined ? sectionLines(all, width) : foundLines(found, width)) out(line);
    });
}
