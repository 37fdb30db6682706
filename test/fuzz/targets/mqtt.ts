import { parser } from 'mqtt-packet';
import { loadSettings } from '../../../gateway/config/load.ts';
import { BridgeMessages } from '../../../gateway/inputs/mqtt-devices/bridge-messages.ts';
import { DeviceMessages } from '../../../gateway/inputs/mqtt-devices/device-messages.ts';
import { parseJson } from '../../../gateway/inputs/mqtt-devices/payload.ts';
import type { MqttDevice } from '../../../gateway/inputs/mqtt-devices/settings.ts';
import { checkProperties } from '../../../gateway/mqtt/mqtt5/properties.ts';
import { Mqtt5Error } from '../../../gateway/mqtt/mqtt5/reasons.ts';
import { Mqtt5Session } from '../../../gateway/mqtt/mqtt5/session.ts';
import { PacketLimit } from '../../../gateway/mqtt/packet-limit.ts';
import { sightingsIn } from '../../../protocol/mqtt-profiles/sightings.ts';
import { covers, faultOfGrant, isFilter, isTopic, overlaps } from '../../../protocol/mqtt-topic-filter.ts';
import { withSite } from '../../unit/config/site-fixture.ts';
import { latin1, promise, same, sameInAnyPieces, unlessThrown, utf8 } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

const SITE = `version: 1
gateway: gw-1
site: { name: School }
buildings: [{ id: A, name: Main, floors: [{ id: "1", rooms: [{ number: "101" }] }] }]
inputs: [{ id: mqtt-1, driver: mqtt, broker: mqtts://broker.lan:8883 }]
devices:
${[
  ['shelly-gen1', 'shellies/x', ''],
  ['shelly-gen2', 'plus', ''],
  ['shelly-blu-gateway', 'blu', ', address: B43522000102'],
  ['zigbee2mqtt', 'zigbee2mqtt/room', ''],
  ['tasmota', 'tas', ''],
  ['esphome', 'desk', ''],
]
  .map(
    ([profile, topic, more], at) =>
      `  - { id: device-${at}, input: mqtt-1, profile: ${profile}, topic: ${topic}, location: A/1/101, heartbeatSeconds: 0${more},
      buttons: [{ id: button-1, kind: intruder, zone: ${101 + at}${profile === 'esphome' ? ', channel: panic' : ''} }] }`,
  )
  .join('\n')}
paths: [{ id: central, driver: dc09-tcp, host: 10.0.0.5, port: 7700, account: "1234", encrypted: false }]
`;

function devicesOfSite(): readonly MqttDevice[] {
  const { inputs } = withSite({ site: SITE, keys: 'devices: {}\n' }, loadSettings);
  return inputs.flatMap((input) => (input.driver === 'mqtt' ? input.devices : []));
}

const devices = devicesOfSite();
const messages = new DeviceMessages(devices);
const bridges = new BridgeMessages(devices);
const topics = [...messages.topics, ...bridges.topics];
const blu = {
  component: 'script:1',
  event: 'shelly-blu',
  data: { battery: 100, button: [0, 1], address: 'b4:35:22:00:01:02', window: 0 },
};

const seeds = [
  'shellies/x/input_event/0\n{"event":"S","event_cnt":2}',
  `blu/events/rpc\n${JSON.stringify({ params: { events: [blu] } })}`,
  'plus/events/rpc\n{"params":{"events":[{"component":"input:0","event":"single_push"}]}}',
  'zigbee2mqtt/room\n{"action":"double","battery":9,"linkquality":1,"contact":false}',
  'zigbee2mqtt/bridge/devices\n[{"friendly_name":"a","definition":{"exposes":[{"property":"action","values":["1_single"]}]}}]',
  'zigbee2mqtt/room/availability\n{"state":"offline"}',
  'zigbee2mqtt/bridge/state\nonline',
  'homeassistant/device_automation/x/config\n{"t":"a/b","device":{"name":"x"}}',
  'stat/tas/RESULT\n{"Button1":{"Action":"SINGLE"}}',
  'desk/binary_sensor/panic/state\nON',
  'shellies/x/sensor/state\nopen',
];
const words = [
  ...topics,
  '\n',
  '{',
  '}',
  '[',
  ']',
  '":',
  '"toString":1',
  '"valueOf":1',
  '"__proto__":',
  '"event_cnt":',
  '"window":',
  'null',
  'true',
  '1e999',
  '"',
  '\\u0000',
];

