import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import type { DeviceDocument } from '../../protocol/mqtt-documents.ts';
import { MqttWatch } from '../integration/support/mqtt-watch.ts';
import { CALLPOINT, Command, callpoint } from '../integration/support/processes.ts';
import { type SmallSite, smallSite } from '../integration/support/small-site.ts';
import { isImageMissing } from './image.ts';
import { simavrNode, simulatorNode } from './live-nodes.ts';
import { compileSimavr, isSimavrMissing, type SimavrProgram } from './simavr.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  while (cleanups.length > 0) await cleanups.pop()?.();
});

let program: SimavrProgram | undefined;
beforeAll(() => {
  if (!isSimavrMissing) program = compileSimavr('live');
});
afterAll(() => program?.remove());

const DEVICE = 'wb-101';
const EMULATORS = [
  ['simavr', isSimavrMissing],
  ['the simulator', false],
] as const;

/** A site with one node, whose chip runs in this emulator. The gateway is not started. */
async function around(emulator: (typeof EMULATORS)[number][0]) {
  const receiverPort = await freePort();
  const site = await smallSite({ receiverPort, rooms: 1 });
  cleanups.push(() => site.remove());
  const far = readSite(site.file, epochNow());
  const receiver = await startReceiver({ port: receiverPort, accounts: far.accounts });
  cleanups.push(() => receiver.close());
  const node =
    emulator === 'simavr' && program !== undefined ? await simavrNode(program, far) : await simulatorNode(far);
  cleanups.push(() => node.stop());
  const mqtt = new MqttWatch(site.mqttPort, site.mqttPassword);
  cleanups.push(() => mqtt.close());
  const device = (met: (document: DeviceDocument) => boolean) => mqtt.until(`dev/${DEVICE}/state`, met);
  return { site, receiver, node, device };
}

function run(site: SmallSite): Command {
  const gateway = new Command(CALLPOINT, ['run', '--no-warm-up', '--config', site.file, '--data', site.data]);
  cleanups.push(() => gateway.kill());
  return gateway;
}

describe.skipIf(isImageMissing()).each(EMULATORS)('machine code in %s at a pseudo-terminal', (emulator, isMissing) => {
  test.skipIf(isMissing)(
    'the gateway, unmodified, takes a press to a receiver, and the wall shows that it was accepted',
    async () => {
      const { site, receiver, node, device } = await around(emulator);
      run(site);
      await device(({ supervised }) => supervised === 'ok');
      node.button(1, true);
      await receiver.until((desk) => desk.displayed.some(({ zone }) => zone === 201));
      await node.shows('green');
      node.button(1, false);
    },
  );

  test.skipIf(isMissing)('a press while no gateway runs is heard by the next one', async () => {
    const { site, receiver, node, device } = await around(emulator);
    const before = run(site);
    await device(({ supervised }) => supervised === 'ok');
    node.button(1, true);
    await node.shows('green');
    node.button(1, false);
    expect((await before.stop()).code).toBe(0);
    node.button(1, true);
    // Dark: the new press has no answer yet.
    await node.shows('off');
    run(site);
    await receiver.until((desk) => desk.displayed.filter(({ zone }) => zone === 201).length === 2);
    await node.shows('green');
    expect(receiver.displayed.filter(({ zone }) => zone === 201)).toHaveLength(2);
  });

  test.skipIf(isMissing)('an open cover is a tamper on MQTT and in callpoint status', async () => {
    const { site, node, device } = await around(emulator);
    run(site);
    await device(({ supervised, tamper }) => supervised === 'ok' && tamper === false);
    node.cover(false);
    await device(({ tamper }) => tamper === true);
    const { stdout } = await callpoint('status', '--config', site.file, '--data', site.data);
    expect(stdout).toMatch(/wb-101.*tampered/);
    node.cover(true);
    await device(({ tamper }) => tamper === false);
  });
});
