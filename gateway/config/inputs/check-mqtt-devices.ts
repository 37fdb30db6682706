import { overlaps } from '../../../protocol/mqtt-topic-filter.ts';
import { addressKind } from '../fields/address.ts';
import { checkExternalBroker, splitHostPort } from '../fields/broker-address.ts';
import { GATEWAY_TOPICS } from '../fields/topics.ts';
import { Unique } from '../fields/unique.ts';
import { listed } from '../fields/values.ts';
import { withoutKeys } from '../read/mistake.ts';
import type { View } from '../read/view.ts';
import { RELEASE_WORDS } from './mqtt-fields.ts';

export function checkBroker(input: View, local: View): void {
  const broker = input.text('broker');
  if (broker !== undefined) {
    checkExternalBroker(input, broker);
    return;
  }
  if (input.has('broker')) return;
  for (const key of ['username', 'ca']) {
    if (input.has(key))
      input.wrongName(key, `${key} belongs to a broker of the devices' own`, 'write broker: mqtts://…, or remove it');
  }
  if (isEmbedded(local) && /:0+$/.test(local.text('listen') ?? ''))
    input.wrong('id', `${input.text('id')} can't find a broker that listens at port 0`, 'write listen: 127.0.0.1:1883');
}

/**
 * Zigbee2MQTT usually runs beside the gateway. A device of any other profile is on the network
 * itself, where a listener at loopback cannot be reached.
 */
export function checkReach(input: View, devices: readonly View[], local: View): void {
  const listen = local.text('listen') ?? '127.0.0.1:1883';
  if (!isEmbedded(local) || addressKind(splitHostPort(listen).host) !== 'loopback') return;
  const barred = devices.filter((device) => device.has('profile') && device.text('profile') !== 'zigbee2mqtt');
  if (barred.length === 0) return;
  const names = listed(barred.map((device) => device.text('id') ?? '?'));
  const message = `${names} can't reach the broker, which listens at ${listen} for programs of this machine only`;
  const hint =
    'write under mqtt: listen: 0.0.0.0:8883 and tls: { certificate: cert.pem, key: key.pem }, ' +
    'or at this input broker: mqtts://… of a broker that they can reach';
  input.warn('id', message, hint);
}

function isEmbedded(local: View): boolean {
  return !local.has('broker') || local.text('broker') === 'embedded';
}

interface Source {
  readonly view: View;
  readonly what: string;
}

/** What may stand on a topic of its own, or on the device's. */
function sourcesOf(device: View): Source[] {
  return [
    ...device.list('buttons').map((view) => ({ view, what: `button ${view.text('id')}` })),
    ...device.list('points').map((view) => ({ view, what: `point ${view.text('id')}` })),
    ...['battery', 'lastSeen'].flatMap((key) => (device.has(key) ? [{ view: device.child(key), what: key }] : [])),
  ];
}

/** One, or several in a list. */
export function availabilitiesOf(device: View): readonly View[] {
  return device.isMapping('availability') ? [device.child('availability')] : device.list('availability');
}

function checkNotOwn(view: View): void {
  if (!overlaps(view.text('topic') ?? '', GATEWAY_TOPICS)) return;
  const message = `the gateway says what stands under ${GATEWAY_TOPICS} itself`;
  view.wrong('topic', message, "write the device's own topic, such as zigbee2mqtt/room-201");
}

export function checkTopics(device: View): void {
  const sources = sourcesOf(device);
  const views = [device, ...availabilitiesOf(device), device.child('bridge'), ...sources.map((each) => each.view)];
  for (const view of views) checkNotOwn(view);
  const lost = sources.find(({ view }) => !view.has('topic'));
  if (device.has('topic') || lost === undefined) return;
  const message = `topic is missing: ${device.text('id')} has none for its ${lost.what}`;
  device.wrong('id', message, 'write topic: followed by the topic of its messages, such as zigbee2mqtt/room-201');
}

export function checkWords(device: View): void {
  const reports = [...availabilitiesOf(device), ...(device.isMapping('bridge') ? [device.child('bridge')] : [])];
  for (const [view, one, other] of [
    ...device.list('points').map((point) => [point, 'active', 'normal'] as const),
    ...reports.map((report) => [report, 'online', 'offline'] as const),
  ]) {
    const both = saidBy(view, one).find((said) => saidBy(view, other).includes(said));
    if (both !== undefined)
      view.wrong(other, `${one} and ${other} are the same text`, `write what the device says when it is ${other}`);
  }
}

export function saidBy(view: View, key: string): string[] {
  const items = view.items(key);
  const said = [wordAt(view, key), ...items.keys().map((place) => wordAt(items, place))];
  return said.filter((text) => text !== undefined);
}

function wordAt(view: View, key: string): string | undefined {
  return view.text(key) ?? view.flag(key)?.toString();
}

/**
 * What the devices at the embedded broker may publish and read; `undefined`: the broker is external
 * and has its own rules.
 */
