import { isMap, isScalar, isSeq, parseDocument } from 'yaml';

/** The ids that a site has, by what they are of. */
export interface SiteNames {
  readonly device: readonly string[];
  readonly input: readonly string[];
  readonly path: readonly string[];
  readonly building: readonly string[];
}

type Sort = keyof SiteNames;

/** Of a site that may have mistakes: those are shown when it is read as a whole. */
export function siteNames(text: string): SiteNames {
  const document = parseDocument(text, { prettyErrors: false, schema: 'failsafe' });
  const ids = (section: string) => {
    const list = document.get(section);
    const entries = isSeq(list) ? list.items.filter((item) => isMap(item)) : [];
    return entries.flatMap((entry) => {
      const id = entry.get('id', true);
      return isScalar(id) ? [String(id.value)] : [];
    });
  };
  return { device: ids('devices'), input: ids('inputs'), path: ids('paths'), building: ids('buildings') };
}

type References = Readonly<Record<string, readonly Sort[]>>;

const DEVICE: readonly Sort[] = ['device'];
const INPUT: readonly Sort[] = ['input'];
const PATH: readonly Sort[] = ['path'];

/** The fields of steps and expectations that name something of the site. */
const REFERENCES: References = {
  ...Object.fromEntries(
    ['press', 'hold', 'release', 'door', 'bolt', 'battery', 'tamper', 'cut', 'short', 'stuck', 'lost', 'reboot']
      .concat('keyLost', 'sameAddress', 'as', 'replay', 'cancel', 'resolve', 'noAlert', 'wall')
      .map((field) => [field, DEVICE]),
  ),
  ...Object.fromEntries(['stranger', 'jam', 'line', 'unplug', 'replug'].map((field) => [field, INPUT])),
  ...Object.fromEntries(['certificate', 'acknowledged', 'shown'].map((field) => [field, PATH])),
  from: ['device', 'building'],
  behave: ['path', 'input'],
};

/** These stand for all. */
const ALL: readonly unknown[] = ['any', 'all'];

/** A field that names what the site does not have. */
interface Unknown {
  readonly field: string;
  readonly value: string;
  readonly sorts: readonly Sort[];
  readonly known: readonly string[];
}

/** @param skipped fields that mean something else in this entry */
export function unknownNames(entry: object, names: SiteNames, skipped: readonly string[]): readonly Unknown[] {
  return Object.entries(entry).flatMap(([field, value]) => {
    const sorts = Object.hasOwn(REFERENCES, field) && !skipped.includes(field) ? REFERENCES[field] : undefined;
    if (sorts === undefined || typeof value !== 'string' || ALL.includes(value)) return [];
    const known = sorts.flatMap((sort) => names[sort]);
    return known.includes(value) ? [] : [{ field, value, sorts, known }];
  });
}
