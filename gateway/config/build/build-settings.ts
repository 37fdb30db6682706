import { resolve } from 'node:path';
import type { JournalSettings } from '../../journal/settings.ts';
import type { InputSources } from '../inputs/input-config.ts';
import { inputDriverNamed, type WrittenInput } from '../inputs/input-drivers.ts';
import type { Keys } from '../keys/keys-file.ts';
import type { PathSources } from '../paths/path-config.ts';
import { pathDriverNamed } from '../paths/path-drivers.ts';
import type { PemFiles } from '../read/pem-files.ts';
import type { SiteFile } from '../schema/site-schema.ts';
import type { GatewaySettings, InputSettings, PathSettings } from '../settings.ts';
import { accessForInputs, mqttSettings } from './build-mqtt.ts';
import { buildSite } from './build-site.ts';
import { certificateSettings, certificateSubjects } from './certificate-settings.ts';
import { sitePlaces } from './site-places.ts';

/** What the settings are made of beside `site.yaml`. */
interface Beside {
  readonly keys: Keys;
  readonly pem: PemFiles;
  readonly dataDirectory: string;
  readonly inputsPassword: string;
}

/** The settings the gateway runs on, from files without an error. */
export function buildSettings(file: SiteFile, beside: Beside): GatewaySettings {
  const { keys, pem, inputsPassword, dataDirectory } = beside;
  const mqttSources = { keys, pem, inputsPassword };
  const sources: InputSources = { keys, pem, broker: accessForInputs(file, mqttSources) };
  const pathSources: PathSources = { keys, tls: pem.paths, places: sitePlaces(file) };
  const inputs = file.inputs.map((input) => inputSettings(input, file, sources));
  const paths = file.paths.map((path): PathSettings => pathDriverNamed(path.driver).settings(path, pathSources));
  const mqtt = mqttSettings(file, inputs, mqttSources);
  const certificates = certificateSettings(file, { inputs, paths, mqtt }, pem);
  const mqttClients = mqtt.broker.type === 'embedded' ? mqtt.broker.clients.map(({ name }) => name) : [];
  return {
    site: { ...buildSite(file, keys), certificates: certificateSubjects(certificates), mqttClients },
    inputs,
    paths,
    mqtt,
    certificates,
    journal: journalSettings(file.journal, dataDirectory),
  };
}

function inputSettings(input: WrittenInput, { devices, outputs }: SiteFile, sources: InputSources): InputSettings {
  const here = (each: { readonly input: string }) => each.input === input.id;
  return inputDriverNamed(input.driver).settings(input, devices.filter(here), outputs.filter(here), sources);
}

export function journalDirectories(journal: SiteFile['journal'], dataDirectory: string): readonly string[] {
  const written = [journal.directory, ...(journal.secondDirectory === undefined ? [] : [journal.secondDirectory])];
  return written.map((directory) => resolve(dataDirectory, directory));
}

function journalSettings(journal: SiteFile['journal'], dataDirectory: string): JournalSettings {
  return {
    directories: journalDirectories(journal, dataDirectory),
    segmentBytes: 8 * 1024 * 1024,
    retainMs: journal.retainDays * 86_400_000,
    retainBytes: Math.floor(journal.retainMegabytes * 1024 * 1024),
  };
}
