import { randomBytes } from 'node:crypto';
import { dirname, isAbsolute, join } from 'node:path';

import type { Site } from '../core/site.ts';

import { acceptedSettings, type SiteReading } from './accepted-settings.ts';
import { buildSettings, journalDirectories } from './build/build-settings.ts';
import { buildSite } from './build/build-site.ts';
import { checkSiteFile } from './check/check-site.ts';
import { wantedKeys } from './check/wanted-keys.ts';
import { type ExplainedDevice, explainedDevices } from './explain.ts';
import { type Keys, readKeys, type Wanted } from './keys/keys-file.ts';
import { type Mistake, sortMistakes } from './read/mistake.ts';
import { type PemFiles, readPemFiles } from './read/pem-files.ts';
import { type ReadText, readTextFile } from './read/read-file.ts';
import { View } from './read/view.ts';
import { parseYaml } from './read/yaml-source.ts';
import { applySchema } from './schema/apply-schema.ts';
import { InheritedSource } from './schema/inherited-source.ts';
import type { SiteFile } from './schema/site-schema.ts';
import type { GatewaySettings } from './settings.ts';

interface ReadOptions {
  /** For files that are not written yet, and for those who want to know what was read. */
  readonly read?: ReadText;
  /** Of the gateway's own inputs at the embedded broker. Default: a new one. */
  readonly inputsPassword?: string;
}

/**
 * Reads `site.yaml` and the files it names. Never throws because of their content.
 *
 * @param siteFile path of `site.yaml`; mistakes name it as given here
 * @param dataDirectory what the journal's directories are relative to (`--data`)
 * @param options of a check or a reload
 */
export function readSite(
  siteFile: string,
  dataDirectory: string,
  { read = readTextFile, inputsPassword = randomBytes(24).toString('base64url') }: ReadOptions = {},
): SiteReading {
  const mistakes: Mistake[] = [];
  const opened = openSite(siteFile, mistakes, read);
  const keys = opened === undefined ? undefined : readKeysOf(opened, siteFile, mistakes, read);
  sortMistakes(mistakes);
  const files = [siteFile, ...(opened === undefined ? [] : keysFileOf(opened, siteFile))];
  if (mistakes.some(({ severity }) => severity === 'error')) return { mistakes, files };
  if (opened?.site === undefined || keys === undefined)
    throw new Error('the site was refused without a mistake to show');
  return {
    mistakes,
    files,
    settings: buildSettings(opened.site, { keys, pem: opened.pem, dataDirectory, inputsPassword }),
  };
}

/** Every mistake in a site's files; empty: the gateway would start. */
export function checkSite(siteFile: string, dataDirectory: string): readonly Mistake[] {
  return readSite(siteFile, dataDirectory).mistakes;
}

/**
 * The settings the gateway runs on.
 *
 * @throws CallpointError CONFIG_INVALID with every error, one a line; KEYS_EXPOSED or
 *   CONFIG_UNREADABLE if that is all there is
 */
export function loadSettings(siteFile: string, dataDirectory: string): GatewaySettings {
  return acceptedSettings(readSite(siteFile, dataDirectory));
}

/**
 * The site without the keys that guard it, for reports about it: where its journal is copied to,
 * its keys have no business.
 *
 * @returns `undefined` if the file has a mistake or can't be read
 */
export function readSiteWithoutKeys(siteFile: string): Site | undefined {
  const mistakes: Mistake[] = [];
  const site = openSite(siteFile, mistakes)?.site;
  if (site === undefined || mistakes.some(({ severity }) => severity === 'error')) return undefined;
  return buildSite(site, { devices: new Map(), paths: new Map(), pathSecrets: new Map(), mqtt: new Map() });
}

/**
 * Where a site's journal is, even if other things are wrong with its files.
 *
 * @returns `undefined` if `site.yaml` does not say it
 */
export function readJournalDirectories(siteFile: string, dataDirectory: string): readonly string[] | undefined {
  const journal = openSite(siteFile, [])?.site?.journal;
  return journal && journalDirectories(journal, dataDirectory);
}

/**
 * How large a site's journal may become, MiB.
 *
 * @returns `undefined` if `site.yaml` does not say it
 */
export function readRetainMegabytes(siteFile: string): number | undefined {
  return openSite(siteFile, [])?.site?.journal.retainMegabytes;
}

/** What an edit needs to know of a site. */
interface SiteEntries {
  readonly mistakes: readonly Mistake[];
  /** The entries of `site.yaml`, before they are settings; absent if they do not fit the schema. */
  readonly site?: SiteFile;
  readonly keysFile?: string;
}

