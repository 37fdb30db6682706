import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { CALLPOINT, Command, type Ended, SIM } from './support/processes.ts';

/*
 * The way of hardware/first-walk-test.md, command by command, with real processes. The commands of
 * the page that need a person's eyes or hands have their answers here.
 */

const PAGE = readFileSync(new URL('../../hardware/first-walk-test.md', import.meta.url), 'utf8');
const BLOCKS = [...PAGE.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => text.trim().split('\n'));
const LINES = BLOCKS.flat();
const [, ANSWERS = ''] = /<!-- answers.yaml -->\s+```yaml\n([\s\S]*?)```/.exec(PAGE) ?? [];

let directory = '';
let site = '';
const running: Command[] = [];

/** What the page says, word by word; `more` replaces a person at the terminal. */
function start(line: string, more: readonly string[] = [], cwd = site): Command {
  expect(LINES).toContain(line);
  return begin(line, more, cwd);
}

function begin(line: string, more: readonly string[] = [], cwd = site): Command {
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const [name, ...args] = words;
  const command = new Command(name === 'callpoint' ? CALLPOINT : SIM, [...args, ...more], { cwd });
  running.push(command);
  return command;
}

async function done(command: Command): Promise<Ended> {
  const ended = await command.ended;
  expect(ended, command.child.spawnargs.join(' ')).toMatchObject({ code: 0 });
  return ended;
}

const run = (line: string, more: readonly string[] = [], cwd = site) => done(start(line, more, cwd));
/** A command that the page has in words only. */
const also = (line: string, cwd = site) => done(begin(line, [], cwd));

/** For so long after its input came up, a press may be older than the walk test: it is real. */
const SETTLES_MS = 5_500;

const DEVICES = ['wb-101', 'wb-102', 'tag-103', 'tag-104', 'button-103', 'button-104'];

async function stopped(command: Command | undefined): Promise<void> {
  expect((await command?.stop())?.code).toBe(0);
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-journey-'));
  site = join(directory, 'mysite');
  const [receiver, broker] = [await freePort(), await freePort()];
  const answers = ANSWERS.replaceAll('/tmp/mysite', join(directory, 'ports'))
    .replace('7700', String(receiver))
    .replace('127.0.0.1:1883', `127.0.0.1:${broker}`);
  writeFileSync(join(directory, 'answers.yaml'), answers);
});
afterAll(async () => {
  await Promise.all(running.map((command) => command.kill()));
  rmSync(directory, { recursive: true, force: true });
});

test('every command of the page is one that there is', async () => {
  const [gateway, simulator] = await Promise.all([
    import('../../gateway/cli/program.ts').then(({ program }) => program()),
    import('../../device-sim/cli/program.ts').then(({ program }) => program()),
  ]);
  const commands = LINES.filter((line) => line.startsWith('callpoint'));
  expect(commands.length).toBeGreaterThan(30);
  for (const line of commands) {
    const [name, ...words] = line.split(' ');
    let command = name === 'callpoint' ? gateway : simulator;
    for (const word of words) {
      const next = command.commands.find((each) => each.name() === word);
      if (next === undefined) break;
      command = next;
    }
    expect(command.parent, line).not.toBeNull();
    const known = command.options.flatMap(({ long, short }) => [long, short]);
    for (const word of words.filter((each) => each.startsWith('--'))) expect(known, line).toContain(word);
  }
});

