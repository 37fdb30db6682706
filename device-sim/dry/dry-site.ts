import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap } from 'yaml';
import { CallpointError } from '../../protocol/errors.ts';

/** The texts of a site's files. `keys` is absent if there is no keys file: then keys are made. */
export interface DryTexts {
  readonly site: string;
  readonly keys?: string;
}

export interface DryOptions {
  /** Directory of the simulated ports, and of the copy. */
  readonly directory: string;
  /** Returns a TCP and UDP port that nothing uses. */
  readonly freePort: () => Promise<number>;
  /**
   * New ports by old address: paths to one receiver stay paths to one receiver. Given again, the
   * next copy of a changed site has the same ports.
   */
  readonly ports?: Map<string, number>;
  /** `external`: the copy uses a broker at loopback that is not the gateway's. */
  readonly broker?: 'embedded' | 'external';
  /** A further MQTT client, which reads everything and may command. */
  readonly operator?: { readonly name: string; readonly password: string };
}

export interface DryCopy {
  readonly site: string;
  readonly keys: string;
  /** What was replaced, one line each. */
  readonly replaced: readonly string[];
  /** True if a path of the copy is reached over TLS. */
  readonly needsCertificates: boolean;
}

/** Names of the files beside the copy. */
export const CERTIFICATES = {
  authority: 'authority.cert.pem',
  authorityKey: 'authority.key.pem',
  receiver: 'receiver.cert.pem',
  receiverKey: 'receiver.key.pem',
  gateway: 'gateway.cert.pem',
  gatewayKey: 'gateway.key.pem',
} as const;

/** A client that the devices of an external broker use at the gateway's own. */
const DEVICE_CLIENT = 'simulated-devices';
/** The gateway itself, at an external broker. */
const GATEWAY_CLIENT = 'gateway';
const MQTT_PORT_PLACE = 'mqtt: listen';

/**
 * Returns a copy of a site in which simulated ports and far ends stand in place of the real ones.
 * Only what names hardware, an address or a certificate is changed.
 * @throws CallpointError CONFIG_INVALID if the text is no YAML mapping
 */
export async function dryCopy(texts: DryTexts, options: DryOptions): Promise<DryCopy> {
  // In the failsafe schema each scalar stays as it is written: an account of 0012 keeps its zeros.
  const site = yamlOf(texts.site, 'site.yaml');
  const keys = yamlOf(texts.keys ?? '{}', 'keys.yaml');
  const dry = new DryMaker(site, keys, options);
  site.set('keys', 'keys.yaml');
  for (const input of mapsOf(site, 'inputs')) dry.input(input);
  for (const path of mapsOf(site, 'paths')) await dry.path(path);
  await dry.broker();
  dry.makeMissingKeys();
  const written = { lineWidth: 0 };
  const { replaced, needsCertificates } = dry;
  return { site: site.toString(written), keys: keys.toString(written), replaced, needsCertificates };
}

class DryMaker {
  readonly replaced: string[] = [];
  needsCertificates = false;
  readonly #site: Document;
  readonly #keys: Document;
  readonly #options: DryOptions;
  readonly #ports: Map<string, number>;

  constructor(site: Document, keys: Document, options: DryOptions) {
    this.#site = site;
    this.#keys = keys;
    this.#options = options;
    this.#ports = options.ports ?? new Map();
  }

