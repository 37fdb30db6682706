import type { MqttClient } from '../../mqtt/settings.ts';
import { RESERVED_CLIENT } from '../fields/broker-address.ts';
import type { GatewaySettings, InputSettings } from '../settings.ts';

/**
 * The settings with another password for the account through which the gateway's own inputs read
 * the embedded broker.
 */
export function inputsPasswordIn(settings: GatewaySettings, password: string): GatewaySettings {
  const { inputs, mqtt } = settings;
  const { broker } = mqtt;
  if (broker.type !== 'embedded') return settings;
  const account = broker.clients.find(({ name }) => name === RESERVED_CLIENT);
  if (account === undefined) return settings;
  // At another broker an input may have a user of this name, with a password of its own.
  const isOfAccount = (each: InputSettings) =>
    each.driver === 'mqtt' && each.username === account.name && each.password === account.password;
  const client = (each: MqttClient): MqttClient => (each === account ? { ...each, password } : each);
  return {
    ...settings,
    inputs: inputs.map((each): InputSettings => (isOfAccount(each) ? { ...each, password } : each) as InputSettings),
    mqtt: { ...mqtt, broker: { ...broker, clients: broker.clients.map(client) } },
  };
}
