import { messageOf } from '../../protocol/errors.ts';
import { loadSite } from '../config/load-site.ts';
import { SettingsCache } from '../config/settings-cache.ts';
import { BUILD_ID } from '../system/build-id.ts';

export interface Kept {
  readonly kept: boolean;
  readonly not_kept_because?: string;
}

/**
 * Leaves the settings of a site without mistakes in the data directory. An update does it before it
 * stops the gateway, so that the first start of the new release need not read the files.
 */
export async function keepSettings(siteFile: string, dataDirectory: string): Promise<Kept> {
  if (BUILD_ID === undefined) return notKept('this Callpoint runs from its source');
  const { reading, sealed } = loadSite({ siteFile, dataDirectory, inputsPassword: '', build: BUILD_ID });
  if (reading.settings === undefined) return notKept('the configuration has mistakes');
  if (sealed === undefined) return notKept('a warning rests on this machine or on the time');
  try {
    await new SettingsCache(dataDirectory, BUILD_ID).write(sealed);
    return { kept: true };
  } catch (error) {
    return notKept(messageOf(error));
  }
}

export function keptText({ kept, not_kept_because: why }: Kept): string {
  return kept ? 'the next start of this version need not read these files' : `the settings are not kept: ${why}`;
}

function notKept(why: string): Kept {
  return { kept: false, not_kept_because: why };
}
