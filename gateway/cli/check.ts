import { type ExplainedDevice, explainedText } from '../config/explain.ts';
import { listed } from '../config/fields/values.ts';
import { checkSite, readExplainedDevices, readJournalDirectories, readRetainMegabytes } from '../config/load.ts';
import { firstMistakes, formatMistake } from '../config/read/mistake.ts';
import { dataFaults, diskWarnings } from './check-data.ts';
import { jsonText } from './json-output.ts';
import { type Kept, keptText } from './keep-settings.ts';

export interface CheckOptions {
  /** Path of `site.yaml`. */
  readonly config: string;
  /** Data directory, as for `run`. */
  readonly data: string;
  /** One JSON object instead of lines. */
  readonly json: boolean;
  /** What became of keeping the settings. Absent: nobody asked for it. */
  readonly kept?: Kept;
  /** Shows what profiles and defaults fill in: of all devices, or of the one with this id. */
  readonly explain?: string | true;
}

/**
 * `callpoint check`: reports every mistake at once. Exit code 0 if the gateway would start and keep
 * its records, else 1.
 */
export function runCheck(options: CheckOptions, out: (line: string) => void): number {
  const { config, data, json, explain, kept } = options;
  const found = checkSite(config, data);
  const errors = found.filter(({ severity }) => severity === 'error').length;
  const journal = readJournalDirectories(config, data) ?? [];
  const faults = dataFaults(data, journal);
  const disks = diskWarnings(journal, readRetainMegabytes(config) ?? 0);
  const warnings = found.length - errors + disks.length;
  const explanation = explain === undefined ? undefined : explanationOf(config, explain);
  const ok = errors === 0 && faults.length === 0 && explanation?.problem === undefined;
  const { shown, more } = firstMistakes(found);
  if (json) {
    const explained =
      explanation === undefined
        ? {}
        : { explained: explanation.devices.map(({ fields }) => fields), problem: explanation.problem };
    const mistakes = shown.map(({ ofMachine: _, ...mistake }) => mistake);
    out(jsonText({ ok, errors, warnings, mistakes, not_shown: more, data: faults, disks, ...explained, ...kept }));
  } else {
    if (explanation !== undefined) for (const line of explainedText(explanation.devices)) out(line);
    for (const mistake of shown) out(formatMistake(mistake));
    if (more > 0) out(`… and ${more} more that are not shown: correct these and check again`);
    for (const warning of disks) out(`${config}: warning: ${warning}`);
    for (const fault of faults) out(`${data}: error: ${fault}`);
    out(summary(config, { errors, warnings, keeps: faults.length === 0 }));
    if (ok && kept !== undefined) out(keptText(kept));
    // Last: it is no mistake of the configuration, whose result comes first.
    if (explanation?.problem !== undefined) out(`--explain: ${explanation.problem}`);
  }
  return ok ? 0 : 1;
}

interface Explanation {
  readonly devices: readonly ExplainedDevice[];
  /** Why there are none. */
  readonly problem?: string;
}

function explanationOf(config: string, wanted: string | true): Explanation {
  const devices = readExplainedDevices(config);
  if (devices === undefined)
    return { devices: [], problem: 'correct the errors first; the devices are read only then' };
  const found = wanted === true ? devices : devices.filter(({ fields }) => idOf(fields) === wanted);
  if (found.length > 0) return { devices: found };
  const names = listed(devices.map(({ fields }) => idOf(fields)));
  if (names === '')
    return { devices: [], problem: 'the site has no device on an mqtt input or an input with defaults' };
  return {
    devices: [],
    problem: `no device "${wanted}" is on an mqtt input or an input with defaults; these are: ${names}`,
  };
}

function idOf({ id }: ExplainedDevice['fields']): string {
  return String(id);
}

interface Found {
  readonly errors: number;
  readonly warnings: number;
  /** True if the gateway could write its records. */
  readonly keeps: boolean;
}

function summary(config: string, { errors, warnings, keeps }: Found): string {
  const counted = [count(errors, 'error'), count(warnings, 'warning')].filter((part) => part !== '').join(', ');
  const found = `${config}: ${counted === '' ? 'no mistakes found' : counted}`;
  if (errors > 0) return `${found}; the gateway would not start`;
  if (!keeps) return `${found}; the gateway would start, but its data directory is not in order`;
  return counted === '' ? found : `${found}; the gateway would start`;
}

function count(number: number, what: string): string {
  if (number === 0) return '';
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
