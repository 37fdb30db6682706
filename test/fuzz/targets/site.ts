import { readFileSync } from 'node:fs';
import { readScenarioText } from '../../../device-sim/scenario/scenario-file.ts';
import { readRows } from '../../../gateway/config/edit/import-rows.ts';
import { readTable } from '../../../gateway/config/edit/room-table.ts';
import { readSite } from '../../../gateway/config/load.ts';
import type { Mistake } from '../../../gateway/config/read/mistake.ts';
import type { FileText } from '../../../gateway/config/read/read-file.ts';
import { parseYaml } from '../../../gateway/config/read/yaml-source.ts';
import { EVERY_INPUT, EVERY_KEY } from '../../unit/config/every-input-fixture.ts';
import { KEYS, SITE } from '../../unit/config/site-fixture.ts';
import { promise, utf8 } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

const ACCESS = { uid: 1000, gid: 1000, mode: 0o600 };
const words = [
  '\n',
  ': ',
  '- ',
  '  ',
  '{ ',
  ' }',
  '[',
  ']',
  '"',
  "'",
  '#',
  '&a ',
  '*a',
  '<<: ',
  '!!binary ',
  '|\n',
  '>-\n',
  '? ',
  '---\n',
  '%YAML',
  '\t',
  'id: ',
  'driver: ',
  'inputs:',
  'devices:',
  'toString: ',
  '__proto__: ',
  'constructor: ',
  '0x1',
  '1e999',
  '.nan',
  'null',
  '~',
  '2001-01-01',
];

function fileOf(text: string): FileText {
  return { text, ...ACCESS };
}

/** site.yaml, or keys.yaml beside a good site. */
function siteTarget(
  name: string,
  seeds: readonly string[],
  read: (text: string) => (file: string) => FileText,
): FuzzTarget {
  return {
    name,
    seeds,
    words,
    mutations: 20,
    lengthMax: 8_192,
    slowMs: 3_000,
    run: (input) => {
      const result = readSite('/site/site.yaml', '/data', { read: read(utf8(input)), inputsPassword: 'x'.repeat(32) });
      const errors = result.mistakes.filter(({ severity }) => severity === 'error');
      promise('settings' in result === (errors.length === 0), 'a site is read, or its mistakes are told');
      for (const { line, column, message } of result.mistakes) {
        promise(line >= 1 && column >= 1 && message !== '', 'a mistake has its place');
      }
    },
  };
}

const site = siteTarget('site-files', [SITE, EVERY_INPUT], (text) => (file) => {
  return fileOf(file.endsWith('site.yaml') ? text : KEYS);
});
const keys = siteTarget('keys-files', [KEYS, EVERY_KEY], (text) => (file) => {
  return fileOf(file.endsWith('site.yaml') ? SITE : text);
});

const scenarioFile = new URL('../../../device-sim/scenarios/classroom-intruder.yaml', import.meta.url);

/** YAML of any kind, a scenario among them. */
const yaml: FuzzTarget = {
  name: 'yaml-files',
  mutations: 30,
  seeds: ['a: [1, {b: c}]\n', 'a: &x {b: 1}\nc: *x\n', '- |\n  text\n', readFileSync(scenarioFile, 'utf8')],
  words,
  lengthMax: 8_192,
  slowMs: 1_000,
  run: (input) => {
    const text = utf8(input);
    for (const secret of [true, false]) {
      const mistakes: Mistake[] = [];
      const source = parseYaml('a.yaml', text, { secret }, mistakes);
      promise(source !== undefined || mistakes.length > 0, 'what cannot be read has a mistake');
      source?.locate(['a', 0, 'b']);
    }
    const mistakes: Mistake[] = [];
    const scenario = readScenarioText('a.yaml', text, mistakes);
    promise((scenario === undefined) === mistakes.length > 0, 'a scenario is read, or its mistakes are told');
    const table = readTable(text);
    readRows({ buildings: [], devices: [], inputs: [], kinds: [] } as never, table, undefined, []);
  },
};

export const siteTargets: readonly FuzzTarget[] = [site, keys, yaml];
