import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { CALLPOINT, Command, type Ended } from './support/processes.ts';
import { smallSite } from './support/small-site.ts';
import { AtTerminal } from './support/terminal.ts';
import { Waiting } from './support/waiting.ts';

async function callpoint(...args: string[]): Promise<Ended> {
  return await new Command(CALLPOINT, args).ended;
}

test('a school moves to a new SD card while its buttons are pressed: saved beside the gateway, restored, alarmed', async () => {
  const receiverPort = await freePort();
  const site = await smallSite({ receiverPort });
  const root = mkdtempSync(join(tmpdir(), 'callpoint-card-'));
  const card = { config: join(root, 'new', 'site.yaml'), data: join(root, 'new', 'data') };
  const arrived = new Waiting();
  const receiver = await startReceiver({ port: receiverPort, accounts: readSite(site.file, epochNow()).accounts });
  const simulator = new SiteSimulator(readSite(site.file, epochNow()), 1);
  const gateways: Command[] = [];
  onTestFinished(async () => {
    for (const each of gateways) await each.kill();
    simulator.stop();
    await receiver.close();
    site.remove();
    rmSync(root, { recursive: true, force: true });
  });
  const texts = () => receiver.displayed.map(({ text }) => text);
  const start = async (config: string, data: string): Promise<Command> => {
    const gateway = new Command(CALLPOINT, ['run', '--no-warm-up', '--config', config, '--data', data]);
    gateways.push(gateway);
    await gateway.says(/"event":"ready"/);
    await gateway.says(/"event":"input.up"/);
    return gateway;
  };
  const press = async (count: number): Promise<void> => {
    simulator.press('wb-101', 'button-1', 'single');
    simulator.release('wb-101', 'button-1');
    await arrived.until(
      `${count} alarms`,
      () => texts().filter((text) => /^Hold-up/.test(text ?? '')).length >= count,
      () => texts().join('\n'),
      20_000,
    );
  };
  const checking = setInterval(() => arrived.check(), 20);
  onTestFinished(() => clearInterval(checking));

  const first = await start(site.file, site.data);
  await press(1);
  const secret = join(root, 'passphrase');
  writeFileSync(secret, 'five words make a passphrase\n', { mode: 0o600 });
  const options = ['--passphrase-file', secret, '--json'];
  const saved = await callpoint('backup', root, '--config', site.file, '--data', site.data, ...options);
  expect([saved.code, saved.stderr]).toEqual([0, '']);
  const { file, encrypted, gateway_running: isRunning } = JSON.parse(saved.stdout);
  expect([encrypted, isRunning]).toEqual([true, true]);
  // The gateway was not disturbed: the next press is an alarm as before.
  await press(2);
  expect(first.stderr).not.toMatch(/"level":"(?:error|fatal)"/);

  const refused = await callpoint('restore', file, '--config', card.config, '--data', site.data, ...options);
  expect([refused.code, JSON.parse(refused.stdout)]).toEqual([1, expect.objectContaining({ code: 'ALREADY_RUNNING' })]);
  await first.kill();
  const undecided = await callpoint('restore', file, '--config', card.config, ...options);
  expect([undecided.code, JSON.parse(undecided.stdout)]).toEqual([
    1,
    { ok: false, code: 'BACKUP_FAILED', text: expect.stringContaining('--unfinished drop or --unfinished keep') },
  ]);
  expect(existsSync(join(root, 'new'))).toBe(false);
  const restored = await callpoint('restore', file, '--config', card.config, '--unfinished', 'drop', ...options);
  expect([restored.code, restored.stderr]).toEqual([0, '']);
  expect(JSON.parse(restored.stdout)).toMatchObject({ gateway: 'gw-test', journal: { proven: true } });
  expect((await callpoint('verify', join(card.data, 'journal'))).code).toBe(0);
  expect(readdirSync(root).filter((name) => name.includes('part'))).toEqual([]);

  const before = receiver.displayed.length;
  const used = new Set(receiver.displayed.map(({ sequence }) => sequence));
  await start(card.config, card.data);
  await press(3);
  const since = receiver.displayed.slice(before);
  // The alert of the backup is not sent again, and no number returns that the receiver has seen.
  expect(since.filter(({ text }) => /^Hold-up/.test(text ?? ''))).toHaveLength(1);
  for (const { sequence } of since) expect(used).not.toContain(sequence);
  expect((await callpoint('verify', join(card.data, 'journal'))).code).toBe(0);
}, 90_000);

