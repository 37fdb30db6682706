import type { View } from '../read/view.ts';

/**
 * Warns where nothing tells a repeated message from a second press, and where a device is known to
 * repeat what it says.
 */
export function checkRepeats(devices: readonly View[]): void {
  for (const device of devices) {
    for (const button of device.list('buttons')) checkButton(button, button.text('topic') ?? device.text('topic'));
    checkBridge(device);
  }
}

interface Habit {
  readonly topic: RegExp;
  /** True if the button is written as the device needs it. */
  isMet(button: View): boolean;
  readonly message: string;
  readonly hint: string;
}

const HABITS: readonly Habit[] = [
  {
    topic: /^shellies\/.+\/input_event\/\d+$/,
    isMet: (button) => button.has('counter'),
    message: 'a Shelly publishes its last event again every 30 s, and each would be an alert',
    hint: 'write counter: event_cnt, or use profile: shelly-gen1',
  },
  {
    topic: /\/events\/rpc$/,
    isMet: (button) => button.has('counter'),
    message: 'a Shelly numbers its events, and nothing reads the number: an event that comes twice may be two alerts',
    hint: 'write counter: ts (for a BLU tag data.pid), or use profile: shelly-gen2 or shelly-blu-gateway',
  },
  {
    topic: /\/binary_sensor\/[^/]+\/state$/,
    isMet: (button) => button.text('carries') === 'state' || button.has('counter'),
    message: 'ESPHome publishes the state again at each connection, and each would be an alert',
    hint: 'write carries: state, or use profile: esphome',
  },
];

/** A device says such a word each time. As a state it would never change. */
const EVENT_WORD = /^(?:toggle|single|double|triple|many|hold|long|press|click|push|emergency|panic|sos)$/i;

function checkState(button: View): void {
  const word = button
    .child('press')
    .keys()
    .find((each) => EVENT_WORD.test(each));
  if (word === undefined) return;
  const message = `${word} is no state but an event: with carries: state, only the first one would be a press`;
  button.warn('carries', message, 'write carries: events, or under press: the state of the pressed button');
}

function checkButton(button: View, topic: string | undefined): void {
  if (button.text('carries') === 'state') checkState(button);
  if (button.has('counter') && button.text('carries') === 'state') {
    const message = 'counter means nothing with carries: state, of which only a change is a press';
    button.wrongName('counter', message, 'remove counter:, or write carries: events');
    return;
  }
  const habit = topic === undefined ? undefined : HABITS.find((each) => each.topic.test(topic));
  if (habit?.isMet(button) === false) {
    button.warn('id', habit.message, habit.hint);
    return;
  }
  if (button.number('quietSeconds') !== 0 || button.has('counter') || button.text('carries') === 'state') return;
  const message = `nothing tells a repeated message from a second press of ${button.text('id')}`;
  button.warn('quietSeconds', message, 'write counter: with a member that numbers the events, or quietSeconds: 3');
}

/** Zigbee2MQTT leaves its devices' availability as it last was when it dies. */
function checkBridge(device: View): void {
  const topics = [device, ...device.list('buttons'), ...device.list('points')].map((view) => view.text('topic'));
  const topic = topics.find((each) => each?.startsWith('zigbee2mqtt/') === true);
  if (topic === undefined || device.has('bridge') || device.has('profile')) return;
  const hint = 'write bridge: { topic: zigbee2mqtt/bridge/state, path: state }, or use profile: zigbee2mqtt';
  device.warn('id', `nobody notices when the bridge of ${device.text('id')} is down`, hint);
}