/** A topic, a line end, and what was published there by anybody who may publish. */
const device: FuzzTarget = {
  name: 'mqtt-messages',
  seeds,
  words,
  lengthMax: 65_536,
  slowMs: 100,
  run: (input) => {
    const text = utf8(input);
    const end = text.indexOf('\n');
    const topic = text.slice(0, Math.max(0, end));
    const payload = text.slice(end + 1);
    for (const sighting of sightingsIn(topic, payload)) {
      promise(
        (sighting.name?.length ?? 0) <= 120 && (sighting.state?.length ?? 0) <= 32,
        'what a stranger says is cut',
      );
    }
    parseJson(payload);
    const where = messages.topics.includes(topic)
      ? topic
      : (messages.topics[input.length % messages.topics.length] ?? '');
    for (const retained of [true, false]) {
      const said = messages.read(where, payload, retained) ?? [];
      if (!retained) continue;
      for (const { body } of said) {
        promise(body.type !== 'readings' || body.presses.length === 0, 'what a broker kept is no press');
        promise(body.type !== 'alive', 'what a broker kept is no sign of life');
      }
    }
    messages.strangers(where, payload, false);
    messages.unreadable(where, payload, false);
    for (const each of bridges.topics) bridges.read(each, payload);
  },
};

const filters: FuzzTarget = {
  name: 'mqtt-filters',
  seeds: ['a/+/b\na/x/b', '#\n$SYS/x', 'zigbee2mqtt/#\nzigbee2mqtt', 'callpoint/v1/+/cmd\na'],
  words: ['+', '#', '/', '$SYS', 'callpoint/v1', '\n', '\0', 'a'],
  lengthMax: 1_200,
  run: (input) => {
    const [one = '', other = ''] = utf8(input).split('\n');
    faultOfGrant(one, 'homeassistant');
    if (!isFilter(one) || !isFilter(other)) return;
    same(overlaps(one, other), overlaps(other, one), 'two filters overlap each other');
    promise(covers(one, one), 'a filter covers itself');
    if (covers(one, other)) promise(overlaps(one, other), 'what is covered overlaps');
    if (isTopic(other)) same(covers(one, other), overlaps(one, other), 'a topic is covered if it matches');
  },
};

/** The bytes of a client before the broker has seen them. */
const packets: FuzzTarget = {
  name: 'mqtt-packets',
  seeds: [
    Uint8Array.of(0x10, 16, 0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 2, 0, 60, 0, 0, 3, 0x61, 0x62, 0x63),
    Uint8Array.of(0x30, 9, 0, 3, 0x61, 0x2f, 0x62, 0, 0x31, 0x32, 0x33, 0xc0, 0),
    Uint8Array.of(0x82, 9, 0, 1, 0, 0, 3, 0x61, 0x2f, 0x62, 1, 0xe0, 0),
    Uint8Array.of(0x32, 14, 0, 3, 0x61, 0x2f, 0x62, 0, 5, 4, 2, 0, 0, 0, 9, 0x33),
  ],
  words: [
    '\x10',
    '\x30',
    '\x32',
    '\x82',
    '\xa2',
    '\xe0',
    '\xff\xff\xff\x7f',
    '\x80\x01',
    '\x26',
    '\x0b',
    '\x23',
    '\x11',
  ],
  slowMs: 100,
  run: (input) => {
    const { accepted } = sameInAnyPieces(input, () => {
      const limit = new PacketLimit(1_024);
      let accepted = true;
      const push = (chunk: Uint8Array) => {
        accepted = accepted && limit.accepts(chunk);
      };
      return { push, result: () => ({ accepted }) };
    });
    if (!accepted) return;
    const session = new Mqtt5Session();
    const reader = parser({ protocolVersion: 5 });
    reader.on('error', () => undefined);
    reader.on('packet', (packet) => {
      unlessThrown(Mqtt5Error, () => session.fromClient(packet, () => 'auto-1'));
      if ('properties' in packet) unlessThrown(Mqtt5Error, () => checkProperties(packet.cmd, packet.properties));
    });
    try {
      reader.parse(Buffer.from(input));
    } catch (error) {
      // The library reads past the end of some packets that are too short; the broker says so.
      promise(!(error instanceof Mqtt5Error) && !latin1(Buffer.from(String(error))).includes('gateway'), String(error));
    }
  },
};

export const mqttTargets: readonly FuzzTarget[] = [device, filters, packets];
