import { afterEach, describe, expect, test } from 'vitest';
import { MqttWire } from '../../device-sim/site/mqtt-wire.ts';
import { readSite } from '../../device-sim/site/site-file.ts';
import { loadSettings } from '../../gateway/config/load.ts';
import { PROFILE_SITES, SITE_KEYS, siteText, TOPIC_TREES } from '../simulation/mqtt-sites.ts';
import { withSite } from '../unit/config/site-fixture.ts';
import { ACCOUNTS, BRIDGE, DeviceRig, QUICK, READER } from './mqtt-devices-rig.ts';

const TASMOTA = ['tele/#', 'stat/#'];
/** Each device has a client of its own, as the pages say. A Tasmota publishes in two trees. */
const DEVICE_CLIENTS = [TASMOTA, ...TOPIC_TREES.filter((tree) => !TASMOTA.includes(tree)).map((tree) => [tree])].map(
  (topics, at) => ({ name: `device-${at}`, password: `device-Pa55-${at}`, role: 'device' as const, topics }),
);
const READERS = ACCOUNTS.filter((account) => account !== BRIDGE).map((account) =>
  account === READER ? { ...account, topics: TOPIC_TREES } : account,
);

let rig: DeviceRig;
let wire: MqttWire;
afterEach(async () => {
  wire.stop();
  await rig.close();
});

function isPressed(device: string): boolean {
  try {
    wire.press(device, 'button-1', 'single');
    return true;
  } catch (error) {
    expect(String(error)).toContain(`${device} has no connection to the broker`);
    return false;
  }
}

describe.each(Object.entries(PROFILE_SITES))('devices of profile %s, at a real broker', (_, profile) => {
  test('are pressed, move doors, and have bad habits', async () => {
    const { devices, input } = withSite({ site: siteText(profile), keys: SITE_KEYS }, (file, directory) => {
      const { inputs } = loadSettings(file, `${directory}/data`);
      return {
        devices: inputs.flatMap((each) => (each.driver === 'mqtt' ? each.devices : [])),
        input: readSite(file, 1).inputs.find(({ driver }) => driver === 'mqtt'),
      };
    });
    if (input === undefined) throw new Error('no input');
    rig = await DeviceRig.open({ devices }, QUICK, { clients: [...READERS, ...DEVICE_CLIENTS] });
    const clients = DEVICE_CLIENTS.map(({ name, password, topics }) => ({ username: name, password, topics }));
    wire = new MqttWire(input, { url: rig.url, clients }, 1);
    await rig.start();
    for (const { id, points } of input.devices) {
      const heard = () => rig.sink.signals.filter(({ device }) => device === id);
      const buttons = () => heard().flatMap(({ body }) => (body.type === 'readings' ? (body.buttons ?? []) : []));
      // The twin logs in by itself. A press before that is refused, as nobody would hear it.
      await rig.until('a press that is published', () => isPressed(id));
      wire.release(id, 'button-1');
      await rig.until('a press', () => buttons().some(({ means }) => means === 'single'));
      if (points.length > 0) {
        const doors = () => heard().flatMap(({ body }) => (body.type === 'readings' ? body.points : []));
        wire.setPoint(id, 'doorContact', true);
        await rig.until('an open door', () => doors().some(({ active }) => active));
        wire.setPoint(id, 'doorContact', false);
        await rig.until('a closed door', () => doors().at(-1)?.active === false);
      }
      wire.behave('unknownWord');
      wire.press(id, 'button-1', 'single');
      await rig.until('a word that nothing names', () => buttons().some(({ means }) => means === 'notUnderstood'));
      wire.behave('normal');
    }
    expect(() => wire.behave('dance')).toThrow(/duplicates/);
  });
});
