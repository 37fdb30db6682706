import { Document, isCollection, isMap, type Node, visit } from 'yaml';
import type { Fields } from '../../protocol/mqtt-profiles/profile.ts';
import { inputDriverNamed } from './inputs/input-drivers.ts';
import type { SiteFile } from './schema/site-schema.ts';

const COLUMNS = 80;
/** A mapping or list is written on one line if it is no longer than this. */
const ON_ONE_LINE = 62;

/** The devices as their inputs read them, of drivers that fill in more than is written. */
export function explainedDevices({ inputs, devices }: SiteFile): readonly Fields[] {
  const drivers = new Map(inputs.map(({ id, driver }) => [id, inputDriverNamed(driver)]));
  return devices.map((device) => drivers.get(device.input)?.explain?.(device)).filter((fields) => fields !== undefined);
}

/** As it could stand in site.yaml. */
export function explainedText(devices: readonly Fields[]): readonly string[] {
  const document = new Document({ devices });
  visit(document, {
    Collection: (_, node) => {
      if (isShort(node)) node.flow = true;
    },
  });
  return document.toString({ lineWidth: COLUMNS }).trimEnd().split('\n');
}

function isShort(node: Node): boolean {
  if (!isCollection(node) || (isMap(node) && node.has('id'))) return false;
  return JSON.stringify(node).length <= ON_ONE_LINE;
}
