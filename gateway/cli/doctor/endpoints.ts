import { RESERVED_CLIENT } from '../../config/fields/broker-address.ts';
import type { GatewaySettings, InputSettings, PathSettings } from '../../config/settings.ts';

/** What a site's links use: the ports of this machine, and the hosts behind the network. */
export interface Endpoints {
  readonly serialPorts: readonly { readonly of: string; readonly port: string }[];
  /** Chips as configured; absent: the one that the driver finds. */
  readonly gpioChips: readonly GpioEndpoint[];
  readonly radios: readonly { readonly of: string; readonly name: string }[];
  readonly hosts: readonly HostEndpoint[];
}

export interface GpioEndpoint {
  readonly of: string;
  readonly chip?: string;
  /** Lines of contacts and outputs. */
  readonly pins: readonly string[];
}

export interface HostEndpoint {
  readonly of: string;
  readonly host: string;
  /** Absent: no TCP; only the name can be looked up. */
  readonly port?: number;
  readonly localAddress?: string;
}

export function endpointsOf({ inputs, paths, mqtt }: GatewaySettings): Endpoints {
  const inputParts = inputs.map((input) => ofInput(`input ${input.id}`, input));
  const pathParts = paths.map((path) => ofPath(`path ${path.id}`, path));
  const { broker } = mqtt;
  const external = broker.type === 'external' ? [{ hosts: [atUrl('MQTT broker', broker.url)] }] : [];
  const parts: Partial<Endpoints>[] = [...inputParts, ...pathParts, ...external];
  return {
    serialPorts: parts.flatMap(({ serialPorts = [] }) => serialPorts),
    gpioChips: parts.flatMap(({ gpioChips = [] }) => gpioChips),
    radios: parts.flatMap(({ radios = [] }) => radios),
    hosts: parts.flatMap(({ hosts = [] }) => hosts),
  };
}

function ofInput(of: string, input: InputSettings): Partial<Endpoints> {
  switch (input.driver) {
    case 'button-bus':
    case 'firmata':
    case 'modbus':
      return { serialPorts: [{ of, port: input.port }] };
    case 'gpio':
      return { gpioChips: [{ of, ...(input.chip === undefined ? {} : { chip: input.chip }), pins: pinsOf(input) }] };
    case 'ble':
      return {
        serialPorts: input.adapters.flatMap(({ name }) => (name.startsWith('/') ? [{ of, port: name }] : [])),
        radios: input.adapters.flatMap(({ name }) => (name.startsWith('/') ? [] : [{ of, name }])),
      };
    case 'mqtt':
      // The broker in the gateway answers only while the gateway runs.
      return input.username === RESERVED_CLIENT ? {} : { hosts: [atUrl(of, input.url)] };
  }
}

function pinsOf({ contacts, outputs }: Extract<InputSettings, { driver: 'gpio' }>): string[] {
  const cut = contacts.flatMap(({ cutPin }) => cutPin ?? []);
  return [...contacts.map(({ pin }) => pin), ...cut, ...outputs.map(({ pin }) => pin)];
}

function ofPath(of: string, path: PathSettings): Partial<Endpoints> {
  switch (path.driver) {
    case 'dc09-tcp':
    case 'sip': {
      const { host, port, localAddress } = path;
      return { hosts: [{ of, host, port, ...(localAddress === undefined ? {} : { localAddress }) }] };
    }
    case 'dc09-udp':
      return { hosts: [{ of, host: path.host }] };
    case 'snpp':
      return { hosts: [{ of, host: path.host, port: path.port }] };
    case 'cap':
    case 'webhook': {
      const { url, proxy } = path.endpoint;
      return { hosts: [proxy === undefined ? atUrl(of, url) : atUrl(`${of} (its proxy)`, proxy.url)] };
    }
    case 'tap':
      if (path.line.type === 'serial') return { serialPorts: [{ of, port: path.line.port }] };
      return { hosts: [{ of, host: path.line.host, port: path.line.port }] };
    case 'radio':
      if ('host' in path.tnc) return { hosts: [{ of, host: path.tnc.host, port: path.tnc.port }] };
      return { serialPorts: [{ of, port: path.tnc.port }] };
    case 'sms':
      return { serialPorts: [{ of, port: path.port }] };
  }
}

const USUAL_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80, 'mqtt:': 1883, 'mqtts:': 8883 };

function atUrl(of: string, url: string): HostEndpoint {
  const { protocol, hostname, port } = new URL(url);
  const number = port === '' ? USUAL_PORTS[protocol] : Number(port);
  // An IPv6 address stands in brackets there.
  return { of, host: hostname.replace(/^\[|\]$/g, ''), ...(number === undefined ? {} : { port: number }) };
}
