import { afterEach, describe, expect, test } from 'vitest';
import { MqttWire } from '../../device-sim/site/mqtt-wire.ts';
import { readSite } from '../../device-sim/site/site-file.ts';
import { loadSettings } from '../../gateway/config/load.ts';
import { PROFILE_SITES, SITE_KEYS, siteText, TOPIC_TREES } from '../simulation/mqtt-sites.ts';
import { withSite } from '../unit/config/site-fixture.ts';
import { ACCOUNTS, BRIDGE, DeviceRig, QUICK, READER } from './mqtt-devices-rig.ts';

const CLIENTS = ACCOUNTS.map((account) =>
  account === BRIDGE || account === READER ? { ...account, topics: TOPIC_TREES } : account,
);

let rig: DeviceRig;
let wire: MqttWire;
afterEach(async () => {
  wire.stop();
  await rig.close();
});

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
    rig = await DeviceRig.open({ devices }, QUICK, { clients: CLIENTS });
    wire = new MqttWire(input, { url: rig.url, login: rig.login }, 1);
    await rig.start();
    for (const { id, points } of input.devices) {
      const heard = () => rig.sink.signals.filter(({ device }) => device === id);
      const buttons = () => heard().flatMap(({ body }) => (body.type === 'readings' ? (body.buttons ?? []) : []));
      // The twin logs in by itself, and what is pressed before that is lost.
      await rig.until('a press', () => {
        if (buttons().some(({ means }) => means === 'single')) return true;
        wire.press(id, 'button-1', 'single');
        wire.release(id, 'button-1');
        return false;
      });
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
