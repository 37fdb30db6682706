import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, expect, test } from 'vitest';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { type Discovery, startDiscovery } from '../../gateway/cli/discover/discover.ts';
import { addDiscoverCommand } from '../../gateway/cli/discover/discover-command.ts';
import { identityOf } from '../../gateway/cli/discover/stranger-order.ts';
import type { DiscoveryDocument, Stranger } from '../../protocol/discovery-document.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';
import { WholeGateway } from './support/whole-gateway.ts';

/** The site's devices and strangers on real wires; the gateway, or the command, listens. */

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Adds a radio, a line of modules and an MQTT bridge, each with one enrolled device. */
function addInputs({ file, directory }: SmallSite): void {
  const device = (id: string, input: string, lines: string) =>
    `  - { id: ${id}, input: ${input}, location: A/1/101, ${lines} }\n`;
  const button = 'buttons: [{ id: b, number: 0, kind: medical, zone: 9NN }]';
  const devices = [
    device('tag-1', 'radio-1', `address: "54:48:E6:00:00:01", encrypted: false, ${button.replace('NN', '01')}`),
    device(
      'module-1',
      'modules',
      'address: 1, buttons: [{ id: b, number: 0, pin: 0, contact: normallyOpen, kind: medical, zone: 902 }]',
    ),
    device('z-1', 'zigbee', `profile: zigbee2mqtt, topic: zigbee2mqtt/room-101, ${button.replace('NN', '03')}`),
  ];
  const inputs = `inputs:
  - { id: radio-1, driver: ble, adapters: ["${join(directory, 'radio')}"] }
  - { id: modules, driver: modbus, port: ${join(directory, 'modules')}, baudRate: 115200 }
  - { id: zigbee, driver: mqtt }
`;
  const site = readFileSync(file, 'utf8')
    .replace('inputs:\n', inputs)
    .replace('devices:\n', `devices:\n${devices.join('')}`)
    .replace(
      '{ name: console, role: operator }',
      '{ name: console, role: operator }, { name: bridge, role: device, topics: ["zigbee2mqtt/#"] }',
    );
  writeFileSync(file, site);
  const keys = join(directory, 'keys.yaml');
  writeFileSync(keys, readFileSync(keys, 'utf8').replace('mqtt: { ', 'mqtt: { bridge: bridge-Pa55word-77, '));
}

async function discovery(site: SmallSite, only: readonly string[] = []): Promise<Discovery> {
  const started = await startDiscovery({ config: site.file, dataDirectory: site.data, only });
  cleanups.push(() => started.stop());
  return started;
}

