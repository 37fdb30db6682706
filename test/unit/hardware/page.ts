import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readWiring, type Wiring } from '../../../hardware/drawing/wiring-file.ts';

/** The folder of one input, read. */
export interface Page {
  readonly name: string;
  readonly wiring: Wiring;
  readonly readme: string;
  /** One an A4 sheet. */
  readonly drawings: readonly string[];
  readonly siteText: string;
  readonly site: Site;
}

/** As written in `site.yaml`. */
interface Site {
  readonly inputs: readonly { readonly id: string; readonly driver: string }[];
  readonly outputs?: readonly { readonly id: string; readonly pin: string }[];
  readonly devices: readonly SiteDevice[];
  readonly mqtt?: { readonly clients?: readonly { readonly name: string }[] };
}

export interface SiteDevice {
  readonly id: string;
  readonly input: string;
  readonly fob?: object;
  readonly buttons?: readonly Contact[];
  readonly points?: readonly Contact[];
}

export interface Contact {
  readonly id: string;
  readonly pin?: string;
  readonly number?: number;
  readonly cutPin?: string;
}

export function openPage(hardware: string, name: string): Page {
  const read = (file: string) => readFileSync(join(hardware, name, file), 'utf8');
  const siteText = read('site.yaml');
  return {
    name,
    wiring: readWiring(read('wiring.yaml')),
    readme: read('README.md'),
    drawings: readdirSync(join(hardware, name))
      .filter((file) => file.endsWith('.svg'))
      .map(read),
    siteText,
    site: parse(siteText) as Site,
  };
}

export function contactsOf({ buttons = [], points = [] }: SiteDevice): readonly Contact[] {
  return [...buttons, ...points];
}
