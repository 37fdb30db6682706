import type { MqttDevice } from '../../inputs/mqtt-devices/settings.ts';
import type { EmbeddedBroker, ExternalBroker, MqttClient, MqttSettings } from '../../mqtt/settings.ts';
import type { BrokerAccess } from '../fields/broker-access.ts';
import { RESERVED_CLIENT, splitHostPort } from '../fields/broker-address.ts';
import { required } from '../fields/values.ts';
import type { Keys } from '../keys/keys-file.ts';
import type { PemFiles } from '../read/pem-files.ts';
import type { SiteFile } from '../schema/site-schema.ts';
import type { InputSettings } from '../settings.ts';

/** The secrets and certificates of `mqtt:`. */
interface MqttSources {
  readonly keys: Keys;
  readonly pem: PemFiles;
  /**
   * The secret of the account through which this gateway's own inputs read the embedded broker. It
   * is new at each start, the same at each reload, and written nowhere.
   */
  readonly inputsPassword: string;
}

export function mqttSettings(file: SiteFile, inputs: readonly InputSettings[], sources: MqttSources): MqttSettings {
  const { gateway, mqtt } = file;
  const broker =
    mqtt.broker === 'embedded' ? embedded(mqtt, inputRights(file, inputs), sources) : external(mqtt, sources);
  const prefix = mqtt.homeAssistant === true ? 'homeassistant' : mqtt.homeAssistant;
  return prefix === false ? { gateway, broker } : { gateway, broker, homeAssistantPrefix: prefix };
}

/** How an input reads the broker of `mqtt:`. */
export function accessForInputs({ mqtt }: SiteFile, sources: MqttSources): BrokerAccess {
  if (mqtt.broker !== 'embedded') {
    const { url, username, password, ca } = external(mqtt, sources);
    return {
      url,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...(ca === undefined ? {} : { ca }),
    };
  }
  const { host, port } = splitHostPort(mqtt.listen);
  const { tls } = sources.pem;
  return {
    url: `${tls === undefined ? 'mqtt' : 'mqtts'}://${reachable(host)}:${port}`,
    username: RESERVED_CLIENT,
    password: sources.inputsPassword,
    ...(tls === undefined ? {} : { ca: tls.certificate }),
  };
}

type InputRights = Required<Pick<MqttClient, 'topics' | 'publishes'>>;

/**
 * What this gateway's own inputs read and publish at the broker of `mqtt:`. `undefined`: no input
 * uses it.
 */
function inputRights(file: SiteFile, inputs: readonly InputSettings[]): InputRights | undefined {
  const elsewhere = file.inputs.filter((input) => input.driver === 'mqtt' && input.broker !== undefined);
  const here = inputs.filter(({ id }) => elsewhere.every((input) => input.id !== id));
  const reading = here.filter((input) => input.driver === 'mqtt');
  if (reading.length === 0) return undefined;
  const outputs = reading.flatMap((input) => input.outputs);
  const availabilities = outputs.flatMap(({ availability }) => availability?.topic ?? []);
  const topics = [...reading.flatMap((input) => input.devices).flatMap(topicsOf), ...availabilities];
  return { topics: [...new Set(topics)], publishes: [...new Set(outputs.map(({ topic }) => topic))] };
}

function topicsOf({ buttons, points, availability = [], bridge, battery, lastSeen }: MqttDevice): readonly string[] {
  const sources = [...buttons, ...points, ...availability, bridge, battery, lastSeen];
  return sources.flatMap((source) => source?.topic ?? []);
}

/** A listener at every address listens at loopback as well. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (/^[0:]+$/.test(host)) return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

function embedded(
  mqtt: SiteFile['mqtt'],
  rights: InputRights | undefined,
  { keys, pem, inputsPassword }: MqttSources,
): EmbeddedBroker {
  const clients = mqtt.clients.map(({ name, role, topics }): MqttClient => {
    const password = required(keys.mqtt.get(name), `password of ${name}`);
    return { name, role, password, ...(topics === undefined ? {} : { topics }) };
  });
  if (rights !== undefined) {
    clients.push({ name: RESERVED_CLIENT, role: 'reader', ...rights, password: inputsPassword });
  }
  const tls = pem.tls === undefined ? {} : { tls: pem.tls };
  return { type: 'embedded', ...splitHostPort(mqtt.listen), clients, ...tls };
}

function external(mqtt: SiteFile['mqtt'], { keys, pem: { ca } }: MqttSources): ExternalBroker {
  const { username } = mqtt;
  const login =
    username === undefined ? {} : { username, password: required(keys.mqtt.get(username), 'broker password') };
  return { type: 'external', url: mqtt.broker, ...login, ...(ca === undefined ? {} : { ca }) };
}