/** Looks again and again, as the command does, until the stranger is there. */
async function found(of: Discovery, what: string, met: (stranger: Stranger) => boolean): Promise<Stranger> {
  for (let looks = 0; looks < 400; looks += 1) {
    const { strangers } = await of.look();
    const stranger = strangers.find(met);
    if (stranger !== undefined) return stranger;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const { inputs, strangers } = await of.look();
  throw new Error(`never found ${what}: ${JSON.stringify([inputs, strangers.map(identityOf)])}`);
}

const ofInput = (input: string) => (stranger: Stranger) => stranger.input === input && stranger.moved_at !== undefined;

test('while the gateway runs, strangers on its bus, its radio and its broker are found, and a press meanwhile is an alert', async () => {
  const gateway = { dataDirectory: '' };
  const whole = await WholeGateway.start({
    gateway,
    prepare: (site) => {
      addInputs(site);
      mkdirSync(site.data, { mode: 0o700 });
      gateway.dataDirectory = site.data;
    },
  });
  cleanups.push(() => whole.stop());
  await whole.ready();
  const looking = await discovery(whole.site);
  await whole.mqtt.until('input/radio-1/status', (input: { state: string }) => input.state === 'up');
  await whole.mqtt.until('input/zigbee/status', (input: { state: string }) => input.state === 'up');
  whole.simulator.stranger('bus-1', 1);
  whole.simulator.stranger('radio-1', 300);
  const id = whole.press('wb-101');
  const node = await found(looking, 'the node', ofInput('bus-1'));
  expect(node).toMatchObject({ kind: 'node', address: 254, movement: 'a button was pressed' });
  const tag = await found(looking, 'the tag', ofInput('radio-1'));
  expect(tag).toMatchObject({ kind: 'bthome', address: 'F0:00:00:00:00:00', encrypted: false, battery_percent: 100 });
  const { inputs } = await looking.look();
  expect(inputs.find(({ input }) => input === 'modules')?.detail).toContain('stop it to look for others');
  while (!(await looking.look()).inputs.some(({ input, state }) => input === 'zigbee' && state === 'listening')) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  whole.simulator.stranger('zigbee', 1);
  const zigbee = await found(looking, 'the Zigbee button', ofInput('zigbee'));
  expect(zigbee).toMatchObject({ kind: 'mqtt', profile: 'zigbee2mqtt', topic: 'zigbee2mqtt/0x00158d0000beef01' });
  await whole.led('wb-101', 'green');
  expect(whole.displayed(id)).toBe(1);
  const { strangers } = await looking.look();
  expect(strangers.map(identityOf).filter((name) => /wb-|54:48:E6|room-101/.test(name))).toEqual([]);
});

test('without a gateway the command listens itself: bus, radio and modules; the broker is said to be away', async () => {
  const site = await smallSite({ receiverPort: 1 });
  cleanups.push(() => site.remove());
  addInputs(site);
  const simulator = new SiteSimulator(readSite(site.file, epochNow()), 1);
  cleanups.push(() => simulator.stop());
  const looking = await discovery(site);
  simulator.stranger('modules', 1);
  simulator.stranger('bus-1', 1);
  expect(await found(looking, 'the node', ofInput('bus-1'))).toMatchObject({ kind: 'node', address: 254 });
  const isThere = (each: Stranger) => each.kind === 'modbus' && each.table !== undefined;
  expect(await found(looking, 'the module', isThere)).toMatchObject({ address: 41, table: 'discreteInputs' });
  simulator.stranger('modules', 1);
  expect(await found(looking, 'its press', ofInput('modules'))).toMatchObject({ moved_input: 0 });
  const radio = ({ inputs }: Awaited<ReturnType<Discovery['look']>>) => inputs.find(({ input }) => input === 'radio-1');
  while (radio(await looking.look())?.state !== 'listening') await new Promise((resolve) => setTimeout(resolve, 25));
  simulator.stranger('radio-1', 5);
  expect(await found(looking, 'the tag', ofInput('radio-1'))).toMatchObject({ address: 'F0:00:00:00:00:00' });
  const { inputs, listener } = await looking.look();
  expect(listener).toBe('command');
  expect(inputs.find(({ input }) => input === 'zigbee')?.state).toBe('notListening');
});

test('only what was asked for is opened; a kind that does not exist is refused with those that do', async () => {
  const site = await smallSite({ receiverPort: 1 });
  cleanups.push(() => site.remove());
  const looking = await discovery(site, ['ble']);
  expect((await looking.look()).inputs.filter(({ input }) => input === 'bus-1')).toEqual([]);
  await expect(discovery(site, ['radio-7'])).rejects.toThrow(/no input radio-7: --input takes bus-1, button-bus, ble/);
});

test('a site with mistakes is looked at without it, and that is said', async () => {
  const site = await smallSite({ receiverPort: 1 });
  cleanups.push(() => rmSync(site.directory, { recursive: true, force: true }));
  writeFileSync(site.file, 'version: 1\ngateway: 7\n');
  const looking = await discovery(site, ['ble']);
  expect(looking.settings).toBeUndefined();
  expect(looking.notes.join()).toMatch(/has \d+ errors? \(callpoint check lists them\)/);
});

test('the command prints one JSON object, with how to enrol each device; Modbus answers without any site', async () => {
  const site = await smallSite({ receiverPort: 1 });
  cleanups.push(() => site.remove());
  addInputs(site);
  const simulator = new SiteSimulator(readSite(site.file, epochNow()), 1);
  cleanups.push(() => simulator.stop());
  simulator.stranger('modules', 1);
  const lines: string[] = [];
  const devices = new Command('devices').exitOverride();
  addDiscoverCommand(devices, (line) => lines.push(line));
  const nowhere = ['--config', join(site.directory, 'none.yaml'), '--data', join(site.directory, 'none')];
  const port = ['--modbus', join(site.directory, 'modules'), '--baud', '115200'];
  await devices.parseAsync(['discover', '--json', '--seconds', '1', ...port, ...nowhere], { from: 'user' });
  const found = JSON.parse(lines.join('\n')) as DiscoveryDocument;
  expect(found).toMatchObject({ ok: true, listener: 'command', serial_ports: expect.any(Array) });
  expect(found.inputs).toMatchObject([{ driver: 'modbus', state: 'listening' }]);
  // Nobody enrolled it here, so the module of the site is found as well.
  expect(found.strangers).toMatchObject([
    {
      kind: 'modbus',
      address: 1,
      enrol: { command: expect.stringMatching(/^callpoint devices add --input .*--address 1$/) },
    },
  ]);
});