function deviceFilters(local: View): readonly string[] | undefined {
  if (!isEmbedded(local)) return undefined;
  return local.list('clients').flatMap((client) => {
    const topics = client.items('topics');
    return client.text('role') === 'device' ? topics.keys().map((place) => topics.text(place) ?? '') : [];
  });
}

/**
 * The embedded broker must know the client that publishes the device's messages. The gateway
 * publishes an output's messages itself.
 */
export function checkPublishers(device: View, outputs: readonly View[], local: View): void {
  const filters = deviceFilters(local);
  if (filters === undefined) return;
  const own = outputs.map((output) => output.text('topic'));
  const sources = [...sourcesOf(device).map((each) => each.view), ...availabilitiesOf(device), device.child('bridge')];
  const views = [device, ...sources].filter((view) => view.has('topic') && !own.includes(view.text('topic')));
  const topicOf = (view: View): string => view.text('topic') ?? '';
  const barred = views.filter((view) => !filters.some((filter) => overlaps(filter, topicOf(view))));
  const [first] = barred;
  if (first === undefined) return;
  const topics = barred.map(topicOf);
  // A device logs in once: what it says on several topics belongs to one client.
  const isKnown = barred.length < views.length;
  const hint = isKnown ? `add ${filtersFor(topics)} to the topics: of its client` : clientHint(topics);
  first.warn('topic', `no client of the broker may publish to ${topicOf(first)}`, hint);
}

/**
 * Some client must read what switches the output: a client of the embedded broker, or a device of
 * this input, for a canary.
 */
export function checkListeners(output: View, devices: readonly View[], local: View): void {
  const filters = deviceFilters(local);
  const topic = output.text('topic');
  if (topic === undefined || filters?.some((filter) => overlaps(filter, topic)) !== false) return;
  if (buttonAt(topic, devices) === undefined)
    output.warn('topic', `no client of the broker may read ${topic}`, clientHint([topic]));
}

function clientHint(topics: readonly string[]): string {
  const [first = ''] = topics.map(treeOf);
  return `add under mqtt: clients: - { name: ${nameFrom(first.split('/').at(-1) ?? '')}, role: device, topics: [${filtersFor(topics)}] }`;
}

function filtersFor(topics: readonly string[]): string {
  return [...new Set(topics.map(treeOf))].map((tree) => `"${tree}/#"`).join(', ');
}

/** Below these each device has a tree of its own, and must not press the buttons of the others. */
const SHARED_LEVELS = ['shellies', 'stat', 'tele', 'cmnd'];

function treeOf(topic: string): string {
  const [first = '', second] = withoutKeys(topic).split('/');
  return second !== undefined && SHARED_LEVELS.includes(first) ? `${first}/${second}` : first;
}

export function checkOutputs(outputs: readonly View[], devices: readonly View[]): void {
  const topics = new Unique('two outputs would switch each other; give each its own');
  for (const output of outputs) {
    checkNotOwn(output);
    checkNotOwn(output.child('availability'));
    const topic = output.text('topic');
    topics.add(output, 'topic', topic, 'this topic');
    const on = wordAt(output, 'on');
    if (on !== undefined && on === wordAt(output, 'off'))
      output.wrong('off', 'on and off are the same text', 'write what switches it off');
    const button = topic === undefined ? undefined : buttonAt(topic, devices);
    if (button !== undefined && output.text('shows') === 'canary') checkCanaryEnds(output, topic, devices);
    if (button === undefined || output.text('shows') === 'canary') continue;
    const hint = 'name another topic; only an output that shows: canary may press a button';
    output.wrong('topic', `${button} listens there: switching ${output.text('id')} would press it`, hint);
  }
}

/** What ends the canary's press is sent to the button as well. */
function checkCanaryEnds(output: View, topic: string | undefined, devices: readonly View[]): void {
  const off = wordAt(output, 'off');
  const buttons = devices.flatMap((device) =>
    device.list('buttons').filter((button) => (button.text('topic') ?? device.text('topic')) === topic),
  );
  const said = buttons.flatMap((button) => {
    const release = button.has('release') ? saidBy(button, 'release') : RELEASE_WORDS;
    return [...release, ...button.child('press').keys()];
  });
  // Of a JSON payload the button reads one member, and this is not the place to say which.
  if (off === undefined || said.includes(off) || off.startsWith('{')) return;
  const message = `each canary ends with "${off}", which its button would report as a press not understood`;
  output.warn('off', message, `write release: "${off}" at the button, or off: release`);
}

function buttonAt(topic: string, devices: readonly View[]): string | undefined {
  const speaking = devices.find((device) =>
    device.list('buttons').some((button) => (button.text('topic') ?? device.text('topic')) === topic),
  );
  return speaking?.text('id');
}

function nameFrom(level: string): string {
  const name = level.toLowerCase().replaceAll(/[^a-z0-9-]/g, '');
  return /^[a-z0-9]/.test(name) ? name.slice(0, 32) : 'devices';
}