test('without a terminal a backup asks for nothing: it says which option is missing', async () => {
  const site = await smallSite({ receiverPort: 7700 });
  onTestFinished(() => site.remove());
  const target = join(site.directory, 'x.tar.gz');
  const asked = await callpoint('backup', target, '--config', site.file);
  expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining('--passphrase-file, or --plain')]);
  const open = join(site.directory, 'open');
  writeFileSync(open, 'five words make a passphrase\n', { mode: 0o644 });
  const exposed = await callpoint('backup', target, '--config', site.file, '--passphrase-file', open);
  expect([exposed.code, exposed.stderr]).toEqual([1, expect.stringContaining('Run: chmod 600')]);
  const weak = join(site.directory, 'weak');
  writeFileSync(weak, 'school\n', { mode: 0o600 });
  const short = await callpoint('backup', target, '--config', site.file, '--passphrase-file', weak);
  expect([short.code, short.stderr]).toEqual([1, expect.stringContaining('has 6 characters. Use 12 or more')]);
  expect(existsSync(target)).toBe(false);
  const plain = await callpoint('backup', target, '--config', site.file, '--plain');
  expect([plain.code, plain.stdout]).toEqual([0, expect.stringContaining('NOT encrypted')]);
  const checked = await callpoint('restore', target, '--check');
  expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining('is whole: gw-test')]);
});

test('at a terminal it asks twice for the passphrase, and shows it nowhere', async () => {
  const site = await smallSite({ receiverPort: 7700 });
  onTestFinished(() => site.remove());
  const target = join(site.directory, 'x.cpbackup');
  const passphrase = 'five words make a passphrase';
  const differing = new AtTerminal(CALLPOINT, ['backup', target, '--config', site.file]);
  await differing.answer('Passphrase for the backup: ', passphrase);
  await differing.answer('The same again: ', 'five words make a mistake');
  expect(await differing.ended).toBe(1);
  expect(existsSync(target)).toBe(false);
  const backup = new AtTerminal(CALLPOINT, ['backup', target, '--config', site.file]);
  await backup.answer('Passphrase for the backup: ', passphrase);
  await backup.answer('The same again: ', passphrase);
  expect(await backup.ended).toBe(0);
  const check = new AtTerminal(CALLPOINT, ['restore', target, '--check']);
  await check.answer(`Passphrase of ${target}: `, passphrase);
  expect(await check.ended).toBe(0);
  expect(check.screen).toContain('is whole: gw-test');
  for (const { screen } of [differing, backup, check]) expect(screen).not.toMatch(/five|words|mistake/);
});

test('of two restores to one place at once, one is done and the other takes nothing of it away', async () => {
  const site = await smallSite({ receiverPort: 7700 });
  onTestFinished(() => site.remove());
  const backup = join(site.directory, 'x.tar.gz');
  expect((await callpoint('backup', backup, '--config', site.file, '--data', site.data, '--plain')).code).toBe(0);
  const to = join(site.directory, 'new');
  const restore = () => callpoint('restore', backup, '--config', join(to, 'site.yaml'), '--data', join(to, 'data'));
  const codes = (await Promise.all([restore(), restore()])).map(({ code }) => code);
  expect(codes.sort()).toEqual([0, 1]);
  expect(readdirSync(to).sort()).toEqual(expect.arrayContaining(['data', 'keys.yaml', 'site.yaml']));
  expect((await callpoint('verify', join(to, 'data', 'journal'))).code).toBe(0);
});
