import { type Found, lastOf } from '../../config/schema/find-settings.ts';
import { driversOf, type Setting } from '../../config/schema/settings-reference.ts';
import { coloured, table, wrapped } from '../terminal-text.ts';

const MORE = 'callpoint settings KEY shows one of them, such as callpoint settings devices.buttons.kind.';

/** All sections of `site.yaml`, with what they are for. */
export function sectionLines(all: readonly Setting[], width: number): string[] {
  const top = all.filter(({ key }) => !key.includes('.'));
  return [
    `site.yaml has ${all.length} settings, in these sections:`,
    '',
    ...fieldTable(top, width),
    '',
    ...wrapped(MORE, width, 0),
  ];
}

/** What was found: each setting in full and its fields in short, or a list if there are many. */
export function foundLines({ settings, fields, driver }: Found, width: number): string[] {
  const keys = new Set(settings.map(({ key }) => key));
  if (keys.size > 1) return listLines(settings, width);
  const [only] = settings;
  const drivers = driversOf(only?.key ?? '');
  const lines = settings.flatMap((setting, at) => [...(at === 0 ? [] : ['']), ...settingLines(setting, width)]);
  return [
    ...lines,
    ...(driver === undefined
      ? driverLines(drivers, width)
      : ['', ...wrapped(`driver ${driver}: ${drivers.get(driver) ?? ''}`, width, 2)]),
    ...groupsOf(fields, driver).flatMap(([names, group]) => {
      const title = names === '' ? 'Fields' : `Fields of ${names}`;
      return ['', ...wrapped(coloured('bold', title), width, 4), ...fieldTable(group, width)];
    }),
  ];
}

function driverLines(drivers: ReadonlyMap<string, string>, width: number): string[] {
  if (drivers.size === 0) return [];
  return ['', coloured('bold', 'Drivers'), ...table([...drivers], width).flat()];
}

function settingLines(setting: Setting, width: number): string[] {
  const { key, drivers, required, meaning, write, example, default: usual, unit } = setting;
  const of = drivers === undefined ? '' : ` of ${drivers.join(', ')}`;
  const rows = [
    ['write', write],
    ['unit', unit ?? ''],
    ['default', usual ?? ''],
    ['example', example === undefined ? '' : exampleText(key, example)],
  ].filter(([, text]) => text !== '');
  return [
    ...wrapped(`${coloured('bold', key)}${of}${required ? ' (required)' : ''}`, width, 4),
    ...wrapped(`  ${meaning}`, width, 2),
    ...table(rows, width).flat(),
  ];
}

/** An entry of a list stands below its name. */
function exampleText(key: string, example: string): string {
  return example.startsWith('- ') ? example : `${lastOf(key)}: ${example}`;
}

function listLines(settings: readonly Setting[], width: number): string[] {
  return settings.flatMap(({ key, drivers, meaning }) => {
    const of = drivers === undefined ? '' : ` of ${drivers.join(', ')}`;
    return [...wrapped(`${coloured('bold', key)}${of}`, width, 4), ...wrapped(`    ${meaning}`, width, 4)];
  });
}

function fieldTable(settings: readonly Setting[], width: number): string[] {
  const rows = settings.map((setting) => [
    `${lastOf(setting.key)}${setting.hasFields ? ' …' : ''}`,
    setting.required ? 'required' : '',
    `${setting.meaning}${usualText(setting)}`,
  ]);
  return table(rows, width).flat();
}

function usualText({ meaning, default: usual }: Setting): string {
  const isEmpty = usual === undefined || usual === '[]' || usual === '{}';
  return isEmpty || /default/i.test(meaning) ? '' : ` Default ${usual}.`;
}

/** Fields by the drivers that have them, those of all first. For one driver, its own together. */
function groupsOf(fields: readonly Setting[], driver: string | undefined): [string, Setting[]][] {
  const groups = new Map<string, Setting[]>();
  for (const field of fields) {
    const names = field.drivers === undefined ? '' : (driver ?? field.drivers.join(', '));
    groups.set(names, [...(groups.get(names) ?? []), field]);
  }
  return [...groups].sort(([a], [b]) => Number(a !== '') - Number(b !== ''));
}
