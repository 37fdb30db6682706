import type { Random } from '../../random.ts';
import { pick, wholeBetween } from '../streams.ts';
import { chance, hexKey } from './draw.ts';
import type { SiteDraft } from './site-draft.ts';

const KINDS = ['intruder', 'hold-up', 'medical', 'fire', 'assistance'] as const;
const SPARSE = [300, 1800] as const;
const COUNT_MAX = 2;
/** Behind one bridge: more than the core reports missing one by one. */
const CROWD = 7;

/** Contacts on the Pi's own header; with a canary now and then. */
export function makeHeader(draft: SiteDraft, random: Random): void {
  const id = 'header';
  draft.inputs.push({ id, driver: 'gpio', rereadSeconds: pick(random, [300, 1800]) });
  let pin = 4;
  const next = () => `GPIO${pin++}`;
  for (let place = 0; place < wholeBetween(random, 1, COUNT_MAX); place++) {
    const zone = draft.zone();
    const wiring = chance(random, 0.5)
      ? { contact: 'endOfLine', cutPin: next() }
      : { contact: pick(random, ['normallyOpen', 'normallyClosed']) };
    draft.devices.push({
      ...{ id: `pull-${place + 1}`, input: id, zone, location: draft.location() },
      buttons: [{ id: 'button-1', kind: pick(random, KINDS), zone, pin: next(), ...wiring }],
      points: [{ id: 'door', type: 'doorContact', zone, pin: next(), contact: 'normallyClosed' }],
    });
  }
  if (chance(random, 0.4)) makeCanary(draft, id, next);
  if (chance(random, 0.5))
    draft.outputs.push({ id: 'trouble-relay', input: id, pin: next(), type: 'relay', shows: 'trouble' });
}

function makeCanary(draft: SiteDraft, input: string, next: () => string): void {
  const zone = draft.zone();
  draft.devices.push({
    ...{ id: 'canary-1', input, zone, location: draft.location() },
    buttons: [{ id: 'button-1', kind: 'assistance', zone, pin: next(), contact: 'normallyOpen' }],
  });
  draft.outputs.push({ id: 'canary-relay', input, pin: next(), type: 'relay', shows: 'canary' });
  draft.rules.canary = {
    device: 'canary-1',
    button: 'button-1',
    output: 'canary-relay',
    everyMinutes: 60,
    withinSeconds: 120,
  };
}

/** Supervised loops on a board with Firmata. */
export function makeBoard(draft: SiteDraft, random: Random): void {
  const id = 'board-1';
  draft.inputs.push({ id, driver: 'firmata', port: '/dev/serial/by-id/board' });
  for (let place = 0; place < wholeBetween(random, 1, COUNT_MAX); place++) {
    const zone = draft.zone();
    draft.devices.push({
      ...{ id: `loop-${place + 1}`, input: id, zone, location: draft.location(), heartbeatSeconds: 600 },
      buttons: [{ id: 'button-1', kind: pick(random, KINDS), zone, pin: `A${place}`, contact: 'doubleEndOfLine' }],
    });
  }
}

/** Bluetooth tags, encrypted or not. */
export function makeTags(draft: SiteDraft, random: Random): void {
  const id = 'radio-1';
  draft.inputs.push({ id, driver: 'ble', silenceSeconds: 3600 });
  for (let place = 0; place < wholeBetween(random, 1, COUNT_MAX); place++) {
    const device = `tag-${place + 1}`;
    const zone = draft.zone();
    const encrypted = chance(random, 0.6);
    if (encrypted) draft.deviceKeys[device] = hexKey(random, 16);
    draft.devices.push({
      ...{ id: device, input: id, address: `54:48:E6:8F:80:A${place}`, encrypted, zone, location: draft.location() },
      heartbeatSeconds: pick(random, [0, ...SPARSE]),
      buttons: [
        { id: 'button-1', kind: pick(random, KINDS), zone },
        { id: 'button-2', kind: 'medical', zone, longPress: 'intruder' },
      ],
      ...(chance(random, 0.5) && { points: [{ id: 'door', type: 'doorContact', zone }] }),
    });
  }
}

/** Buttons behind Zigbee2MQTT. */
export function makeZigbee(draft: SiteDraft, random: Random): void {
  const id = 'mqtt-1';
  draft.inputs.push({ id, driver: 'mqtt' });
  const client = 'zigbee2mqtt';
  draft.clients.push({ name: client, role: 'device', topics: ['zigbee2mqtt/#'] });
  draft.mqttKeys[client] = hexKey(random, 12);
  const count = chance(random, 0.7) ? CROWD : wholeBetween(random, 1, COUNT_MAX);
  for (let place = 0; place < count; place++) {
    const zone = draft.zone();
    draft.devices.push({
      ...{ id: `z-${place + 1}`, input: id, zone, location: draft.location() },
      ...{ profile: 'zigbee2mqtt', topic: `zigbee2mqtt/room-${place + 1}` },
      buttons: [{ id: 'button-1', kind: pick(random, KINDS), zone }],
    });
  }
}
