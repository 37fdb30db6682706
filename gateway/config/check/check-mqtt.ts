import { faultOfGrant } from '../../../protocol/mqtt-topic-filter.ts';
import { addressKind, isBrokenAddress } from '../fields/address.ts';
import { checkExternalBroker, RESERVED_CLIENT, splitHostPort } from '../fields/broker-address.ts';
import { Unique } from '../fields/unique.ts';
import type { View } from '../read/view.ts';

/** Checks the broker: nothing beyond loopback without TLS. */
export function checkMqtt(mqtt: View): void {
  const names = new Unique('give each client a name of its own');
  for (const client of mqtt.list('clients')) {
    names.add(client, 'name', client.text('name'), `client ${client.text('name')}`);
    checkClient(client, homeAssistantPrefix(mqtt));
  }
  const broker = mqtt.has('broker') ? mqtt.text('broker') : 'embedded';
  if (broker === 'embedded') checkListener(mqtt);
  else if (broker !== undefined) {
    checkExternalBroker(mqtt, broker);
    if (mqtt.list('clients').length > 0) {
      mqtt.warn(
        'clients',
        "these clients are the embedded broker's; an external one does not know them",
        'remove them, or make them accounts there',
      );
    }
  }
}

/** The prefix under which the gateway announces its devices to Home Assistant, if it does. */
function homeAssistantPrefix(mqtt: View): string | undefined {
  return mqtt.flag('homeAssistant') === true ? 'homeassistant' : mqtt.text('homeAssistant');
}

function checkClient(client: View, homeAssistant: string | undefined): void {
  const name = client.text('name') ?? 'this client';
  if (name === RESERVED_CLIENT)
    client.wrong('name', `${name} is the gateway's own account`, 'give the client another name');
  const role = client.has('role') ? client.text('role') : 'viewer';
  if (role === 'device' && !client.has('topics')) {
    client.wrong('role', `${name} is a device and has no topics to publish to`, 'write topics: ["zigbee2mqtt/#"]');
  } else if (role !== undefined && role !== 'device' && client.has('topics')) {
    client.wrongName('topics', `only a device has topics, and ${name} is ${role}`, 'write role: device, or remove it');
  }
  const topics = client.items('topics');
  for (const place of topics.keys()) {
    const filter = topics.text(place);
    // A client that may publish there could tell staff displays that all is well.
    const fault = filter === undefined ? undefined : faultOfGrant(filter, homeAssistant);
    if (fault !== undefined) topics.wrong(place, fault, "write the devices' own tree, such as zigbee2mqtt/#");
  }
}

function checkListener(mqtt: View): void {
  const listen = mqtt.text('listen');
  if (listen === undefined) return;
  const { host, port } = splitHostPort(listen);
  if (port > 65_535) mqtt.wrong('listen', `port ${port} does not exist`, 'write a port from 1 to 65535, such as 8883');
  if (isBrokenAddress(host)) {
    mqtt.wrong('listen', `${host} is not an address`, 'write four numbers from 0 to 255, such as 127.0.0.1:1883');
  } else if (addressKind(host) !== 'loopback' && !mqtt.has('tls')) {
    const hint = 'write 127.0.0.1:1883, or add tls: { certificate: cert.pem, key: key.pem }';
    mqtt.wrong('listen', `the broker would listen at ${host}, beyond this machine, without TLS`, hint);
  }
}
