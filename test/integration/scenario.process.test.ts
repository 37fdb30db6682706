import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { removeLeftovers } from '../../device-sim/scenario/leftovers.ts';
import { CALLPOINT, Command, SIM, sim } from './support/processes.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'callpoint-test-scenario-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function scenario(name: string, lines: readonly string[]): string {
  const file = join(directory, `${name}.yaml`);
  writeFileSync(file, `name: ${name}\nsite: small\n${lines.join('\n')}\n`);
  return file;
}

const runDirectories = () => readdirSync(tmpdir()).filter((name) => name.startsWith('callpoint-scenario-'));

test('a press runs through a real gateway: exit 0, and nothing is left behind', async () => {
  const file = scenario('kept', [
    'timeline:',
    '  - press: wb-101',
    '  - wait: { alert: intruder, from: wb-101, acknowledged: central }',
    '  - gateway: kill',
    '  - gateway: start',
    '  - replay: wb-101',
    '    name: replayed',
    'expect:',
    '  - { shown: central, from: wb-101, text: Intruder, times: 1 }',
    '  - { wall: wb-101, shows: green }',
    '  - { noAlert: any, since: replayed }',
    '  - { journal: verifies }',
  ]);
  const { code, stdout, stderr } = await sim('run', file, '--json');
  expect(stderr).toBe('');
  const { passed, runs } = JSON.parse(stdout) as { passed: boolean; runs: { expectations: { met: boolean }[] }[] };
  expect([code, passed, runs[0]?.expectations.map(({ met }) => met)]).toEqual([
    0,
    true,
    [true, true, true, true, true],
  ]);
});

test('a promise that is broken: exit 1, the line in the file, what was seen when, and JUnit XML', async () => {
  const file = scenario('broken', [
    'timeline:',
    '  - behave: central',
    '    to: hang',
    '  - press: wb-101',
    'expect:',
    '  - { alert: intruder, from: wb-101, acknowledged: central, within: 1s }',
  ]);
  const junit = join(directory, 'junit.xml');
  const { code, stdout } = await sim('run', file, '--junit', junit);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^FAIL {2}broken/);
  expect(stdout).toContain(`${file}:8: alert: intruder, from: wb-101`);
  expect(stdout).toMatch(/none was acknowledged on central as wanted within 1 s/);
  expect(stdout).toMatch(/0\.\d{3} s {2}wb-101 is pressed: alert wb-101/);
  expect(readFileSync(junit, 'utf8')).toMatch(/<testsuite name="[^"]+broken\.yaml" tests="1" failures="1"/);
});

test('a mistake is shown with its line before anything starts: exit 2', async () => {
  const file = scenario('mistaken', ['timeline: [{ pres: wb-101 }]', 'expect: [{ noAlert: any }]']);
  const { code, stderr } = await sim('run', file);
  expect([code, stderr]).toEqual([2, `${file}:3:12: error: "pres" is not a step; did you mean "press"?\n`]);
});

test('a run that is killed takes its gateway along, and what the next run does first removes its directory', async () => {
  const file = scenario('killed', [
    'timeline:',
    '  - press: wb-101',
    '  - wait: { wall: wb-101, shows: red, within: 1h }',
    'expect: [{ noAlert: any }]',
  ]);
  const before = new Set(runDirectories());
  const command = new Command(SIM, ['run', file]);
  const own = () => runDirectories().find((name) => !before.has(name));
  const gateways = () =>
    readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${own()}/site.yaml`);
      } catch {
        return false; // it has ended
      }
    });
  await expect.poll(() => own() !== undefined && gateways().length, { timeout: 20_000 }).toBe(1);
  await command.kill();
  await expect.poll(() => gateways().length, { timeout: 5_000 }).toBe(0);
  const left = own();
  expect(left).toBeDefined();
  removeLeftovers();
  expect(existsSync(join(tmpdir(), left ?? ''))).toBe(false);
});

test('dry leaves the site as it is; the keys of the copy are for its owner only; the gateway on it is left running', async () => {
  const site = join(directory, 'site.yaml');
  const written = `version: 1
gateway: gw-oak
site: { name: Oak }
buildings: [{ id: A, name: Main, floors: [{ id: "1", name: First, rooms: [{ number: "101", name: Office }] }] }]
inputs: [{ id: bus-1, driver: button-bus, port: /dev/serial/by-id/real }]
devices:
  - { id: wb-101, input: bus-1, address: 1, location: A/1/101, buttons: [{ id: b, number: 0, kind: intruder, zone: 1 }] }
paths: [{ id: central, driver: dc09-tcp, host: receiver.example, port: 7700, account: 0012, tls: { ca: real.pem } }]
mqtt: { clients: [{ name: console, role: operator }] }
`;
  writeFileSync(site, written);
  const key = randomBytes(16).toString('hex');
  writeFileSync(join(directory, 'keys.yaml'), `devices: { wb-101: ${key} }\n`, { mode: 0o600 });
  const into = join(directory, 'dry');
  const { code, stdout } = await sim('dry', site, '--into', into);
  expect(code).toBe(0);
  expect(stdout).toContain('path central: host: receiver.example → 127.0.0.1');
  expect(readFileSync(site, 'utf8')).toBe(written);
  const copy = readFileSync(join(into, 'site.yaml'), 'utf8');
  expect(copy).not.toMatch(/\/dev\/|receiver\.example|real\.pem/);
  expect(copy).toContain('account: 0012');
  expect(readFileSync(join(into, 'keys.yaml'), 'utf8')).toContain(key);
  expect(statSync(join(into, 'keys.yaml')).mode & 0o777).toBe(0o600);
  const again = await sim('dry', site, '--into', into);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('holds files')]);

  // The copy is run as the installation would be, and the scenario plays against that gateway.
  const gateway = new Command(CALLPOINT, ['run', '--config', join(into, 'site.yaml'), '--data', join(into, 'data')]);
  const play = (name: string, step: string) => {
    const file = join(directory, `${name}.yaml`);
    const expected = '{ alert: intruder, from: wb-101, acknowledged: central }';
    writeFileSync(file, `name: ${name}\nsite: dry/site.yaml\ntimeline: [${step}]\nexpect: [${expected}]\n`);
    return sim('run', file, '--against', 'running');
  };
  expect((await play('over TLS', '{ press: wb-101 }')).stdout).toMatch(/^PASS {2}over TLS/);
  expect(await play('kills it', '{ gateway: kill }')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("gateway needs a gateway of the run's own"),
  });
  expect((await gateway.stop()).code).toBe(0);
});
