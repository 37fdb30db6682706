import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { plugGpioChip } from '../../device-sim/gpio/plug-chip.ts';
import { openPseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { noteBackup } from '../../gateway/cli/backup/last-backup.ts';
import { backupProbe } from '../../gateway/cli/doctor/backup-probe.ts';
import { examineAll } from '../../gateway/cli/doctor/doctor.ts';
import { type Examined, examine, type Finding } from '../../gateway/cli/doctor/finding.ts';
import { machineProbes, ROOTS } from '../../gateway/cli/doctor/machine-probes.ts';
import { networkProbes } from '../../gateway/cli/doctor/network-probes.ts';
import { portProbes } from '../../gateway/cli/doctor/port-probes.ts';
import { storageProbes } from '../../gateway/cli/doctor/storage-probes.ts';
import { CALLPOINT, Command } from './support/processes.ts';
import { smallSite } from './support/small-site.ts';

const NO_ENDPOINTS = { serialPorts: [], gpioChips: [], radios: [], hosts: [] };

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'callpoint-doctor-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

function linesOf(examined: readonly Examined[]): string[] {
  return examined.flatMap(({ subject, findings }) =>
    findings.map(({ verdict, text }) => `${verdict} ${subject}: ${text}`),
  );
}

test('beside a running gateway: its disk, keys and receiver are well, and it is not disturbed', async () => {
  const receiverPort = await freePort();
  const site = await smallSite({ receiverPort });
  const receiver = await startReceiver({ port: receiverPort, accounts: readSite(site.file, epochNow()).accounts });
  const simulator = new SiteSimulator(readSite(site.file, epochNow()), 1);
  const gateway = new Command(CALLPOINT, ['run', '--no-warm-up', '--config', site.file, '--data', site.data]);
  onTestFinished(async () => {
    await gateway.kill();
    simulator.stop();
    await receiver.close();
    site.remove();
  });
  await gateway.says(/"event":"ready"/);

  const doctor = new Command(CALLPOINT, ['doctor', '--json', '--config', site.file, '--data', site.data]);
  const { code, stdout, stderr } = await doctor.ended;
  expect(stderr).toBe('');
  const { ok, counts, examined } = JSON.parse(stdout);
  expect([code, ok]).toEqual(counts.problem > 0 ? [1, false] : [0, true]);
  const lines = linesOf(examined);
  for (const line of [
    // The gateway has the port, and so has the simulator: only that one is strange.
    `problem input bus-1: ${site.serialLink} is held by node (pid ${process.pid})`,
    expect.stringMatching(`^ok path central: 127.0.0.1:${receiverPort} accepts connections`),
    expect.stringMatching(/^ok journal disk: .* a record is safe in [\d.]+ ms/),
    expect.stringMatching(/^ok keys: .* its owner alone may read it$/),
    expect.stringMatching(/ gateway: gw-test runs, version /),
  ]) {
    expect(lines).toContainEqual(line);
  }
  expect(readdirSync(site.data).filter((name) => name.includes('doctor'))).toEqual([]);
  expect(readdirSync(join(site.data, 'journal')).filter((name) => name.includes('doctor'))).toEqual([]);
  // The receiver saw a connection and no report, and the gateway has no trouble of it.
  expect(receiver.displayed).toEqual([]);
  expect(gateway.stderr).not.toMatch(/"event":"trouble"/);
});

test('of a broken site each fault is named: keys, port, receiver, no gateway', async () => {
  const site = await smallSite({ receiverPort: await freePort() });
  onTestFinished(() => site.remove());
  mkdirSync(site.data, { mode: 0o777 });
  chmodSync(site.data, 0o777);
  const lines = linesOf(await examineAll({ config: site.file, dataDirectory: site.data, roots: ROOTS }));
  for (const line of [
    expect.stringMatching(/^problem data directory: .* every user may write there$/),
    `problem input bus-1: ${site.serialLink} is not there: is the adapter plugged in?`,
    expect.stringMatching(/^problem path central: .* cannot be reached: ECONNREFUSED$/),
    expect.stringMatching(/^warning gateway: no gateway runs on /),
  ]) {
    expect(lines).toContainEqual(line);
  }
  chmodSync(join(site.directory, 'keys.yaml'), 0o644);
  const exposed = linesOf(await examineAll({ config: site.file, dataDirectory: site.data, roots: ROOTS }));
  expect(exposed).toContainEqual(expect.stringMatching(/^problem keys: .* other users may read the keys$/));
  expect(exposed).toContainEqual(expect.stringMatching(/^problem configuration: .* 1 error/));
});

test('a port that another program holds is a problem, and so is what is no port', async () => {
  const terminal = openPseudoTerminal();
  onTestFinished(() => terminal.close());
  const file = join(directory(), 'file');
  closeSync(openSync(file, 'w'));
  const serialPorts = [terminal.path, file].map((port) => ({ of: 'input bus-1', port }));
  const look = async (gateway: { pid?: number }) => {
    const probes = portProbes({ ...NO_ENDPOINTS, serialPorts }, gateway, ROOTS);
    return (await Promise.all(probes.map((probe) => probe.look()))).flat();
  };
  const [held, none] = await look({});
  expect(held).toMatchObject({ verdict: 'problem', text: expect.stringContaining(`pid ${process.pid})`) });
  expect(none).toMatchObject({ verdict: 'problem', text: `${file} is not a serial port` });
  for (const pid of [process.pid, process.ppid]) {
    expect((await look({ pid }))[0]).toMatchObject({
      verdict: 'ok',
      text: expect.stringContaining('this gateway has it'),
    });
  }
});

test('the machine: a Pi with a weak supply, a radio that is blocked, and no chip', async () => {
  const root = directory();
  const roots = { proc: join(root, 'proc'), sys: join(root, 'sys'), dev: join(root, 'dev'), run: join(root, 'run') };
  const radio = join(roots.sys, 'class/bluetooth/hci0/rfkill3');
  const firmware = join(roots.sys, 'devices/platform/soc/soc:firmware');
  for (const each of [radio, firmware, join(roots.proc, 'device-tree'), join(roots.proc, '77'), roots.dev]) {
    mkdirSync(each, { recursive: true });
  }
  writeFileSync(join(roots.proc, 'device-tree/model'), 'Raspberry Pi 4 Model B Rev 1.4\0');
  writeFileSync(join(firmware, 'get_throttled'), '50005\n');
  writeFileSync(join(roots.proc, '77/status'), 'Name:\tnode\nCapEff:\t0000000000000000\n');
  writeFileSync(join(radio, 'soft'), '1\n');
  const endpoints = {
    ...NO_ENDPOINTS,
    gpioChips: [{ of: 'input header', pins: ['GPIO17'] }],
    radios: [
      { of: 'input radio-1', name: 'hci0' },
      { of: 'input radio-2', name: 'usb:1-1.4' },
    ],
  };
  const probes = [...machineProbes(roots), ...portProbes(endpoints, { pid: 77 }, roots)];
  const examined = await Promise.all(
    probes.map(async ({ subject, look }) => ({ subject, findings: await look(), isLate: false })),
  );
  const lines = linesOf(examined);
  for (const line of [
    'ok supply: Raspberry Pi 4 Model B Rev 1.4',
    'problem supply: the supply voltage is too low now',
    'problem input radio-1: hci0 is blocked (soft)',
    'problem input radio-1: the running gateway may not use Bluetooth radios: CAP_NET_RAW is missing',
    'problem input radio-2: usb:1-1.4 is not there',
    expect.stringMatching(/^problem input header: this machine has no gpiochip/),
  ]) {
    expect(lines).toContainEqual(line);
  }
});

test("lines of a chip: one that another program has, one that is not there, and the gateway's own", async () => {
  const dev = directory();
  const lines = ['ID_SDA', 'ID_SCL', ...Array.from({ length: 26 }, (_, index) => `GPIO${index + 2}`)];
  const header = plugGpioChip({ path: join(dev, 'gpiochip0'), label: 'pinctrl-bcm2711', lines });
  const expander = plugGpioChip({ path: join(dev, 'gpiochip1'), label: 'pca9555', lines: ['GPIO17', 'OUT1'] });
  onTestFinished(() => {
    header.unplug();
    expander.unplug();
  });
  header.occupy('GPIO5', 'fan_control');
  header.occupy('GPIO6', 'callpoint');
  const look = async (pins: readonly string[], chip?: string, pid?: number) => {
    const endpoint = { of: 'input header', pins, ...(chip === undefined ? {} : { chip }) };
    const [probe] = portProbes({ ...NO_ENDPOINTS, gpioChips: [endpoint] }, pid === undefined ? {} : { pid }, {
      ...ROOTS,
      dev,
    });
    return ((await probe?.look()) ?? []).map(({ verdict, text }) => `${verdict} ${text}`);
  };
  expect(await look(['GPIO17', 'GPIO27'])).toEqual([
    `ok ${dev}/gpiochip0 (pinctrl-bcm2711): it has every line of the site (2), and no other program uses one`,
  ]);
  expect(await look(['GPIO5', 'GPIO6', 'GPIO99'], undefined, 77)).toEqual([
    `problem line GPIO5 of ${dev}/gpiochip0 is used by "fan_control"`,
    `problem ${dev}/gpiochip0 (pinctrl-bcm2711) has no line GPIO99`,
  ]);
  expect(await look(['GPIO6'])).toEqual([`problem line GPIO6 of ${dev}/gpiochip0 is used by "callpoint"`]);
  expect(await look(['OUT1'], 'pca9555')).toHaveLength(1);
  expect(await look(['OUT1'], 'pinctrl-rp1')).toEqual(['problem no GPIO chip here is labelled pinctrl-rp1']);
  // To look takes no line.
  expect([...header.held.keys()]).toEqual(['GPIO5', 'GPIO6']);
});

test('a host without an address, and one that accepts connections and hears nothing', async () => {
  let heard = 0;
  const server = createServer((socket) => socket.on('data', () => heard++));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const closed = new Promise((resolve) => server.once('connection', (socket) => socket.once('close', resolve)));
  const probes = networkProbes([
    { of: 'path county', host: 'no-such-host.invalid', port: 443 },
    { of: 'path central', host: '127.0.0.1', port },
    { of: 'path udp', host: '127.0.0.1' },
  ]);
  const [nameless, connected, udp] = await Promise.all(probes.map((probe) => probe.look()));
  expect(nameless?.[0]).toMatchObject({ verdict: 'problem', text: expect.stringContaining('has no address') });
  expect(connected?.[0]).toMatchObject({ verdict: 'ok' });
  expect(udp?.[0]?.text).toContain('only a report or poll can prove the way');
  await closed;
  expect(heard).toBe(0);
});

test('a machine without /sys and /proc, programs or a right clock is looked at all the same', async () => {
  const root = directory();
  const roots = { proc: join(root, 'proc'), sys: join(root, 'sys'), dev: join(root, 'dev'), run: join(root, 'run') };
  const now = () => new Date('1970-01-01T00:05:00Z');
  const probes = machineProbes(roots, { run: async () => undefined, now, kernelClock: async () => undefined });
  const examined = await Promise.all(
    probes.map(async ({ subject, look }) => ({ subject, findings: await look(), isLate: false })),
  );
  const lines = linesOf(examined);
  expect(lines).toContain('problem clock: the date is 1970-01-01, which cannot be right');
  expect(lines).toContain('unknown clock: not known whether the time is synchronised');
  expect(lines.filter((line) => /could not be looked at|supply/.test(line))).toEqual([]);
});

test('where no program tells of the clock, the kernel does, and a Pi without a hardware clock is named', async () => {
  const root = directory();
  const roots = { proc: join(root, 'proc'), sys: join(root, 'sys'), dev: join(root, 'dev'), run: join(root, 'run') };
  const now = () => new Date('2026-11-28T12:00:00Z');
  const seen = async (kernel: boolean) => {
    const probes = machineProbes(roots, { run: async () => undefined, now, kernelClock: async () => kernel });
    const findings = (await probes.find(({ subject }) => subject === 'clock')?.look()) ?? [];
    return findings.map(({ verdict, text }) => `${verdict} ${text}`);
  };
  expect(await seen(true)).toContain('ok the time is synchronised');
  expect(await seen(false)).toContain('warning the time is not synchronised');
  expect((await seen(true)).join()).not.toContain('hardware clock');
  mkdirSync(join(roots.proc, 'device-tree'), { recursive: true });
  writeFileSync(join(roots.proc, 'device-tree/model'), 'Raspberry Pi 4 Model B\0');
  expect(await seen(true)).toContain('warning there is no hardware clock (RTC)');
  mkdirSync(join(roots.sys, 'class/rtc/rtc0'), { recursive: true });
  writeFileSync(join(roots.sys, 'class/rtc/rtc0/since_epoch'), `${now().getTime() / 1000 + 1}\n`);
  expect(await seen(true)).toContain('ok the hardware clock (RTC) has the same time');
});

test('a Pi without vcgencmd and without the flags in /sys: the supply is unknown, not well', async () => {
  const root = directory();
  const roots = { proc: join(root, 'proc'), sys: join(root, 'sys'), dev: join(root, 'dev'), run: join(root, 'run') };
  mkdirSync(join(roots.proc, 'device-tree'), { recursive: true });
  writeFileSync(join(roots.proc, 'device-tree/model'), 'Raspberry Pi 5 Model B\0');
  const supply = machineProbes(roots, { run: async () => undefined }).find(({ subject }) => subject === 'supply');
  expect(await supply?.look()).toMatchObject([{ verdict: 'ok' }, { verdict: 'unknown' }]);
});

test('data in memory, on the network or in a place that is read-only is a problem, with what to do', async () => {
  const root = directory();
  const proc = join(root, 'proc');
  mkdirSync(join(proc, 'self'), { recursive: true });
  const data = join(root, 'data');
  mkdirSync(data, { mode: 0o700 });
  const seen = async (mount: string, of = data) => {
    writeFileSync(join(proc, 'self/mountinfo'), `25 1 0:25 / / rw - ${mount} rw\n`);
    const probes = storageProbes({ dataDirectory: of }, { ...ROOTS, proc });
    return (await Promise.all(probes.map(({ look }) => look()))).flat();
  };
  const verdicts = (findings: readonly Finding[]) =>
    findings.map(({ verdict, text }) => `${verdict} ${text}`).join('\n');
  expect(verdicts(await seen('tmpfs tmpfs'))).toContain(`problem ${data} is on tmpfs (tmpfs): in memory`);
  expect(verdicts(await seen('nfs4 nas:/srv'))).toContain(`problem ${data} is on nas:/srv (nfs4): on the network`);
  expect(verdicts(await seen('ext4 /dev/mmcblk0p2'))).toContain('a memory card, and there is no second directory');
  // /proc takes no file, not even of root.
  const readOnly = await seen('proc proc', '/proc/self');
  expect(readOnly).toContainEqual(expect.objectContaining({ verdict: 'problem', remedy: expect.any(String) }));
  expect(readdirSync(data)).toEqual([]);
});

test('the age of the last backup is told, and whether the configuration was changed since', async () => {
  const site = await smallSite({ receiverPort: 7700 });
  onTestFinished(() => site.remove());
  mkdirSync(site.data);
  const files = [site.file, join(site.directory, 'keys.yaml')];
  const look = async (days: number) => (await backupProbe(site.data, files, Date.now() + days * 86_400_000).look())[0];
  expect(await look(0)).toMatchObject({ verdict: 'warning', text: 'no backup was made yet' });
  await noteBackup(site.data, { made_at: new Date(Date.now() + 1000).toISOString(), file: '/mnt/b' });
  expect(await look(1)).toMatchObject({ verdict: 'ok', text: expect.stringContaining('/mnt/b') });
  expect(await look(41)).toMatchObject({ verdict: 'warning', text: 'last backup 40 days ago' });
  await noteBackup(site.data, { made_at: '2020-01-01T00:00:00.000Z', file: '/mnt/b' });
  expect(await look(0)).toMatchObject({ text: expect.stringContaining('before the configuration was changed') });
});

test('a probe that hangs ends in time, and is named', async () => {
  const hangs = { subject: 'disk', look: () => new Promise<never>(() => undefined) };
  expect(await examine(hangs, 1)).toMatchObject({ isLate: true, findings: [{ verdict: 'unknown' }] });
});
