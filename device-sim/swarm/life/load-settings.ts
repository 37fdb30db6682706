import { acceptedSettings } from '../../../gateway/config/accepted-settings.ts';
import { readSite } from '../../../gateway/config/load.ts';
import type { GatewaySettings } from '../../../gateway/config/settings.ts';
import type { SiteFiles } from './life-shape.ts';

/** Nothing is read from there: the texts come with the life. */
const DIRECTORY = '/simulated';

/** Settings of sites that were loaded: a life is lived more than once. */
const loaded = new WeakMap<SiteFiles, GatewaySettings>();

/**
 * The settings that the gateway's own loader makes of a life's site.
 *
 * @throws CallpointError CONFIG_INVALID with every mistake
 */
export function loadSettings(files: SiteFiles): GatewaySettings {
  const known = loaded.get(files);
  if (known !== undefined) return known;
  const settings = load(files);
  loaded.set(files, settings);
  return settings;
}

function load({ site, keys }: SiteFiles): GatewaySettings {
  const texts = new Map([
    [`${DIRECTORY}/site.yaml`, JSON.stringify(site)],
    [`${DIRECTORY}/keys.yaml`, JSON.stringify(keys)],
  ]);
  const read = (file: string) => {
    const text = texts.get(file);
    return text === undefined ? { problem: 'does not exist' } : { text, uid: 0, gid: 0, mode: 0o600 };
  };
  const reading = readSite(`${DIRECTORY}/site.yaml`, DIRECTORY, { read, inputsPassword: 'simulated inputs' });
  return acceptedSettings(reading);
}
