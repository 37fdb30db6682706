import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { listAlerts } from '../../gateway/cli/alerts.ts';
import { type EdgeMakers, realEdges } from '../../gateway/gateway.ts';
import { readJournal } from '../../gateway/journal/read-journal.ts';
import { startMqtt } from '../../gateway/mqtt/link.ts';
import type { ThreadHandle } from '../../gateway/mqtt/link-options.ts';
import type { ThreadSetup } from '../../gateway/mqtt/thread-messages.ts';
import { inItsOwnThread } from './mqtt-harness.ts';
import { MqttWatch } from './support/mqtt-watch.ts';
import { WholeGateway } from './support/whole-gateway.ts';

let whole: WholeGateway;
afterEach(() => whole.stop());

/** Expects that the operator and the wall see the press. */
async function arrives(device: string): Promise<string> {
  const id = whole.press(device);
  await whole.led(device, 'green');
  expect(whole.displayed(id)).toBe(1);
  return id;
}

const troubleShown = (words: RegExp) =>
  whole.receiver.until(() => whole.troublesDisplayed.some((text) => words.test(text)));

async function occupied(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test('broker port taken: the receiver is told that much, the log which port and what to do, presses arrive, and the broker comes when it is freed', async () => {
  const mqttPort = await freePort();
  const squatter = await occupied(mqttPort);
  const quickly: EdgeMakers['startMqtt'] = (settings, session, sink) =>
    startMqtt(settings, session, sink, { listenRetryMs: 100 });
  whole = await WholeGateway.start({ mqttPort, edges: { startMqtt: quickly } });
  await troubleShown(/^YX MQTT broker down \(\S+\)$/);
  const port = `MQTT port ${mqttPort} on 127.0.0.1 is used by another program`;
  expect(whole.details).toContainEqual(expect.stringContaining(port));
  const id = await arrives('wb-101');
  expect(whole.mqtt.said).toEqual([]);

  squatter.close();
  expect(await whole.mqtt.acknowledged(id)).toMatchObject({ state: 'acknowledged' });
  await troubleShown(/^YZ Restored: MQTT broker down/);
  await whole.mqtt.acknowledged(await arrives('wb-102'));
});

test('strangers who take every place at the broker, and guess passwords: both are told, presses arrive, and displays are let in', async () => {
  const quickly: EdgeMakers['startMqtt'] = (settings, session, sink) =>
    startMqtt(settings, session, sink, { quietMs: 500 });
  whole = await (await WholeGateway.start({ edges: { startMqtt: quickly } })).ready();
  const strangers = Array.from({ length: 120 }, () => connect(whole.site.mqttPort, '127.0.0.1'));
  // The broker disconnects it sooner or later.
  for (const stranger of strangers) stranger.on('error', () => undefined);
  await troubleShown(/^YX MQTT broker full \(\S+\)$/);
  const display = new MqttWatch(whole.site.mqttPort, whole.site.mqttPassword);
  await display.until('status', ({ state }: { state: string }) => state === 'ready');
  const guessers = Array.from({ length: 20 }, () => new MqttWatch(whole.site.mqttPort, 'wrong'));
  await troubleShown(/^YX Wrong passwords at the MQTT broker \(\S+\)$/);
  await display.acknowledged(await arrives('wb-102'));
  for (const each of [display, ...guessers]) await each.close();
  for (const stranger of strangers) stranger.destroy();
  await troubleShown(/^YZ Restored: MQTT broker full/);
});

test('the MQTT thread dies: a display gets every alert again that is open, and none that is over', async () => {
  const threads: ThreadHandle[] = [];
  const startThread = (setup: ThreadSetup) => {
    const thread = inItsOwnThread(setup);
    threads.push(thread);
    return thread;
  };
  const mortal: EdgeMakers['startMqtt'] = (settings, session, sink) =>
    startMqtt(settings, session, sink, { startThread, restartMs: 20 });
  whole = await (await WholeGateway.start({ edges: { startMqtt: mortal } })).ready();
  const open = await arrives('wb-101');
  const over = await arrives('wb-102');
  await whole.mqtt.acknowledged(over);
  await whole.mqtt.command('resolve', over, 'a drill that nobody announced');
  await whole.mqtt.gone(`alert/${over}`);

  await threads[0]?.terminate();
  const display = new MqttWatch(whole.site.mqttPort, whole.site.mqttPassword);
  expect(await display.acknowledged(open)).toMatchObject({ state: 'acknowledged' });
  // What is pressed now comes after all that was sent again.
  await display.acknowledged(await arrives('wb-102'));
  expect(display.said.filter(({ place }) => place === `alert/${over}`)).toEqual([]);
  expect(threads).toHaveLength(2);
  await display.close();
});

test('a journal directory that can not be written: presses arrive, and the receiver and the site are told', async () => {
  const prepare: NonNullable<Parameters<typeof WholeGateway.start>[0]>['prepare'] = (site) => {
    mkdirSync(site.data);
    writeFileSync(join(site.data, 'journal'), 'a file where the directory should be');
  };
  whole = await WholeGateway.start({ prepare });
  await arrives('wb-101');
  await troubleShown(/^YX Journal cannot be written \(\S+\)$/);
  expect((await whole.mqtt.trouble('journalFailed')).detail).toContain(join(whole.site.data, 'journal'));
  expect(whole.troublesDisplayed.filter((text) => text.includes('Journal'))).toHaveLength(1);
  const aboutJournal = whole.log.filter(({ event }) => /^journal\.(recovered|notRead|partlyRead)$/.test(event));
  expect(aboutJournal).toEqual([expect.objectContaining({ event: 'journal.notRead', detail: expect.anything() })]);
  expect(aboutJournal[0]).not.toHaveProperty('records');
  await arrives('wb-102');
});

test('a second journal directory takes over from one that can not be written', async () => {
  const prepare: NonNullable<Parameters<typeof WholeGateway.start>[0]>['prepare'] = (site) => {
    mkdirSync(site.data);
    writeFileSync(join(site.data, 'journal'), 'a file where the directory should be');
  };
  whole = await WholeGateway.start({ prepare, more: 'journal: { secondDirectory: second }' });
  const id = await arrives('wb-101');
  await troubleShown(/^YX Journal degraded \(\S+\)$/);
  await whole.mqtt.alert(id, (alert) => alert.timeline.journalled !== undefined);
  expect(listAlerts(readJournal(join(whole.site.data, 'second')))).toMatchObject([{ id }]);
});

test('a journal that never answers: the press leaves, is acknowledged, and the wall is told so', async () => {
  const openJournal: EdgeMakers['openJournal'] = async (settings, sink) => {
    const { journal, recovered } = await realEdges.openJournal(settings, { ...sink, durable: () => undefined });
    return { journal, recovered };
  };
  whole = await WholeGateway.start({ edges: { openJournal } });
  const id = await arrives('wb-101');
  const alert = await whole.mqtt.acknowledged(id);
  expect(alert.timeline.journalled).toBeUndefined();
});

test('neither the log nor MQTT ever holds a key or a password', async () => {
  whole = await (await WholeGateway.start()).ready();
  await whole.mqtt.acknowledged(await arrives('wb-101'));
  const told = JSON.stringify([whole.log, whole.mqtt.said]).toLowerCase();
  expect(told).toContain('alert.raised');
  expect(whole.site.secrets).toHaveLength(4);
  for (const secret of whole.site.secrets) expect(told).not.toContain(secret);
});