/** Reads a site as `readSite` does, for an edit. */
export function readEntries(siteFile: string): SiteEntries {
  const mistakes: Mistake[] = [];
  const opened = openSite(siteFile, mistakes);
  if (opened !== undefined) readKeysOf(opened, siteFile, mistakes, readTextFile);
  sortMistakes(mistakes);
  const site = opened?.site;
  return site === undefined ? { mistakes } : { mistakes, site, keysFile: beside(siteFile, site.keys) };
}

/**
 * The devices, paths and users of a site that need a secret. @returns `undefined` if it does not
 * fit
 */
export function readWantedKeys(siteFile: string): Wanted | undefined {
  const opened = openSite(siteFile, []);
  return opened?.site === undefined ? undefined : wantedKeys(opened.view, true);
}

/** Where a site's keys are. @returns `undefined` if `site.yaml` does not say it */
export function keysPath(siteFile: string): string | undefined {
  const keys = openSite(siteFile, [])?.site?.keys;
  return keys === undefined ? undefined : beside(siteFile, keys);
}

/** Files that a site consists of, beside `site.yaml` itself. */
export interface SiteFiles {
  readonly gateway: string;
  readonly keys: NamedFile;
  /** Certificates and their keys. */
  readonly pem: readonly NamedFile[];
  readonly journalDirectories: readonly string[];
  /** As `site.yaml` names them. */
  readonly journalNames: readonly string[];
}

export interface NamedFile {
  /** As `site.yaml` names it. */
  readonly written: string;
  readonly path: string;
}

/** @returns `undefined` if `site.yaml` can't be read, or does not fit the schema */
export function siteFiles(siteFile: string, dataDirectory: string): SiteFiles | undefined {
  const opened = openSite(siteFile, []);
  const site = opened?.site;
  if (opened === undefined || site === undefined) return undefined;
  const pem = new Map<string, NamedFile>();
  for (const { ca, certificate, key } of opened.pem.sources) {
    for (const each of [ca, certificate, key]) if (each !== undefined) pem.set(each.path, each);
  }
  const { directory, secondDirectory } = site.journal;
  return {
    gateway: site.gateway,
    keys: { written: site.keys, path: beside(siteFile, site.keys) },
    pem: [...pem.values()].map(({ written, path }) => ({ written, path })),
    journalDirectories: journalDirectories(site.journal, dataDirectory),
    journalNames: [directory, ...(secondDirectory === undefined ? [] : [secondDirectory])],
  };
}

/**
 * The devices of a site as their inputs read them.
 *
 * @returns `undefined` if the file does not fit the schema
 */
export function readExplainedDevices(siteFile: string): readonly ExplainedDevice[] | undefined {
  const opened = openSite(siteFile, []);
  return opened?.site === undefined ? undefined : explainedDevices(opened.site, opened.source);
}

/**
 * If a site can't be read, nothing is known about the keys it needs or their file. Then nothing is
 * reported about keys.
 */
function readKeysOf(
  { view, site }: OpenedSite,
  siteFile: string,
  mistakes: Mistake[],
  read: ReadText,
): Keys | undefined {
  const name = view.has('keys') ? view.text('keys') : 'keys.yaml';
  if (name === undefined) return undefined;
  return readKeys(beside(siteFile, name), wantedKeys(view, site !== undefined), mistakes, read);
}

function keysFileOf({ view }: OpenedSite, siteFile: string): readonly string[] {
  const name = view.has('keys') ? view.text('keys') : 'keys.yaml';
  return name === undefined ? [] : [beside(siteFile, name)];
}

interface OpenedSite {
  readonly source: InheritedSource;
  readonly view: View;
  readonly site?: SiteFile;
  readonly pem: PemFiles;
}

function openSite(siteFile: string, mistakes: Mistake[], readText: ReadText = readTextFile): OpenedSite | undefined {
  const read = readText(siteFile);
  if ('problem' in read) {
    const { hint = 'name it with --config, or make one with callpoint init DIR' } = read;
    const message = `the site file ${read.problem}`;
    mistakes.push({ severity: 'error', file: siteFile, line: 1, column: 1, message, hint, code: 'CONFIG_UNREADABLE' });
    return undefined;
  }
  const written = parseYaml(siteFile, read.text, { secret: false }, mistakes);
  if (written === undefined) return undefined;
  const source = new InheritedSource(written);
  const { site, rejected } = applySchema(source, mistakes);
  const view = new View(source, [], source.value, rejected, mistakes);
  checkSiteFile(view);
  const pem = readPemFiles(view, siteFile, readText);
  source.once(mistakes);
  return site === undefined ? { source, view, pem } : { source, view, pem, site };
}

function beside(siteFile: string, name: string): string {
  return isAbsolute(name) ? name : join(dirname(siteFile), name);
}
