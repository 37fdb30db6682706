import type { Command } from 'commander';
import { proseOf } from '../cli/help.ts';
import { sentence } from '../cli/terminal-text.ts';
import { everyCommand, wordsOf } from './command-pages.ts';

const HEAD = `# Commands

<!-- Made from the commands themselves: npm run man -->

Each command says more with \`--help\`, and in its page of the manual (\`man callpoint-status\`). All
that do something have \`--json\`: one object on stdout, with \`ok\`, also for an error (\`{"ok": false,
"code": "GATEWAY_UNREACHABLE", "text": "…"}\`). Its names are in snake_case, its times in ISO 8601
and UTC. Texts for people have the time of the machine.

Exit codes: 0 done; 1 refused, or something is wrong; 2 called with arguments that do not fit. Where
a command has others, its row says so.
`;

/** The page of all commands in the repository, in the groups of `callpoint --help`. */
export function commandsPage(root: Command): string {
  const groups = new Map<string, Command[]>();
  for (const top of root.commands) {
    const doing = everyCommand(top).filter((each) => each.commands.length === 0 || each.name() === 'devices');
    groups.set(top.helpGroup(), [...(groups.get(top.helpGroup()) ?? []), ...doing]);
  }
  const tables = [...groups].map(([title, commands]) => {
    return `\n## ${title.replace(/:$/, '')}\n\n| command | |\n| --- | --- |\n${commands.map(row).join('\n')}\n`;
  });
  return `${HEAD}${tables.join('')}`;
}

function row(command: Command): string {
  const args = command.registeredArguments.map((each) => {
    const name = `${each.name().toUpperCase()}${each.variadic ? '...' : ''}`;
    return each.required ? ` ${name}` : ` [${name}]`;
  });
  const needed = command.options
    .filter(({ mandatory }) => mandatory)
    .map(({ flags }) => ` ${flags.replace(/^-\w, /, '')}`);
  const { exitCodes = [] } = proseOf(command);
  const codes = exitCodes.filter(([code]) => code !== '2').map(([code, meaning]) => `${code} ${meaning}`);
  const exits = codes.length === 0 ? '' : ` Exit codes: ${codes.join('; ')}.`;
  const text = `${sentence(command.description())}${exits}`.replaceAll('|', '\\|').replaceAll('<', '\\<');
  return `| \`${wordsOf(command)}${[...args, ...needed].join('')}\` | ${text} |`;
}
