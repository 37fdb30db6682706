import { afterEach, describe, expect, test } from 'vitest';
import { REASON } from '../../gateway/mqtt/mqtt5/reasons.ts';
import type { MqttClient as Account } from '../../gateway/mqtt/settings.ts';
import { alert } from '../unit/mqtt/documents.ts';
import { embedded, OPERATOR, ROOT, VIEWER, World } from './mqtt-harness.ts';
import { Client5 } from './mqtt5-rig.ts';

const BUTTON: Account = { name: 'button', password: 'Button-Pa55', role: 'device', topics: ['buttons/a', 'buttons/b'] };
const WATCHER: Account = { name: 'watcher', password: 'Watcher-Pa55', role: 'device', topics: ['buttons/#'] };
const WILL = { topic: 'buttons/a', payload: Buffer.from('gone'), qos: 1, retain: false } as const;

let world: World;
const open: Client5[] = [];
afterEach(async () => {
  for (const { socket } of open.splice(0)) socket.destroy();
  await world.stop();
});

async function started(...clients: readonly Account[]): Promise<void> {
  world = await new World(embedded({ clients: [...clients] })).up();
}

function reload(...clients: readonly Account[]): void {
  world.link.reload(embedded({ clients: [...clients] }), 'clients');
}

async function logIn(account: Account, change: Parameters<typeof Client5.logIn>[2] = {}): Promise<Client5> {
  const client = await Client5.logIn(world.port, account, { clientId: `raw-${open.length}`, ...change });
  open.push(client);
  return client;
}

async function subscribe(client: Client5, topic: string): Promise<unknown> {
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1, nl: false, rap: false, rh: 2 }] });
  return (await client.next('suback')).granted[0];
}

function publish(client: Client5, topic: string, payload: string): void {
  client.send({ cmd: 'publish', topic, payload, qos: 1, messageId: 5, dup: false, retain: false });
}

describe('a reload that takes rights away', () => {
  const viewersNewRole: Account = { ...VIEWER, role: 'device', topics: ['buttons/#'] };
  test.each<[string, readonly Account[]]>([
    ['removes the account', []],
    ['gives it another role', [viewersNewRole]],
    ['gives it another password', [{ ...VIEWER, password: 'another-Pa55' }]],
  ])('%s: who subscribed to # hears nothing from then on, and why', async (_what, accounts) => {
    await started(VIEWER, OPERATOR);
    const viewer = await logIn(VIEWER);
    expect(await subscribe(viewer, '#')).toBe(1);
    const display = await world.client(VIEWER);
    await display.subscribe('#');
    const closed = new Promise<void>((resolve) => display.client.once('close', () => resolve()));
    const operator = await world.client(OPERATOR);
    await operator.subscribe(`${ROOT}/alert/+`);

    reload(OPERATOR, ...accounts);
    world.link.publish(alert('after'));
    expect(await viewer.next('disconnect')).toMatchObject({ reasonCode: REASON.administrativeAction });
    await Promise.all([viewer.closed(), closed, operator.until(() => operator.on(`${ROOT}/alert/after`).length > 0)]);
    expect(viewer.heard.filter(({ cmd }) => cmd === 'publish')).toEqual([]);
    expect(display.on(`${ROOT}/alert/after`)).toEqual([]);
  });

  test('makes an operator a viewer: it commands nothing any more', async () => {
    await started(OPERATOR);
    const operator = await logIn(OPERATOR);
    reload({ ...OPERATOR, role: 'viewer' });
    publish(operator, `${ROOT}/cmd/resolve`, '{"alert":"a.1.1","reason":"x"}');
    await operator.closed();
    const again = await logIn(OPERATOR);
    publish(again, `${ROOT}/cmd/resolve`, '{"alert":"a.1.1","reason":"x"}');
    expect(await again.next('puback')).toMatchObject({ reasonCode: REASON.notAuthorized });
    expect(world.commands).toEqual([]);
  });

  test.each<[string, readonly Account[], readonly string[]]>([
    ['of an account that is removed', [], []],
    ['on a topic that it has no more', [{ ...BUTTON, topics: ['buttons/b'] }], []],
    ['of an account with a new password', [{ ...BUTTON, password: 'another-Pa55' }], ['gone']],
  ])('the will %s has the rights of now', async (_what, accounts, expected) => {
    await started(BUTTON, WATCHER);
    const watcher = await logIn(WATCHER);
    await subscribe(watcher, 'buttons/#');
    const button = await logIn(BUTTON, { will: WILL });
    reload(WATCHER, ...accounts);
    await button.closed();
    publish(watcher, 'buttons/last', 'last');
    const heard: string[] = [];
    while (heard.at(-1) !== 'last') heard.push((await watcher.next('publish')).payload.toString());
    expect(heard.slice(0, -1)).toEqual(expected);
  });

  test('and leaves the others connected', async () => {
    await started(VIEWER, OPERATOR, BUTTON);
    const viewer = await logIn(VIEWER);
    await subscribe(viewer, '#');
    reload(VIEWER);
    world.link.publish(alert('after'));
    while ((await viewer.next('publish')).topic !== `${ROOT}/alert/after`);
    expect(viewer.isClosed).toBe(false);
  });
});