  input(input: YAMLMap): void {
    const id = textAt(input, 'id') ?? 'input';
    const place = (name: string) => join(this.#options.directory, name);
    switch (textAt(input, 'driver')) {
      case 'gpio':
        this.#set(input, 'chip', place(`${id}-chip`), `input ${id}`);
        break;
      case 'ble': {
        const count = Math.max(1, itemsAt(input, 'adapters').length);
        const adapters = Array.from({ length: count }, (_, at) => place(`${id}-radio-${at + 1}`));
        this.#set(input, 'adapters', adapters, `input ${id}`);
        break;
      }
      case 'mqtt':
        for (const name of ['broker', 'username', 'ca']) this.#remove(input, name, `input ${id}`);
        break;
      default:
        this.#set(input, 'port', place(`${id}-port`), `input ${id}`);
        // Pseudo-terminals have no RTS.
        this.#remove(input, 'rs485', `input ${id}`);
    }
  }

  async path(path: YAMLMap): Promise<void> {
    const id = textAt(path, 'id') ?? 'path';
    const what = `path ${id}`;
    this.#remove(path, 'localAddress', what);
    switch (textAt(path, 'driver') ?? 'dc09-tcp') {
      case 'sms':
        this.#set(path, 'port', join(this.#options.directory, `${id}-modem`), what);
        return;
      case 'radio':
        await this.#line(path, 'tnc', what);
        return;
      case 'tap':
        await this.#line(path, 'terminal', what);
        return;
      case 'cap':
      case 'webhook':
        await this.#url(path, what);
        break;
      default:
        await this.#hostAndPort(path, what);
    }
    this.#tls(path, what);
  }

  async broker(): Promise<void> {
    const mqtt = mapIn(this.#site, 'mqtt');
    if (this.#options.broker === 'external') {
      for (const name of ['tls', 'listen', 'clients', 'ca']) this.#remove(mqtt, name, 'mqtt');
      this.#set(mqtt, 'broker', `mqtt://127.0.0.1:${await this.#portFor(MQTT_PORT_PLACE)}`, 'mqtt');
      this.#set(mqtt, 'username', GATEWAY_CLIENT, 'mqtt');
      this.#key(['mqtt', GATEWAY_CLIENT], () => randomBytes(18).toString('base64url'));
      return;
    }
    const external = textAt(mqtt, 'broker');
    if (external !== undefined && external !== 'embedded') {
      for (const name of ['username', 'ca']) mqtt.delete(name);
      this.#set(mqtt, 'broker', 'embedded', 'mqtt');
    }
    this.#remove(mqtt, 'tls', 'mqtt');
    this.#set(mqtt, 'listen', `127.0.0.1:${await this.#portFor(MQTT_PORT_PLACE)}`, 'mqtt');
    const clients = [...mapsIn(mqtt, 'clients')];
    const hasDevices = mapsOf(this.#site, 'inputs').some((input) => textAt(input, 'driver') === 'mqtt');
    if (hasDevices && !clients.some((client) => textAt(client, 'role') === 'device')) {
      this.#client(mqtt, { name: DEVICE_CLIENT, role: 'device', topics: this.#deviceTopics() });
    }
    const { operator } = this.#options;
    if (operator === undefined) return;
    this.#client(mqtt, { name: operator.name, role: 'operator' });
    this.#keys.setIn(['mqtt', operator.name], operator.password);
  }

  /** Of devices, paths and clients that need one and have none. */
  makeMissingKeys(): void {
    const drivers = new Map(mapsOf(this.#site, 'inputs').map((each) => [textAt(each, 'id'), textAt(each, 'driver')]));
    for (const device of mapsOf(this.#site, 'devices')) {
      const driver = drivers.get(textAt(device, 'input'));
      const isTag = driver === 'ble' && !device.has('fob') && textAt(device, 'encrypted') !== 'false';
      if (driver === 'button-bus' || isTag)
        this.#key(['devices', textAt(device, 'id')], () => randomBytes(16).toString('hex'));
    }
    for (const path of mapsOf(this.#site, 'paths')) {
      const driver = textAt(path, 'driver') ?? 'dc09-tcp';
      const isKey = driver.startsWith('dc09-') && textAt(path, 'encrypted') !== 'false';
      const isText =
        driver === 'webhook' ||
        path.has('user') ||
        ['bearer', 'basic', 'digest'].includes(textAt(path, 'auth') ?? '') ||
        textAt(path, 'password') === 'true';
      if (isKey || isText) this.#key(['paths', textAt(path, 'id')], () => randomBytes(32).toString('hex'));
    }
    for (const client of mapsIn(mapIn(this.#site, 'mqtt'), 'clients')) {
      this.#key(['mqtt', textAt(client, 'name')], () => randomBytes(18).toString('base64url'));
    }
  }

  #key([section, name]: readonly [string, string | undefined], make: () => string): void {
    if (name === undefined || this.#keys.hasIn([section, name])) return;
    this.#keys.setIn([section, name], make());
  }

  #client(
    mqtt: YAMLMap,
    client: { readonly name: string; readonly role: string; readonly topics?: readonly string[] },
  ): void {
    if (!isSeq(mqtt.get('clients'))) mqtt.set('clients', this.#site.createNode([]));
    mqtt.addIn(['clients'], this.#site.createNode(client));
    this.replaced.push(`mqtt: clients: ${client.name} is added`);
  }

  /** The first level of what the devices publish. */
  #deviceTopics(): readonly string[] {
    const topics = mapsOf(this.#site, 'devices').flatMap((device) => textAt(device, 'topic') ?? []);
    return [...new Set(['zigbee2mqtt', ...topics.map((topic) => topic.split('/')[0] ?? topic)])].map(
      (one) => `${one}/#`,
    );
  }

  async #hostAndPort(path: YAMLMap, what: string): Promise<void> {
    const usual = textAt(path, 'driver') === 'snpp' ? '444' : '7700';
    const port = await this.#portFor(`${textAt(path, 'host')}:${textAt(path, 'port') ?? usual}`);
    this.#set(path, 'host', '127.0.0.1', what);
    this.#set(path, 'port', String(port), what);
  }

  async #url(path: YAMLMap, what: string): Promise<void> {
    const url = new URL(textAt(path, 'url') ?? 'https://receiver.invalid/');
    url.port = String(await this.#portFor(url.host));
    url.hostname = '127.0.0.1';
    this.#set(path, 'url', url.href, what);
    const proxy = path.get('proxy');
    if (isMap(proxy)) {
      const through = new URL(textAt(proxy, 'url') ?? 'http://proxy.invalid/');
      this.#set(proxy, 'url', `http://127.0.0.1:${await this.#portFor(through.host)}`, what);
    }
    if (url.protocol === 'https:' && !isMap(path.get('tls'))) path.set('tls', this.#site.createNode({}));
  }

  /** A serial line, or the same over TCP. */
  async #line(path: YAMLMap, name: string, what: string): Promise<void> {
    const line = path.get(name);
    if (!isMap(line)) return;
    if (!line.has('host')) {
      this.#set(line, 'port', join(this.#options.directory, `${textAt(path, 'id')}-port`), what);
      return;
    }
    const port = await this.#portFor(`${textAt(line, 'host')}:${textAt(line, 'port')}`);
    this.#set(line, 'host', '127.0.0.1', what);
    this.#set(line, 'port', String(port), what);
  }

  #tls(path: YAMLMap, what: string): void {
    const isSip = textAt(path, 'driver') === 'sip' && !['tcp', 'udp'].includes(textAt(path, 'transport') ?? '');
    if (isSip && !isMap(path.get('tls'))) path.set('tls', this.#site.createNode({}));
    const tls = path.get('tls');
    if (!isMap(tls)) return;
    this.needsCertificates = true;
    this.#set(tls, 'ca', CERTIFICATES.authority, what);
    this.#remove(tls, 'serverName', what);
    if (!tls.has('certificate')) return;
    this.#set(tls, 'certificate', CERTIFICATES.gateway, what);
    this.#set(tls, 'key', CERTIFICATES.gatewayKey, what);
  }

  async #portFor(address: string): Promise<number> {
    const known = this.#ports.get(address);
    if (known !== undefined) return known;
    const port = await this.#options.freePort();
    this.#ports.set(address, port);
    return port;
  }

  #set(map: YAMLMap, name: string, value: string | readonly string[], what: string): void {
    const before = map.has(name) ? shown(map.get(name, true)) : 'nothing';
    map.set(name, this.#site.createNode(value));
    this.replaced.push(`${what}: ${name}: ${before} → ${typeof value === 'string' ? value : value.join(', ')}`);
  }

  #remove(map: YAMLMap, name: string, what: string): void {
    if (!map.has(name)) return;
    this.replaced.push(`${what}: ${name}: ${shown(map.get(name, true))} is removed`);
    map.delete(name);
  }
}

/** @throws CallpointError CONFIG_INVALID */
function yamlOf(text: string, name: string): Document {
  // The message leaves out the excerpt, which would quote a key.
  const document = parseDocument(text, { prettyErrors: false, schema: 'failsafe' });
  const [error] = document.errors;
  if (error === undefined && isMap(document.contents)) return document;
  if (error === undefined && document.contents === null) return new Document({}, { schema: 'failsafe' });
  const why = error?.message ?? 'it is no mapping';
  throw new CallpointError('CONFIG_INVALID', `${name}: ${why}\nRun "callpoint check" on it.`);
}

function mapIn(document: Document, name: string): YAMLMap {
  const found = document.get(name);
  if (isMap(found)) return found;
  const made = document.createNode({});
  document.set(name, made);
  return made;
}

function mapsOf(document: Document, name: string): readonly YAMLMap[] {
  return mapsOfNode(document.get(name));
}

function mapsIn(map: YAMLMap, name: string): readonly YAMLMap[] {
  return mapsOfNode(map.get(name));
}

function mapsOfNode(node: unknown): readonly YAMLMap[] {
  return isSeq(node) ? node.items.filter((item): item is YAMLMap => isMap(item)) : [];
}

function itemsAt(map: YAMLMap, name: string): readonly unknown[] {
  const node = map.get(name);
  return isSeq(node) ? node.items : [];
}

function textAt(map: YAMLMap, name: string): string | undefined {
  const value = map.get(name);
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}

function shown(node: unknown): string {
  if (isScalar(node)) return String(node.value);
  return isSeq(node) ? node.items.map(shown).join(', ') : '{…}';
}
