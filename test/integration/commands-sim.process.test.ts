import { once } from 'node:events';
import { appendFileSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { openPseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { loadSettings } from '../../gateway/config/load.ts';
import type { Signal } from '../../gateway/core/signal.ts';
import { createButtonBusDriver } from '../../gateway/inputs/button-bus/driver.ts';
import { MqttWatch } from './support/mqtt-watch.ts';
import { CALLPOINT, Command, type Ended, SIM, sim } from './support/processes.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';
import { Waiting } from './support/waiting.ts';

let site: SmallSite;
let receiverPort = 0;
beforeAll(async () => {
  receiverPort = await freePort();
  site = await smallSite({ receiverPort });
});
afterAll(() => site.remove());

describe('serve, receiver and a gateway, each a process of its own', () => {
  const commands: Command[] = [];
  let serve: Command;
  let receiver: Command;
  let mqtt: MqttWatch;

  function start(...how: ConstructorParameters<typeof Command>): Command {
    const command = new Command(...how);
    commands.push(command);
    return command;
  }
  beforeAll(async () => {
    receiver = start(SIM, ['receiver', '--site', site.file]);
    serve = start(SIM, ['serve', site.file]);
    await Promise.all([
      receiver.says(new RegExp(`^central {2}DC-09 receiver on TCP 127.0.0.1:${receiverPort}, account 1234$`, 'm')),
      serve.says(/Serving 2 devices: wb-101, wb-102/),
    ]);
    start(CALLPOINT, ['run', '--no-warm-up', '--config', site.file, '--data', site.data]);
    mqtt = new MqttWatch(site.mqttPort, site.mqttPassword);
    await mqtt.path('central', 'up');
  });
  afterAll(async () => {
    await mqtt.close();
    await Promise.all(commands.map((command) => command.kill()));
  });

  test('press prints the alert’s id; the receiver displays it and the wall shows green', async () => {
    const { code, stdout } = await sim('press', 'wb-101', '--site', site.file, '--button', 'button-2');
    expect(code).toBe(0);
    const [, id = ''] = /^pressed: alert (wb-101\.\d+\.\d+)$/m.exec(stdout) ?? [];
    expect(await mqtt.acknowledged(id)).toMatchObject({ button: 'button-2', pattern: 'single' });
    await receiver.says(new RegExp(`^central {2}DISPLAYED .* MA zone 201 .*${id.replaceAll('.', '\\.')}`, 'm'));
    await serve.says(/wb-101 LED green/);
  });

  test('press on an unplugged line claims no alert, and to unplug twice is told', async () => {
    const unplug = () => sim('unplug', 'bus-1', '--site', site.file);
    expect((await unplug()).stdout).toBe('done\n');
    expect((await unplug()).stdout).toBe('bus-1 was unplugged already\n');
    const pressed = await sim('press', 'wb-102', '--site', site.file);
    expect([pressed.code, pressed.stdout]).toEqual([1, '']);
    expect(pressed.stderr).toMatch(/^pressed wb-102, but bus-1 is unplugged: no gateway hears it/);
    expect(pressed.stderr).not.toContain('alert');
    const json = await sim('press', 'wb-102', '--json', '--site', site.file);
    expect([json.code, json.stderr]).toEqual([1, '']);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, code: 'SIMULATOR_REFUSED' });
    const replug = () => sim('replug', 'bus-1', '--site', site.file);
    expect((await replug()).stdout).toBe('done\n');
    expect((await replug()).stdout).toBe('bus-1 was not unplugged\n');
  });

  test('press --long is a long press', async () => {
    const { stdout } = await sim('press', 'wb-102', '--site', site.file, '--long');
    const [, id = ''] = /alert (\S+)/.exec(stdout) ?? [];
    expect((await mqtt.acknowledged(id)).pattern).toBe('long');
  });

  test('with --json a press is one object with the id of its alert, and a mistake is one with its code', async () => {
    const [pressed, unknown, wrong] = await Promise.all([
      sim('press', 'wb-101', '--json', '--site', site.file),
      sim('press', 'wb-111', '--json', '--site', site.file),
      sim('door', 'wb-101', 'ajar', '--json', '--site', site.file),
    ]);
    const { alert, ...rest } = JSON.parse(pressed.stdout);
    expect(rest).toMatchObject({ ok: true, command: 'press', device: 'wb-101' });
    await mqtt.acknowledged(alert);
    for (const { code, stdout, stderr } of [unknown, wrong]) {
      expect([code, stderr]).toEqual([2, '']);
      expect(JSON.parse(stdout)).toMatchObject({ ok: false, code: 'USAGE' });
    }
    expect(JSON.parse(unknown.stdout).text).toContain('Did you mean "wb-101"?');
  });

  test('wait ends with exit 0 where the site is served and the gateway is ready', async () => {
    const { code, stdout } = await sim('wait', '--site', site.file, '--data', site.data);
    expect([code, stdout]).toEqual([0, 'ready\n']);
  });

  test('a second simulator of the paths says that they are served', async () => {
    const { code, stderr } = await sim('receiver', '--site', site.file);
    expect([code, stderr]).toEqual([2, expect.stringContaining('are served already: stop that simulator first')]);
  });

  test('door moves the contact and the bolt', async () => {
    type Points = { points: Record<string, { state: string }> };
    const state = (point: string, wanted: string) =>
      mqtt.until('dev/wb-101/state', ({ points }: Points) => points[point]?.state === wanted);
    await state('door', 'closed');
    expect((await sim('door', 'wb-101', 'open', '--site', site.file)).code).toBe(0);
    await state('door', 'open');
    expect((await sim('door', 'wb-101', 'unlocked', '--site', site.file)).code).toBe(0);
    await state('bolt', 'unlocked');
  });

  test('a device that is not there exits 2 and names those that are; a state that is not one exits 2', async () => {
    const [press, door] = await Promise.all([
      sim('press', 'wb-999', '--site', site.file),
      sim('door', 'wb-101', 'ajar', '--site', site.file),
    ]);
    expect(press.code).toBe(2);
    expect(press.stderr).toContain('wb-101, wb-102');
    expect(door.code).toBe(2);
    expect(door.stderr).toContain('open, closed, locked, unlocked');
  });

  test('a second receiver on the same port says that it is taken and exits 1', async () => {
    const ended = await sim('receiver', '--port', String(receiverPort), '--site', site.file);
    expect(ended.code).toBe(1);
    expectWords(ended);
    expect(ended.stderr).toContain(`Port ${receiverPort} is used by another program`);
  });

  test('behave makes the far end of a path refuse', async () => {
    expect((await sim('behave', 'central', 'refuse', '--site', site.file)).code).toBe(0);
    await receiver.says(/^central {2}behaves: refuse$/m);
    const [error] = await once(connect(receiverPort, '127.0.0.1'), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('serve and receiver end with exit 0 at SIGTERM', async () => {
    const [served, received] = await Promise.all([serve.stop(), receiver.stop()]);
    expect([served.code, served.stderr]).toEqual([0, '']);
    expect([received.code, received.stderr]).toEqual([0, '']);
  });
});

describe('serve makes no more than a simulator’s own, and leaves nothing behind', () => {
  let own: SmallSite;
  beforeEach(async () => {
    own = await smallSite({ receiverPort });
  });
  afterEach(() => own.remove());
  const second = (port: string) =>
    writeFileSync(
      own.file,
      readFileSync(own.file, 'utf8').replace(
        'devices:',
        `  - { id: bus-2, driver: button-bus, port: ${port} }\ndevices:`,
      ),
    );
  const left = () => readdirSync(own.directory).sort();

  test.each([
    ['a place for real ports', '/dev/callpoint-test-port'],
    ['one that only looks like another', 'DIRECTORY/by-id/port-1'],
    ['what is there already', 'DIRECTORY/real-port'],
  ])('%s is refused: exit 2, and what stood there stands', async (_, port) => {
    symlinkSync('/dev/callpoint-test-port', join(own.directory, 'real-port'));
    symlinkSync('/dev', join(own.directory, 'by-id'));
    const before = left();
    second(port.replace('DIRECTORY', own.directory));
    const ended = await sim('serve', own.file);
    expect(ended.code).toBe(2);
    expectWords(ended);
    expect(ended.stderr).toMatch(/is a place for real ports|is not a simulator's/);
    expect(left()).toEqual(before);
    expect(readlinkSync(join(own.directory, 'real-port'))).toBe('/dev/callpoint-test-port');
  });

  test('what a killed simulator left is recognised and taken; at a hang-up its links go', async () => {
    second(join(own.directory, 'new', 'deep', 'bus-2'));
    const before = left();
    const killed = new Command(SIM, ['serve', own.file]);
    await killed.says(/Serving 2 devices/);
    await killed.kill();
    expect(left()).toEqual([...before, 'bus-1', 'new'].sort());
    const served = new Command(SIM, ['serve', own.file]);
    await served.says(/Serving 2 devices/);
    const twice = await sim('serve', own.file);
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('is served already')]);
    served.child.kill('SIGHUP');
    expect(await served.ended).toMatchObject({ code: 0, stderr: '' });
    // The directory existed when the second one began.
    expect(left()).toEqual([...before, 'new'].sort());
  });
});

test('frames, written to a gateway’s line, are heard as authenticated presses, in order and each once', async () => {
  const { code, stdout } = await sim(
    'frames',
    '--device',
    'wb-102',
    '--count',
    '5',
    '--site',
    site.file,
    '--epoch',
    '7',
  );
  expect(code).toBe(0);
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(5);
  for (const line of lines) expect(line).toMatch(/^([0-9a-f]{2}){1,64}$/);

  const pty = openPseudoTerminal();
  pty.link(site.serialLink);
  const [settings] = loadSettings(site.file, site.data).inputs;
  if (settings?.driver !== 'button-bus') throw new Error('the site has no button bus');
  const heard: Signal[] = [];
  const waiting = new Waiting();
  let up = false;
  const driver = createButtonBusDriver(settings, 1, {
    signal: (signal) => {
      heard.push(signal);
      waiting.check();
    },
    reception: () => undefined,
    bridge: () => undefined,
    unknownSignal: (unknown) => expect(unknown).toBeUndefined(),
    health: ({ state }) => {
      up = state === 'up';
      waiting.check();
    },
  });
  driver.start();
  try {
    await waiting.until('the port', () => up);
    for (const line of lines) pty.write(Buffer.from(line, 'hex'));
    await waiting.until(
      'five presses',
      () => heard.length === 5,
      () => heard,
    );
    const press = { type: 'press', button: 0, pattern: 'single' };
    expect(heard).toMatchObject(
      [1, 2, 3, 4, 5].map((counter) => ({
        device: 'wb-102',
        authenticated: true,
        identity: { epoch: 7, counter },
        body: press,
      })),
    );
    expect(driver.counters().framesRejected).toBe(0);
  } finally {
    await driver.stop();
    pty.close();
  }
});

/** Expects an error message without a stack trace or our code. */
function expectWords({ stderr }: Ended): void {
  expect(stderr).not.toBe('');
  expect(stderr).not.toMatch(/^\s+at |Error:/m);
}

describe('mistakes', () => {
  test('sim --help lists every command and exits 0', async () => {
    const { code, stdout } = await sim('--help');
    expect(code).toBe(0);
    for (const command of ['serve', 'press', 'door', 'receiver', 'behave', 'frames']) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b.* {2}\\w`, 'm'));
    }
  });

  test('wait for a site that nobody serves exits 1 and says what is missing', async () => {
    const ended = await sim('wait', '--site', site.file, '--timeout', '0');
    expect(ended.code).toBe(1);
    expectWords(ended);
    expect(ended.stderr).toContain('is not ready after 0 s: no simulator serves it');
  });

  test('frames --json is one object with all frames', async () => {
    const args = ['--device', 'wb-101', '--count', '3', '--epoch', '9', '--site', site.file];
    const [json, text] = await Promise.all([sim('frames', ...args, '--json'), sim('frames', ...args)]);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: true, epoch: 9, frames: text.stdout.trim().split('\n') });
  });

  test('press without a simulator exits 1 and says how to start one', async () => {
    const ended = await sim('press', 'wb-101', '--site', site.file);
    expect(ended.code).toBe(1);
    expectWords(ended);
    expect(ended.stderr).toContain('callpoint-sim serve');
  });

  test.each([
    ['press', ['press', 'wb-101', '--site']],
    ['serve', ['serve']],
    ['frames', ['frames', '--device', 'wb-101', '--count', '1', '--site']],
    ['receiver', ['receiver', '--port', '0', '--site']],
  ])('%s of a site that is not there exits 1 and names the file', async (_name, args) => {
    const ended = await sim(...args, join(site.directory, 'nowhere.yaml'));
    expect(ended.code).toBe(1);
    expectWords(ended);
    expect(ended.stderr).toContain('nowhere.yaml');
  });

  test.each([
    ['an unknown device', ['frames', '--device', 'wb-999', '--count', '1']],
    ['a port that is none', ['receiver', '--port', '70000']],
    ['a key of the wrong length', ['receiver', '--port', '0', '--key', 'abcd']],
    ['an unknown option', ['serve', '--sead', '1']],
    ['a receiver for nothing', ['receiver']],
  ])('%s exits 2', async (_name, args) => {
    const ended = await sim(...args, ...(args[0] === 'frames' ? ['--site', site.file] : []));
    expect(ended.code).toBe(2);
    expectWords({ ...ended, stderr: ended.stderr.replaceAll('error:', '') });
  });

  test('a secret in a broken keys file is never printed', async () => {
    const broken = join(site.directory, 'broken.yaml');
    writeFileSync(broken, `keys: broken-keys.yaml\n${readFileSync(site.file, 'utf8')}`);
    const keys = join(site.directory, 'broken-keys.yaml');
    writeFileSync(keys, readFileSync(join(site.directory, 'keys.yaml'), 'utf8'));
    const [secret = 'none'] = site.secrets;
    appendFileSync(keys, `broken: [${secret}\n`);
    const ended = await sim('serve', broken);
    expect(ended.code).toBe(1);
    expectWords(ended);
    expect(ended.stdout + ended.stderr).not.toContain(secret);
  });
});
