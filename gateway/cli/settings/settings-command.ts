import type { Command } from 'commander';
import { describeCommand } from '../help.ts';
import { type JsonFlag, jsonOption, jsonText } from '../json-output.ts';
import { terminalWidth } from '../terminal-text.ts';

const EXAMPLES = [
  ['callpoint settings paths', ''],
  ['callpoint settings paths.dc09-tcp', ''],
  ['callpoint settings devices.buttons.kind', ''],
] as const;

/** Looks settings up in the schema. Needs neither a configuration nor a gateway. */
export function addSettingsCommand(root: Command, out: (line: string) => void): void {
  const command = describeCommand(jsonOption(root.command('settings')), { examples: EXAMPLES, seeAlso: ['check'] });
  command
    .description('explain the settings of site.yaml: meaning, what to write, default')
    .argument('[key]', 'a setting such as mqtt.listen, the end of one such as kind, or a word such as battery')
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
      const settings = [...found.settings, ...found.fields].map(({ hasFields, ...each }) => {
        return { ...each, has_fields: hasFields };
      });
      if (options.json) out(jsonText({ ok: true, settings }));
      else for (const line of key === undefined ? sectionLines(all, width) : foundLines(found, width)) out(line);
    });
}
