import { checkSiteFile } from '../check/check-site.ts';
import { wantedKeys } from '../check/wanted-keys.ts';
import { keysIn } from '../keys/keys-file.ts';
import { type Mistake, sortMistakes } from '../read/mistake.ts';
import { readTextFile } from '../read/read-file.ts';
import { isMapping, View } from '../read/view.ts';
import { parseYaml, type YamlSource } from '../read/yaml-source.ts';
import { applySchema } from '../schema/apply-schema.ts';
import { freshKeys } from './fresh-keys.ts';
import { keysText, siteText } from './setup-text.ts';

/** Cryptographically strong random bytes, as many as asked for. */
type Random = (length: number) => Uint8Array;

/** Whether a site can be made of some answers, and its files if so. */
export interface Setup {
  /** Every error and warning, at its place in the answers. */
  readonly mistakes: readonly Mistake[];
  /** Absent if there is an error. */
  readonly files?: { readonly site: string; readonly keys: string };
}

/** What the answers need not say. */
const USUAL = { version: 1, gateway: 'gw-1' } as const;

/**
 * A file of answers holds settings of `site.yaml`, by the same names, and under `secrets:` what
 * `keys.yaml` holds, as far as it exists already. JSON is YAML, too.
 */
export function setupFromFile(file: string, random: Random): Setup {
  const mistakes: Mistake[] = [];
  const read = readTextFile(file);
  if ('problem' in read) {
    const { hint = 'name a file of answers; callpoint init --answers-example prints one' } = read;
    const message = `the file of answers ${read.problem}`;
    mistakes.push({ severity: 'error', file, line: 1, column: 1, message, hint, code: 'CONFIG_UNREADABLE' });
    return { mistakes };
  }
  const source = parseYaml(file, read.text, { secret: false }, mistakes);
  if (source === undefined) return { mistakes };
  if ((read.mode & 0o077) !== 0 && secretsIn(source) !== undefined) {
    const message = 'other users of this machine can read the secrets in this file';
    const hint = 'remove it when the site is written, or run chmod 600 on it';
    mistakes.push({ severity: 'warning', file, ...source.locateKey(['secrets']), message, hint });
  }
  return setupFrom(source, mistakes, random);
}

/** The same for answers that a person has typed. */
export function setupFromAnswers(value: object, random: Random): Setup {
  const nowhere = () => ({ line: 1, column: 1 });
  return setupFrom({ file: 'answers', value, locate: nowhere, locateKey: nowhere }, [], random);
}

function setupFrom(source: YamlSource, mistakes: Mistake[], random: Random): Setup {
  const { secrets: _, ...answers } = isMapping(source.value) ? source.value : {};
  const secrets = secretsIn(source);
  if (secrets !== undefined && !isMapping(secrets)) {
    const [message, hint] = [
      'secrets is not a mapping',
      'write under it what keys.yaml holds: devices:, paths:, mqtt:',
    ];
    mistakes.push({ severity: 'error', file: source.file, ...source.locate(['secrets']), message, hint });
  }
  const site = { ...USUAL, ...answers };
  const placed = { ...source, value: site };
  const { site: whole, rejected } = applySchema(placed, mistakes);
  const view = new View(placed, [], site, rejected, mistakes);
  checkSiteFile(view);
  const wanted = wantedKeys(view, whole !== undefined);
  const keys = freshKeys(view, wanted, isMapping(secrets) ? secrets : {}, random);
  keysIn(new View(source, ['secrets'], keys, new Set(), mistakes), wanted);
  sortMistakes(mistakes);
  if (mistakes.some(({ severity }) => severity === 'error')) return { mistakes };
  return { mistakes, files: { site: siteText(site), keys: keysText(keys) } };
}

function secretsIn({ value }: YamlSource): unknown {
  const { secrets } = isMapping(value) ? (value as { readonly secrets?: unknown }) : {};
  return secrets ?? undefined;
}
