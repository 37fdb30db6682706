import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { alert, device, press, trouble } from '../unit/mqtt/documents.ts';
import {
  embedded,
  inItsOwnThread,
  OPERATOR,
  ROOT,
  type Subscriber,
  subscriber,
  VIEWER,
  World,
} from './mqtt-harness.ts';

describe('the embedded broker', () => {
  let world: World;
  const opened: Subscriber[] = [];

  beforeAll(async () => {
    world = await new World(embedded({}, 'homeassistant'), {}, inItsOwnThread).up();
  });
  afterEach(() => {
    for (const { client } of opened.splice(0)) client.end(true);
  });
  afterAll(() => world.stop());

  async function client(account = VIEWER, options = {}): Promise<Subscriber> {
    const connected = await world.client(account, options);
    opened.push(connected);
    return connected;
  }

  test('a publication reaches a subscriber, and the core is told that the broker has it', async () => {
    const viewer = await client();
    expect(await viewer.subscribe(`${ROOT}/#`)).toBe(1);
    world.link.publish(alert('node-101.1.7'), 42);
    await viewer.until((heard) => heard.some(({ topic }) => topic === `${ROOT}/alert/node-101.1.7`));
    await world.until(() => world.published.some(({ number }) => number === 42));
    expect(world.published.find(({ number }) => number === 42)?.atMs).toBeGreaterThan(0);
    expect(viewer.on(`${ROOT}/status`)[0]).toMatchObject({ retain: true });
    expect(JSON.parse(viewer.on(`${ROOT}/status`)[0]?.text ?? '')).toMatchObject({ state: 'ready', session: 17 });
  });

  test('a press is never retained: who comes later sees the states and no event', async () => {
    const early = await client();
    await early.subscribe(`${ROOT}/dev/#`);
    world.link.publish(device('later'));
    world.link.publish(press('later', 'later.1.1'));
    await early.until((heard) => heard.some(({ topic }) => topic === `${ROOT}/dev/later/event`));
    const late = await client();
    await late.subscribe(`${ROOT}/dev/#`);
    world.link.publish(press('other', 'other.1.1'));
    await late.until((heard) => heard.some(({ topic }) => topic === `${ROOT}/dev/other/event`));
    expect(late.on(`${ROOT}/dev/later/state`)).toHaveLength(1);
    expect(late.on(`${ROOT}/dev/later/event`)).toEqual([]);
  });

  test('an alert is retained while it is open; its last word is said once, then it is gone', async () => {
    const viewer = await client();
    await viewer.subscribe(`${ROOT}/alert/closing`);
    for (const [index, state] of (['raised', 'acknowledged', 'resolved'] as const).entries()) {
      world.link.publish(alert('closing', state));
      await viewer.until((heard) => heard.length > index);
    }
    await viewer.until((heard) => heard.some(({ text }) => text === ''));
    expect(viewer.heard.map(({ text }) => (text === '' ? '' : JSON.parse(text).state))).toEqual([
      'raised',
      'acknowledged',
      'resolved',
      '',
    ]);
    const late = await client();
    await late.subscribe(`${ROOT}/alert/#`);
    world.link.publish(alert('marker'));
    await late.until((heard) => heard.some(({ topic }) => topic.endsWith('/marker')));
    expect(late.on(`${ROOT}/alert/closing`)).toEqual([]);
  });

  test('retained and passing messages of one tick keep their order, and none is lost', async () => {
    const viewer = await client();
    await viewer.subscribe(`${ROOT}/#`);
    for (let i = 0; i < 50; i += 1) {
      world.link.publish(trouble(`mixed-${i}`, 'standing'));
      world.link.publish(press('mixed', `mixed.1.${i}`));
      world.link.publish(trouble(`mixed-${i}`, 'restored'));
      world.link.publish(alert(`mixed-${i}`, 'raised'));
    }
    await viewer.until((heard) => heard.some(({ topic }) => topic === `${ROOT}/alert/mixed-49`));
    const events = viewer.on(`${ROOT}/dev/mixed/event`).map(({ text }) => JSON.parse(text).event_id);
    expect(events).toEqual(Array.from({ length: 50 }, (_, i) => `mixed.1.${i}`));
    const alerts = viewer.heard.filter(({ topic }) => topic.startsWith(`${ROOT}/alert/mixed-`));
    expect(alerts.map(({ topic }) => topic)).toEqual(Array.from({ length: 50 }, (_, i) => `${ROOT}/alert/mixed-${i}`));
  });

  test('1,000 alerts at once all arrive, in order', async () => {
    const viewer = await client();
    await viewer.subscribe(`${ROOT}/alert/#`);
    const startedMs = performance.now();
    for (let i = 0; i < 1000; i += 1) world.link.publish(alert(`storm-${i}`), 10_000 + i);
    const storm = (): string[] =>
      viewer.heard.filter(({ topic, retain }) => topic.includes('/storm-') && !retain).map(({ topic }) => topic);
    await viewer.until(() => storm().length >= 1000);
    expect(storm()).toEqual(Array.from({ length: 1000 }, (_, i) => `${ROOT}/alert/storm-${i}`));
    expect(performance.now() - startedMs).toBeLessThan(3000);
    await world.until(() => world.published.filter(({ number }) => number >= 10_000).length === 1000);
    for (let i = 0; i < 1000; i += 1) world.link.publish(alert(`storm-${i}`, 'resolved'));
  });

  test('what is read ahead on subscription never overwrites what came live', async () => {
    for (let i = 0; i < 400; i += 1) world.link.publish(device(`ahead-${i}`, { room: 'old' }), 20_000 + i);
    await world.until(() => world.published.some(({ number }) => number === 20_399));
    const viewer = await client();
    const subscribed = viewer.subscribe(`${ROOT}/dev/+/state`);
    await viewer.until((heard) => heard.length > 0);
    for (let i = 0; i < 400; i += 1) world.link.publish(device(`ahead-${i}`, { room: 'new' }));
    await subscribed;
    world.link.publish(device('ahead-end'));
    await viewer.until(() => viewer.on(`${ROOT}/dev/ahead-end/state`).length > 0 && count() >= 400);
    function count(): number {
      return new Set(viewer.heard.map(({ topic }) => topic).filter((topic) => topic.includes('/ahead-'))).size - 1;
    }
    const last = new Map(viewer.heard.map(({ topic, text }) => [topic, JSON.parse(text).room]));
    for (let i = 0; i < 400; i += 1) expect(last.get(`${ROOT}/dev/ahead-${i}/state`)).toBe('new');
  });

  test.each([
    ['an unknown user', 'stranger', 'viewer-Pa55', 4],
    ['a wrong password', VIEWER.name, 'viewer-Pa56', 4],
    ['an empty password', VIEWER.name, '', 4],
  ])('%s is refused with its return code, and reported', async (_what, username, password, code) => {
    const before = world.notices.length;
    const attempt = subscriber(`mqtt://127.0.0.1:${world.port}`, { username, password });
    await expect(attempt).rejects.toMatchObject({ code });
    await world.until(() => world.notices.slice(before).some(({ event }) => event === 'mqtt_login_refused'));
    expect(JSON.stringify(world.notices)).not.toContain('Pa5');
  });

  test('no login is refused', async () => {
    await expect(subscriber(`mqtt://127.0.0.1:${world.port}`)).rejects.toMatchObject({ code: 4 });
  });

  // This comes before the others: of many refusals only the first few are reported one by one.
  test('a subscription that is refused: the log says what may be read', async () => {
    const viewer = await client();
    expect(await viewer.subscribe('callpoint/v1/other/#')).toBe(128);
    const refused = () => world.notices.find(({ event }) => event === 'mqtt_subscription_refused');
    await world.until(() => refused() !== undefined);
    expect(refused()?.detail).toContain(
      `may not subscribe to "callpoint/v1/other/#"; it may read ${ROOT}/#, homeassistant/#`,
    );
  });

  test.each([
    ['#', 1],
    ['$SYS/#', 1],
    ['+/v1/school/#', 1],
    ['callpoint/#', 1],
    ['callpoint/v1/#', 1],
    ['zigbee2mqtt/#', 128],
    ['$share/all/callpoint/v1/school/#', 128],
    ['callpoint/v1/+/status', 1],
    ['callpoint/v1/+', 1],
    ['callpoint/v1/other/#', 128],
    ['callpoint/v1/school2/#', 128],
    [`${ROOT}/#`, 1],
    [`${ROOT}/alert/+`, 1],
    ['homeassistant/#', 1],
  ])('subscription to %s is answered with %i', async (filter, granted) => {
    const viewer = await client();
    expect(await viewer.subscribe(filter)).toBe(granted);
  });

  test.each([
    [VIEWER.name, VIEWER, `${ROOT}/cmd/resolve`],
    [VIEWER.name, VIEWER, 'homeassistant/status'], // not what Home Assistant says there
    [VIEWER.name, VIEWER, `${ROOT}/alert/forged`],
    [VIEWER.name, VIEWER, 'homeassistant/binary_sensor/x/config'],
    [OPERATOR.name, OPERATOR, `${ROOT}/alert/forged`],
    [OPERATOR.name, OPERATOR, `${ROOT}/dev/node-101/event`],
    [OPERATOR.name, OPERATOR, `${ROOT}/status`],
    [OPERATOR.name, OPERATOR, 'homeassistant/binary_sensor/x/config'],
    [OPERATOR.name, OPERATOR, `${ROOT}/cmd/reboot`],
    [OPERATOR.name, OPERATOR, 'callpoint/v1/other/cmd/resolve'],
  ])('%s: a forged publication reaches nobody', async (_name, account, topic) => {
    const commands = world.commands.length;
    const viewer = await client();
    await viewer.subscribe(`${ROOT}/#`);
    const forger = await client(account);
    expect(await forger.publish(topic, JSON.stringify({ alert: 'a.1.1', reason: 'forged' }))).toBe(false);
    world.link.publish(alert('after-forgery'));
    await viewer.until((heard) => heard.some(({ topic: on }) => on.endsWith('/after-forgery')));
    expect(viewer.heard.filter(({ topic: on, retain }) => on === topic && !retain)).toEqual([]);
    expect(world.commands).toHaveLength(commands);
    world.link.publish(alert('after-forgery', 'resolved'));
  });

  test("an operator's command arrives under the operator's own name", async () => {
    const operator = await client(OPERATOR);
    const payload = JSON.stringify({ alert: 'node-101.1.7', reason: 'police on site', by: 'somebody else' });
    expect(await operator.publish(`${ROOT}/cmd/resolve`, payload)).toBe(true);
    await world.until(() => world.commands.length > 0);
    expect(world.commands.pop()).toEqual({
      command: 'resolve',
      alert: 'node-101.1.7',
      reason: 'police on site',
      by: 'front-desk',
    });
  });

  test.each([
    ['retained', JSON.stringify({ alert: 'a.1.1', reason: 'x' }), true],
    ['not JSON', '{"alert":', false],
    ['larger than allowed', JSON.stringify({ alert: 'a.1.1', reason: 'x', pad: 'x'.repeat(5000) }), false],
  ])('a command that is %s is refused and reported', async (_what, payload, retain) => {
    const before = world.notices.length;
    const operator = await client(OPERATOR);
    expect(await operator.publish(`${ROOT}/cmd/cancel`, payload, retain)).toBe(false);
    await world.until(() => world.notices.slice(before).some(({ event }) => event === 'mqtt_command_refused'));
    expect(world.commands).toEqual([]);
  });

  test('a flood of commands is cut off before it reaches the alert path', async () => {
    const operator = await client(OPERATOR);
    const payload = JSON.stringify({ alert: 'a.1.1', reason: 'x' });
    for (let i = 0; i < 200; i += 1) operator.client.publish(`${ROOT}/cmd/cancel`, payload, { qos: 0 });
    await new Promise<void>((resolve) => operator.client.once('close', () => resolve()));
    expect(world.commands.length).toBeLessThanOrEqual(22);
    world.commands.length = 0;
  });

  test.each([
    [VIEWER.name, VIEWER, `${ROOT}/alert/x`],
    [VIEWER.name, VIEWER, 'homeassistant/status'],
    [OPERATOR.name, OPERATOR, `${ROOT}/cmd/cancel`],
    [OPERATOR.name, OPERATOR, `${ROOT}/status`],
  ])('%s may not leave a will outside the Home Assistant status', async (_name, account, topic) => {
    const will = { topic, payload: Buffer.from('x'), qos: 1, retain: true } as const;
    await expect(client(account, { will })).rejects.toMatchObject({ code: 5 });
  });

  test('nobody takes over the connection of another user by its client id', async () => {
    const operator = await client(OPERATOR, { clientId: 'desk' });
    await expect(client(VIEWER, { clientId: 'desk' })).rejects.toMatchObject({ code: 2 });
    expect(operator.client.connected).toBe(true);
  });

  test('an operator with a will on the Home Assistant status is let in, and its "online" has the configurations sent again', async () => {
    const viewer = await client();
    await viewer.subscribe('homeassistant/#');
    world.link.publish(device('ha-node'));
    const topic = 'homeassistant/binary_sensor/callpoint_school/ha-node_reachable/config';
    await viewer.until(() => viewer.on(topic).length === 1);
    const will = { topic: 'homeassistant/status', payload: Buffer.from('offline'), qos: 0, retain: true } as const;
    const homeAssistant = await client(OPERATOR, { will });
    expect(await homeAssistant.publish('homeassistant/status', 'online', true)).toBe(true);
    await viewer.until(() => viewer.on(topic).length === 2);
    const late = await client();
    await late.subscribe('homeassistant/#');
    await late.until(() => late.on(topic).length > 0);
    expect(late.on('homeassistant/status')).toEqual([]); // a client's message is never retained
  });

  test('long client ids are taken from MQTT 3.1 clients too', async () => {
    const old = await client(VIEWER, { clientId: 'x'.repeat(200), protocolVersion: 3, protocolId: 'MQIsdp' });
    expect(await old.subscribe(`${ROOT}/#`)).toBe(1);
  });

  test('a client without keep-alive, or with one of hours, is refused', async () => {
    await expect(client(VIEWER, { keepalive: 0 })).rejects.toThrow();
    await expect(client(VIEWER, { keepalive: 7200 })).rejects.toThrow();
  });

  test('sessions are not kept: a press is not delivered to who was away', async () => {
    const first = await client(VIEWER, { clientId: 'sleeper', clean: false });
    await first.subscribe(`${ROOT}/#`);
    first.client.end(true);
    world.link.publish(press('asleep', 'asleep.1.1'), 30_000);
    await world.until(() => world.published.some(({ number }) => number === 30_000));
    const again = await client(VIEWER, { clientId: 'sleeper', clean: false });
    await again.subscribe(`${ROOT}/dev/#`);
    world.link.publish(press('awake', 'awake.1.1'));
    await again.until((heard) => heard.some(({ topic }) => topic === `${ROOT}/dev/awake/event`));
    expect(again.on(`${ROOT}/dev/asleep/event`)).toEqual([]);
  });
});
