import { Document, isCollection, isMap, isSeq, type Node, visit } from 'yaml';
import type { Fields } from '../../protocol/mqtt-profiles/profile.ts';
import { inputDriverNamed } from './inputs/input-drivers.ts';
import { isMapping } from './read/view.ts';
import type { InheritedSource } from './schema/inherited-source.ts';
import type { SiteFile } from './schema/site-schema.ts';

const COLUMNS = 80;
/** A mapping or list is written on one line if it is no longer than this. */
const ON_ONE_LINE = 62;

export interface ExplainedDevice {
  readonly fields: Fields;
  /** Names of the fields that it takes from the defaults of its input. */
  readonly inherited: readonly string[];
}

/** The devices as their inputs read them, where more is filled in than is written. */
export function explainedDevices({ inputs, devices }: SiteFile, source: InheritedSource): readonly ExplainedDevice[] {
  const drivers = new Map(inputs.map(({ id, driver }) => [id, inputDriverNamed(driver)]));
  const { devices: read } = isMapping(source.value) ? source.value : {};
  return devices.flatMap((device, at) => {
    const inherited = source.inherited(at);
    const written: unknown = inherited.length > 0 && Array.isArray(read) ? read[at] : undefined;
    const fields = drivers.get(device.input)?.explain?.(device) ?? (isMapping(written) ? written : undefined);
    return fields === undefined ? [] : [{ fields, inherited }];
  });
}

/** As it could stand in site.yaml. */
export function explainedText(devices: readonly ExplainedDevice[]): readonly string[] {
  const document = new Document({ devices: devices.map(({ fields }) => fields) });
  visit(document, {
    Collection: (_, node) => {
      if (isShort(node)) node.flow = true;
    },
  });
  const list = document.get('devices');
  for (const [at, { inherited }] of devices.entries()) {
    const entry = isSeq(list) ? list.items[at] : undefined;
    if (isMap(entry) && inherited.length > 0)
      entry.commentBefore = ` from the defaults of its input: ${inherited.join(', ')}`;
  }
  return document.toString({ lineWidth: COLUMNS }).trimEnd().split('\n');
}

function isShort(node: Node): boolean {
  if (!isCollection(node) || (isMap(node) && node.has('id'))) return false;
  return JSON.stringify(node).length <= ON_ONE_LINE;
}
