import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MqttClient as Account } from '../../gateway/mqtt/settings.ts';
import { alert, device, path } from '../unit/mqtt/documents.ts';
import { embedded, OPERATOR, ROOT, VIEWER, World } from './mqtt-harness.ts';

const ZIGBEE: Account = { name: 'zigbee', password: 'Zigbee-Pa55', role: 'device', topics: ['zigbee2mqtt/#'] };
const SECRET = 'the network key of a bridge';

describe('a viewer that subscribes to more than it may read', () => {
  const world = new World(embedded({ clients: [VIEWER, OPERATOR, ZIGBEE] }, 'homeassistant'));

  beforeAll(async () => {
    await world.up();
    world.link.publish(path('cms', 'up'));
    const bridge = await world.client(ZIGBEE);
    await bridge.publish('zigbee2mqtt/bridge/info', SECRET, true);
  });
  afterAll(() => world.stop());

  test.each(['#', 'callpoint/#', 'callpoint/v1/#', '+/+/+/#', '+/v1/+/#', 'callpoint/v1/+/link/#'])(
    '%s: gets what is retained and what comes, of its own part alone',
    async (filter) => {
      const viewer = await world.client(VIEWER);
      expect(await viewer.subscribe(filter)).toBe(1);
      await viewer.until(() => viewer.on(`${ROOT}/link/cms/status`).some(({ retain }) => retain));

      const bridge = await world.client(ZIGBEE);
      expect(await bridge.publish('zigbee2mqtt/button-1', SECRET)).toBe(true);
      const operator = await world.client(OPERATOR);
      const command = JSON.stringify({ alert: 'a.1.1', reason: 'police on site' });
      expect(await operator.publish(`${ROOT}/cmd/resolve`, command)).toBe(true);
      // Comes after all of that.
      world.link.publish(path('cms', 'down'));
      await viewer.until(() => viewer.on(`${ROOT}/link/cms/status`).some(({ text }) => text.includes('"down"')));

      const own = ({ topic }: { topic: string }) => /^(callpoint\/v1\/school|homeassistant)\//.test(topic);
      expect(viewer.heard.filter((message) => !own(message))).toEqual([]);
      expect(viewer.heard.some(({ text }) => text.includes(SECRET) || text.includes('police'))).toBe(false);
      world.link.publish(path('cms', 'up'));
    },
  );

  test('an operator reads no device’s topics and no command either', async () => {
    const operator = await world.client(OPERATOR);
    expect([await operator.subscribe('#'), await operator.subscribe('$SYS/#')]).toEqual([1, 1]);
    expect(await operator.publish(`${ROOT}/cmd/resolve`, '{"alert":"a.1.1","reason":"x"}')).toBe(true);
    world.link.publish(alert('last'));
    await operator.until(() => operator.on(`${ROOT}/alert/last`).length > 0);
    expect(operator.heard.filter(({ topic }) => /zigbee|\$SYS|\/cmd\//.test(topic))).toEqual([]);
  });

  test('a device gains nothing: what it may not read stays refused, and its own part comes whole', async () => {
    const bridge = await world.client(ZIGBEE);
    for (const filter of ['#', 'callpoint/#', '+/bridge/info', '$SYS/#'])
      expect(await bridge.subscribe(filter)).toBe(128);
    expect(await bridge.subscribe('zigbee2mqtt/#')).toBe(1);
    await bridge.until(() => bridge.on('zigbee2mqtt/bridge/info').length === 1);
  });

  test('the names of others, which the broker’s own library publishes under $SYS, reach nobody', async () => {
    const viewer = await world.client(VIEWER);
    await viewer.subscribe('$SYS/#');
    await viewer.subscribe('#');
    const other = await world.client(VIEWER, { clientId: 'somebody-else' });
    await other.subscribe(`${ROOT}/status`);
    world.link.publish(device('n-last'));
    await viewer.until(() => viewer.on(`${ROOT}/dev/n-last/state`).length > 0);
    expect(viewer.heard.filter(({ topic }) => topic.startsWith('$'))).toEqual([]);
  });

  // The library drops what is overtaken by a message that it counted later.
  test.each(['#', `${ROOT}/#`, '$SYS/#'])(
    '%s: loses no message to births, commands and logins that come between',
    async (filter) => {
      const viewer = await world.client(VIEWER);
      for (const wanted of [filter, `${ROOT}/alert/+`, 'homeassistant/status']) await viewer.subscribe(wanted);
      const others = await Promise.all([0, 1, 2].map(() => world.client(OPERATOR)));
      const ids: string[] = [];
      for (let i = 0; i < 60; i += 1) {
        const id = `${filter.length}-between-${i}`;
        ids.push(`${ROOT}/alert/${id}`);
        world.link.publish(alert(id));
        const other = others[i % 3];
        if (i % 2 === 0) other?.client.publish('homeassistant/status', 'online', { qos: 0 });
        else other?.client.publish(`${ROOT}/cmd/resolve`, '{"alert":"a.1.1","reason":"x"}', { qos: 1 });
        if (i % 10 === 0) void world.client(VIEWER);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await viewer.until(() => viewer.on(ids.at(-1) ?? '').length > 0);
      expect(ids.filter((topic) => viewer.on(topic).length === 0)).toEqual([]);
    },
  );
});