describe('from nothing to a restored gateway', () => {
  let gateway: Command | undefined;
  let devices: Command | undefined;
  let receiver: Command | undefined;
  let settled = Promise.resolve();

  test('a site is written from answers, the simulator and the gateway start', async () => {
    await run('callpoint init mysite --answers answers.yaml', [], directory);
    devices = start('callpoint-sim serve site.yaml');
    receiver = start('callpoint-sim receiver --site site.yaml');
    await Promise.all([
      run('callpoint check'),
      devices.says(/Serving no devices yet/),
      receiver.says(/DC-09 receiver/),
    ]);
    gateway = start('callpoint run', ['--no-warm-up']);
    for (const input of ['bus-1', 'radio-1', 'zigbee']) {
      await gateway.says(new RegExp(`"input":"${input}".*"event":"input.up"`));
    }
  });

  test('six devices of three kinds are found, and enrolled with the commands that are shown', async () => {
    const strangers = LINES.filter((line) => line.startsWith('callpoint-sim stranger'));
    await Promise.all(strangers.map((line) => run(line)));
    let shown: readonly string[] = [];
    for (let looks = 0; looks < 20 && shown.length < DEVICES.length; looks += 1) {
      const { stdout } = await run('callpoint devices discover', ['--seconds', '2', '--json']);
      const found = JSON.parse(stdout) as { strangers: { enrol: { command: string } }[] };
      shown = found.strangers.map(({ enrol }) => enrol.command).sort();
    }
    const adds = LINES.filter((line) => line.startsWith('callpoint devices add'));
    expect(shown).toEqual(adds.map((line) => line.replace(/ --room.*/, '')).sort());
    for (const line of adds) await run(line);
    expect((await run('callpoint-sim set-up')).stdout).toMatch(/^Serving 6 devices: /);
    expect((await run('callpoint reload')).stdout).toContain('The configuration was taken up');
    settled = new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
    const { stdout } = await run('callpoint devices');
    for (const device of DEVICES) expect(stdout).toContain(device);
    // Its findings are those of a machine in a test. What matters is that it ends.
    expect((await start('callpoint doctor').ended).stdout).toContain('path central');
    await gateway?.says(/"device":"wb-101".*"event":"device.hello"/);
  });

  test('a walk test ticks all of them and the siren, and its report is a PDF', async () => {
    const watching = start('callpoint walk-test start --scope building:A --tester "Maria Lopez" --watch');
    await Promise.all([watching.says(/0 of 7 tested/), settled]);
    await Promise.all([
      ...DEVICES.map(press),
      run('callpoint walk-test tick siren').then(() => also('callpoint walk-test tick siren --seen')),
    ]);
    await receiver?.says(/TEST: .*\(button-104\./);
    await until(async () => (await status()).counts.tested === 7);
    await run('callpoint walk-test stop');
    await watching.ended;
    await run('callpoint walk-test report');
    expect(pdfs('walk-test')).toEqual(['%PDF-']);
  });

  test('a drill has its report', async () => {
    await run('callpoint drill start --scope building:A --minutes 15 --reason "first drill"');
    await press('wb-102');
    await receiver?.says(/DRILL: .*\(wb-102\./);
    await run('callpoint drill stop');
    await run('callpoint report --drill building:A');
    expect(pdfs('drill')).toEqual(['%PDF-']);
  });

  test('a broken node is replaced, a key is rotated, and the first press of each is an alarm that proves itself', async () => {
    await run('callpoint devices replace wb-101', ['--yes']);
    await run('callpoint keys rotate wb-102', ['--yes']);
    // The gateway first: between the two, presses are not accepted.
    await run('callpoint reload');
    await run('callpoint-sim set-up');
    for (const device of ['wb-101', 'wb-102']) {
      await press(device);
      await receiver?.says(new RegExp(`Intruder, Main building.* Rm \\S+ \\S+ \\(${device}\\.k2\\.1\\.\\d+\\)`));
    }
  });

  test('a backup is restored in a second directory, where the gateway runs and takes a press', async () => {
    mkdirSync(join(directory, 'backups'));
    writeFileSync(join(directory, 'passphrase'), 'correct horse battery staple\n', { mode: 0o600 });
    await run('callpoint backup ../backups --passphrase-file ../passphrase');
    const [name = ''] = readdirSync(join(directory, 'backups'));
    const restore = LINES.find((line) => line.startsWith('callpoint restore')) ?? '';
    await Promise.all([stopped(gateway), stopped(devices)]);
    await also(`${restore.replace('FILE', `../backups/${name}`)} --unfinished drop`);
    site = join(directory, 'new');
    devices = start('callpoint-sim serve site.yaml');
    await devices.says(/Serving 6 devices/);
    gateway = start('callpoint run', ['--no-warm-up']);
    await gateway.says(/"input":"bus-1".*"event":"input.up"/);
    await press('wb-101');
    await receiver?.says(/Intruder, .* \(wb-101\.k2\.\d{5,}\.\d+\)/);
    await devices.says(/wb-101 LED green/);
  });

  function press(device: string): Promise<Ended> {
    return also(`callpoint-sim press ${device}`);
  }

  async function status(): Promise<{ readonly counts: { readonly tested: number } }> {
    return JSON.parse((await begin('callpoint walk-test status --json').ended).stdout);
  }

  async function until(is: () => Promise<boolean>): Promise<void> {
    for (let looks = 0; looks < 50; looks += 1) if (await is()) return;
    throw new Error(`it never came: ${JSON.stringify(await status())}`);
  }

  function pdfs(part: string): string[] {
    const names = readdirSync(site).filter((name) => name.includes(part) && name.endsWith('.pdf'));
    return names.map((name) => readFileSync(join(site, name)).subarray(0, 5).toString());
  }
});
