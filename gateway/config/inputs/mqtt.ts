import type * as z from 'zod';
import { withProfile } from '../../../protocol/mqtt-profiles/with-profile.ts';
import type {
  MqttButton,
  MqttDevice,
  MqttDevicesSettings,
  MqttOutput,
  MqttSource,
} from '../../inputs/mqtt-devices/settings.ts';
import type { BrokerAccess } from '../fields/broker-access.ts';
import { listed, required } from '../fields/values.ts';
import {
  checkBroker,
  checkListeners,
  checkOutputs,
  checkPublishers,
  checkReach,
  checkTopics,
  checkWords,
} from './check-mqtt-devices.ts';
import { checkProfile } from './check-mqtt-profile.ts';
import { checkRepeats } from './check-mqtt-repeats.ts';
import { checkSelection } from './check-mqtt-selection.ts';
import { explainDevice } from './explain-mqtt.ts';
import type { InputConfig, InputSources } from './input-config.ts';
import { device, input, output, own } from './mqtt-fields.ts';

type WrittenSource = Pick<Device['buttons'][number], 'topic' | 'each' | 'path' | 'when'>;
type Device = z.output<typeof device>;
type Output = z.output<typeof output>;

export const mqtt: InputConfig<z.output<typeof input>, Device, Output, MqttDevicesSettings> = {
  input,
  device,
  own,
  resolve: withProfile,
  explain: explainDevice,
  output,
  check(view, { devices: written, outputs }, site) {
    checkBroker(view, site.mqtt);
    for (const each of written) checkProfile(each);
    const devices = written.map((each) => each.resolved(withProfile));
    checkSelection(devices);
    checkRepeats(devices);
    checkOutputs(outputs, devices);
    for (const each of devices) {
      checkTopics(each);
      checkWords(each);
      if (!view.has('broker')) checkPublishers(each, outputs, site.mqtt);
    }
    if (!view.has('broker')) {
      checkReach(view, written, site.mqtt);
      for (const each of outputs) checkListeners(each, devices, site.mqtt);
    }
    const unwatched = devices.filter((each) => !each.has('availability') && !each.has('heartbeatSeconds'));
    if (unwatched.length > 0) {
      const names = listed(unwatched.map((each) => each.text('id') ?? '?'));
      const hint = 'write availability: { topic: … } or heartbeatSeconds: 3600; or heartbeatSeconds: 0 to accept it';
      view.warn('id', `nobody notices when ${names} can't be reached`, hint);
    }
  },
  hasKey: () => false,
  traits: (_, { heartbeatSeconds, availability, bridge, profile }) => ({
    heartbeatSeconds: heartbeatSeconds ?? 0,
    watched: availability.length > 0,
    ...(availability.length > 1 && { availabilities: availability.length }),
    ...(bridge && { bridge: bridge.topic }),
    // The gateway passes on what the tag says: hold first, and what it was afterwards.
    ...(profile === 'shelly-blu-gateway' && { saysHowHoldEnds: true }),
  }),
  settings: (written, devices, outputs, sources) => ({
    driver: written.driver,
    id: written.id,
    ...brokerOf(written, sources),
    devices: devices.map(mqttDevice),
    outputs: outputs.map(mqttOutput),
  }),
};

function brokerOf(
  { id, broker, username }: z.output<typeof input>,
  { keys, pem, broker: usual }: InputSources,
): BrokerAccess {
  if (broker === undefined) return usual;
  const ca = pem.inputCas.get(id);
  const password = username === undefined ? undefined : required(keys.mqtt.get(username), `password of ${username}`);
  return {
    url: broker,
    ...(username === undefined || password === undefined ? {} : { username, password }),
    ...(ca === undefined ? {} : { ca }),
  };
}

function mqttDevice({
  id,
  topic: usual,
  buttons,
  points,
  availability,
  bridge,
  battery,
  lastSeen,
}: Device): MqttDevice {
  const from = ({ topic, each, path, when }: WrittenSource): MqttSource => {
    const whole = required(topic ?? usual, `topic of device ${id}`);
    return { topic: whole, path, when, ...(each === undefined ? {} : { each }) };
  };
  return {
    device: id,
    buttons: buttons.map((button) => mqttButton(button, from(button))),
    points: points.map((point) => {
      return { number: point.number, ...from(point), active: point.active, normal: point.normal };
    }),
    availability,
    ...(bridge === undefined ? {} : { bridge }),
    ...(battery === undefined
      ? {}
      : { battery: { ...from(battery), lowPercent: battery.lowPercent, low: battery.low, normal: battery.normal } }),
    ...(lastSeen === undefined ? {} : { lastSeen: from(lastSeen) }),
  };
}

function mqttButton(
  { number, press, release, carries, counter, quietSeconds }: Device['buttons'][number],
  from: MqttSource,
): MqttButton {
  const repeats = { repeatsWithinMs: quietSeconds * 1000, ...(counter === undefined ? {} : { counter }) };
  return { number, ...from, press, release, carries, ...repeats };
}

function mqttOutput({ id, topic, on, off, availability }: Output): MqttOutput {
  return { id, topic, on, off, ...(availability === undefined ? {} : { availability }) };
}
