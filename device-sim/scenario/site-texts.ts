import { dirname, resolve } from 'node:path';
import { stringify } from 'yaml';
import { CallpointError } from '../../protocol/errors.ts';
import type { DryTexts } from '../dry/dry-site.ts';
import { readSiteTexts } from '../dry/write-dry-site.ts';
import { BUILT_IN_SITES, builtInSite } from './built-in-sites.ts';
import type { Scenario } from './scenario-file.ts';
import { type SiteNames, siteNames } from './site-names.ts';

/**
 * The texts of a scenario's site.
 * @throws CallpointError CONFIG_UNREADABLE
 */
export function siteTexts({ file, site }: Pick<Scenario, 'file' | 'site'>): DryTexts {
  if (typeof site !== 'string') return { site: stringify(site) };
  const builtIn = BUILT_IN_SITES.find((each) => each === site);
  return builtIn === undefined ? readSiteTexts(resolve(dirname(file), site)) : builtInSite(builtIn);
}

/** The ids in a scenario's site; `undefined` if it cannot be read: the run says so. */
export function namesOfSite(site: Scenario['site'], file: string): SiteNames | undefined {
  try {
    return siteNames(siteTexts({ site, file }).site);
  } catch (error) {
    if (error instanceof CallpointError) return undefined;
    throw error;
  }
}
