import { randomBytes } from 'node:crypto';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { CALLPOINT, Command, SIM, sim } from './support/processes.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';

// Each starts a whole school, as processes.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let site: SmallSite;
let recording: string;
/** What the receiver displayed while it was recorded. */
let displayed: string[];
const commands: Command[] = [];

function start(...how: ConstructorParameters<typeof Command>): Command {
  const command = new Command(...how);
  commands.push(command);
  return command;
}

/** A wall button on the bus, a contact on GPIO17, and a button that publishes to a topic. */
async function wiredSite(): Promise<SmallSite> {
  const made = await smallSite({ receiverPort: await freePort(), rooms: 1 });
  const chip = join(made.directory, 'gpiochip0');
  const others = `  - id: pull-101
    input: header
    location: A/1/101
    buttons: [{ id: button-1, kind: medical, zone: 801, pin: GPIO17, contact: normallyOpen }]
  - id: mqtt-101
    input: mqtt-1
    location: A/1/101
    topic: zigbee2mqtt/room-101
    buttons: [{ id: button-1, kind: medical, zone: 802, path: action, press: { single: single } }]
`;
  const written = readFileSync(made.file, 'utf8')
    .replace(
      'inputs:\n',
      `inputs:\n  - { id: header, driver: gpio, chip: ${chip} }\n  - { id: mqtt-1, driver: mqtt }\n`,
    )
    .replace('devices:\n', `devices:\n${others}`)
    .replace('role: operator }]', 'role: operator }, { name: buttons, role: device, topics: ["zigbee2mqtt/#"] }]');
  writeFileSync(made.file, written);
  appendFileSync(join(made.directory, 'keys.yaml'), `  buttons: "${randomBytes(12).toString('hex')}"\n`);
  const keys = readFileSync(join(made.directory, 'keys.yaml'), 'utf8');
  writeFileSync(join(made.directory, 'keys.yaml'), keys.replace(/^mqtt: \{ (.*) \}$/m, 'mqtt:\n  $1'));
  return made;
}

/** Texts of alarms, without the ids, which each gateway makes anew for contacts and topics. */
function alarmsIn(lines: string): string[] {
  const events = lines.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  const texts = events.filter(({ event }) => event === 'displayed').map(({ text }) => String(text));
  return texts.filter((text) => /^(?:Hold-up|Medical)/.test(text)).map((text) => text.replace(/ \([^)]*\)$/, ''));
}

beforeAll(async () => {
  site = await wiredSite();
  recording = join(site.directory, 'morning.jsonl');
  const serve = start(SIM, ['serve', site.file, '--with-gateway', '--data', site.data, '--json']);
  await serve.says(/"event":"ready"/);
  const record = start(CALLPOINT, ['record', recording, '--data', site.data]);
  await record.says(/Recording to /);
  const at = ['--site', site.file];
  // The gateway of the replay has heard nobody before. A press it could not prove would be marked.
  await sim('door', 'wb-101', 'open', ...at);
  const pressed = await Promise.all([
    sim('press', 'wb-101', '--hold', '900', ...at),
    sim('press', 'pull-101', '--hold', '900', ...at),
    sim('press', 'mqtt-101', ...at),
  ]);
  expect(pressed.map(({ code, stderr }) => [code, stderr])).toEqual([0, 0, 0].map((code) => [code, '']));
  await serve.says(/(?:"event":"displayed"[^\n]*"text":"(?:Hold-up|Medical)[\s\S]*){3}/);
  displayed = alarmsIn(serve.stdout);
  record.child.kill('SIGINT');
  const { code, stdout, stderr } = await record.ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/Recorded \d+ frames of 4 wires in .*It ended: you ended it\.\s+Nothing was dropped\./);
  await serve.stop();
});

afterAll(async () => {
  await Promise.all(commands.map((command) => command.kill()));
  site.remove();
});

test('a recorded morning is a regression test: replayed ten times as fast, a new gateway reports the same alarms', async () => {
  const args = ['replay', recording, '--site', site.file, '--speed', '10', '--with-gateway', '--json'];
  const { code, stdout } = await start(SIM, args).ended;
  expect(alarmsIn(stdout).sort()).toEqual([...displayed].sort());
  expect(stdout).toContain('"ok":true');
  expect(code).toBe(0);
});

test('the recording is for its owner only, and holds no key and no password', () => {
  expect(statSync(recording).mode & 0o777).toBe(0o600);
  const file = readFileSync(recording, 'utf8');
  for (const secret of site.secrets) {
    expect(file).not.toContain(secret);
    expect(file).not.toContain(Buffer.from(secret).toString('hex'));
  }
});

test('show decodes each wire; what is sealed opens with the keys only', async () => {
  const keys = join(site.directory, 'keys.yaml');
  const [sealed, opened] = await Promise.all([sim('show', recording), sim('show', recording, '--keys', keys)]);
  expect([sealed.code, opened.code]).toEqual([0, 0]);
  expect(sealed.stdout).toMatch(/ bus-1 {4}< press address 1 \d+\.\d+: sealed, 10 bytes$/m);
  expect(sealed.stdout).toMatch(/ central {2}> \d+ \*SIA-DCS \d{4} #1234: sealed, \d+ bytes$/m);
  expect(opened.stdout).toMatch(/ bus-1 {4}< press address 1 \d+\.\d+, wb-101: button 0, single$/m);
  expect(opened.stdout).toMatch(/ central {2}> \d+ \*SIA-DCS \d{4} #1234: #1234\|.*Hold-up/m);
  for (const { stdout } of [sealed, opened]) {
    expect(stdout).toMatch(/ header {3}< GPIO17 low$/m);
    expect(stdout).toMatch(/ mqtt-1 {3}< zigbee2mqtt\/room-101 \{.*"action":"single"/m);
    expect(stdout).toMatch(/ - {8}end \(stopped\): \d+ frames, 0 dropped\n$/);
  }
});

test('show tells what it wants of it: one input, since a time, as JSON in each line', async () => {
  const { code, stdout } = await sim('show', recording, '--input', 'header', '--since', '0.001', '--json');
  expect(code).toBe(0);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toContainEqual(expect.objectContaining({ input: 'header', line: 'GPIO17', level: 0 }));
  expect(new Set(lines.flatMap(({ input, path }) => [input ?? path ?? []].flat()))).toEqual(new Set(['header']));
});

test('show into a pipe that closes ends quietly', async () => {
  const { stderr } = await new Command(SIM, ['show', recording], { shell: 'exec >/dev/full' }).ended;
  expect(stderr).toMatch(/^The output could not be written: /);
});

test('a file that is there is never overwritten, and a recording without a gateway says what to do', async () => {
  const again = await new Command(CALLPOINT, ['record', recording, '--data', site.data]).ended;
  expect(again.code).toBe(1);
  expect(again.stderr).toContain(`No gateway is running on the data directory ${site.data}`);
});
