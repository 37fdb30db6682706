import { ANY_NAME, driversOf, type Setting, settingsReference } from './settings-reference.ts';

const HEAD = `# Every setting of site.yaml

\`npm run schema\` writes this page from the schema that the gateway reads \`site.yaml\` with.
\`callpoint settings KEY\` shows the same at a terminal, such as \`callpoint settings devices.buttons\`.
\`callpoint check\` finds what does not fit. Keys and passwords are in \`keys.yaml\`, never here.

A setting in **bold** must be written. A key with dots is a field inside: \`mqtt.listen\` is \`listen:\`
under \`mqtt:\`. In a list, each entry has the fields. \`${ANY_NAME}\` is a name of the site's own.
`;

/** The text of `gateway/SETTINGS.md`. */
export function settingsPage(): string {
  const all = settingsReference();
  const top = all.filter(({ key }) => !key.includes('.'));
  const single = top.filter(({ hasFields }) => !hasFields);
  const sections = top.filter(({ hasFields }) => hasFields);
  const list = sections.map(({ key, meaning }) => folded(`- [\`${key}\`](#${key}): ${meaning}`, '  '));
  return [HEAD, list.join('\n'), tableOf(single, ''), ...sections.map((section) => sectionText(section, all))]
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()
    .concat('\n');
}

function sectionText({ key, meaning, example }: Setting, all: readonly Setting[]): string {
  const fields = all.filter((setting) => setting.key.startsWith(`${key}.`));
  const drivers = driversOf(key);
  const shared = fields.filter((setting) => setting.drivers === undefined);
  const parts = [`## ${key}`, folded(meaning), ...(example === undefined ? [] : [`Such as: ${code(example)}`])];
  if (drivers.size > 0) parts.push(`### ${key} of all drivers`);
  parts.push(tableOf(shared, `${key}.`));
  for (const [name, about] of drivers) {
    const own = fields.filter((setting) => setting.drivers?.includes(name));
    parts.push(`### ${key} of driver ${name}`, folded(about));
    parts.push(own.length === 0 ? 'It has no settings of its own.' : tableOf(own, `${key}.`));
  }
  return parts.join('\n\n');
}

const WIDTH = 100;

function folded(text: string, indent = ''): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `${indent}${word}`);
  }
  return lines.join('\n');
}

function tableOf(settings: readonly Setting[], prefix: string): string {
  const rows = settings.map((setting) => {
    const name = code(setting.key.slice(prefix.length));
    const shown = setting.required ? `**${name}**` : name;
    return `| ${shown} | ${cell(setting.meaning)} | ${writeCell(setting)} | ${usual(setting)} |`;
  });
  return ['| setting | meaning | what to write | default |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function writeCell({ write, unit, example }: Setting): string {
  const form = unit === undefined ? write : `${write}; ${unit}`;
  return example === undefined ? cell(form) : `${cell(form)}, such as ${code(example)}`;
}

function usual({ default: value }: Setting): string {
  return value === undefined ? '' : code(value);
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

/** Markdown reads `<id>` as a tag and `|` as the end of the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/<[^>]*>/g, (tag) => code(tag));
}
