import { Document, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';

const HEAD = ` yaml-language-server: $schema=./callpoint.schema.json

 The site: where the buttons hang, what they mean, and where an alert goes.
 callpoint settings explains every setting; callpoint check finds mistakes.`;

/** Comments above the sections, for who edits the file later. */
const ABOUT: Readonly<Record<string, string>> = {
  buildings: " Room numbers as on the doors and on the responders' map.",
  inputs: ' Where signals come in.',
  devices: ' Wall nodes and other devices, each with its place and its buttons.',
  paths: ' Where alerts go, the preferred one first. Keys are in keys.yaml.',
  mqtt: ' The local message bus. Passwords of its clients are in keys.yaml.',
};

/** Sections in the order in which a person reads them. */
const ORDER = [
  'version',
  'gateway',
  'site',
  'keys',
  'buildings',
  'kinds',
  'inputs',
  'devices',
  'outputs',
  'doors',
  'paths',
  'plan',
];

/** The text of `site.yaml`. */
export function siteText(site: object): string {
  const place = ([name]: [string, unknown]) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const sorted = Object.entries(site).sort((a, b) => place(a) - place(b));
  const document = new Document(Object.fromEntries(sorted));
  document.commentBefore = HEAD;
  if (isMap(document.contents)) for (const pair of document.contents.items) explain(pair as Pair);
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function explain({ key, value }: Pair): void {
  if (!isScalar(key)) return;
  key.spaceBefore = key.value !== 'version' && key.value !== 'gateway';
  const about = ABOUT[String(key.value)];
  if (about !== undefined) key.commentBefore = about;
  flowLeaves(value as Node);
}

/**
 * A mapping of plain values in a list stands in one line: `- { number: "101", name: Reception }`.
 */
function flowLeaves(node: Node): void {
  if (isMap(node)) for (const { value } of node.items) flowLeaves(value as Node);
  if (!isSeq(node)) return;
  for (const item of node.items) {
    if (isMap(item) && item.items.every(({ value }) => isScalar(value))) item.flow = true;
    else flowLeaves(item as Node);
  }
}

const KEYS_HEAD = ` Secrets of this site. Readable by its owner only (mode 0600); never in a backup
 or a repository others can read.`;
const ABOUT_KEYS: Readonly<Record<string, string>> = {
  devices: ' One AES-128 key a device, 32 hex digits; the same must be written into a wall node.',
  paths: ' Keys of encrypted paths, which the monitoring centre must have too.',
  mqtt: ' Passwords by MQTT user name.',
};

/** The text of `keys.yaml`. */
export function keysText(keys: object): string {
  const document = new Document(keys);
  document.commentBefore = KEYS_HEAD;
  if (isMap(document.contents)) {
    for (const [at, { key }] of document.contents.items.entries()) {
      if (!isScalar(key)) continue;
      // The library puts an empty line behind the head.
      key.spaceBefore = at > 0;
      const about = ABOUT_KEYS[String(key.value)];
      if (about !== undefined) key.commentBefore = about;
    }
  }
  return document.toString({ lineWidth: 0 });
}
