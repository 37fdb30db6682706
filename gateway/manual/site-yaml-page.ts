import { driversOf, type Setting, settingsReference } from '../config/schema/settings-reference.ts';
import { type Meant, type Page, part, terms, text } from './page.ts';

const ABOUT = [
  'site.yaml says where the buttons hang, what they mean and where an alert goes. It is one YAML document. Keys and passwords are in keys.yaml beside it, never here.',
  "A key with dots is a field inside: mqtt.listen is listen: under mqtt:. In a list, each entry has the fields. NAME is a name of the site's own.",
  'callpoint init writes an example to edit. callpoint check finds every mistake, with its line and what to write instead. callpoint settings KEY shows one setting.',
];

/** site.yaml(5), from the schema that the gateway reads the file with. */
export function siteYamlPage(): Page {
  const all = settingsReference();
  const top = all.filter(({ key }) => !key.includes('.'));
  return {
    name: 'site.yaml',
    section: 5,
    about: 'configuration of a Callpoint gateway',
    parts: [
      ...part('DESCRIPTION', ABOUT.map(text)),
      ...part('SETTINGS', [terms(top.filter(({ hasFields }) => !hasFields).map(settingTerm))]),
      ...top.filter(({ hasFields }) => hasFields).flatMap((section) => sectionParts(section, all)),
      ...part('SEE ALSO', [text('callpoint-init(1), callpoint-check(1), callpoint-settings(1)')]),
    ],
  };
}

function sectionParts(section: Setting, all: readonly Setting[]): Page['parts'] {
  const { key, meaning } = section;
  const fields = all.filter((setting) => setting.key.startsWith(`${key}.`));
  const shared = fields.filter(({ drivers }) => drivers === undefined);
  const byDriver = [...driversOf(key)].flatMap(([name, about]) => {
    const own = fields.filter(({ drivers }) => drivers?.includes(name));
    return part(`${key} of driver ${name}`, [...(about === '' ? [] : [text(about)]), terms(own.map(settingTerm))], 2);
  });
  return [...part(key.toUpperCase(), [text(meaning), terms(shared.map(settingTerm))]), ...byDriver];
}

function settingTerm({ key, required, meaning, write, unit, example, default: usual }: Setting): Meant {
  const form = [
    `${unit === undefined ? write : `${write}; ${unit}`}${example === undefined ? '' : `, such as ${example}`}`,
    ...(usual === undefined ? [] : [`default: ${usual}`]),
  ];
  return {
    term: `${key}${required ? ' (required)' : ''}`,
    meaning: [meaning, form.join('; ')].filter((each) => each !== ''),
  };
}
