import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type FarEnds, startFarEnds } from '../../device-sim/site/far-ends.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { compile, type GatewayUnderTest, startCompiledGateway } from '../rig/gateway-under-test.ts';
import { SERVICE_FLAGS } from '../rig/service-flags.ts';
import { progress, until } from '../rig/waiting.ts';
import { writeWearSite } from './wear-site.ts';

/**
 * Measures what a gateway writes: what reaches a disk of its own, an ext4 on a loop device, and so
 * the file system's own blocks as well. (The kernel's count of the process's writes,
 * proc_pid_io(5), is too high: it counts whole folios.) Needs root, to mount.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    devices: { type: 'string', default: '200' },
    presses: { type: 'string', default: '100' },
  },
});
const MINUTES = Number(values.minutes);
const DEVICES = Number(values.devices);
const PRESSES = Number(values.presses);
const DISK_MIB = 1024;
const SECTOR_BYTES = 512;
const DAY_MINUTES = 1440;
const HELD_MS = 120;
const GAP_MS = 500;
/** Longer than a checkpoint, so that what a start writes is no part of what follows. */
const SETTLE_MS = 90_000;

class Disk {
  readonly directory: string;
  readonly #image: string;
  readonly #device: string;

  constructor(parent: string) {
    this.#image = join(parent, 'disk.img');
    this.directory = join(parent, 'disk');
    mkdirSync(this.directory);
    run('truncate', ['-s', `${DISK_MIB}M`, this.#image]);
    // Else the kernel makes the tables during the measurement.
    run('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', this.#image]);
    this.#device = run('losetup', ['--find', '--show', this.#image]).trim();
    run('mount', ['-o', 'noatime', this.#device, this.directory]);
  }

  /** All bytes that have reached the device. */
  writtenBytes(): number {
    run('sync', ['-f', this.directory]);
    // Field 7 of Documentation/admin-guide/iostats.rst: sectors written.
    const fields = readFileSync(`/sys/block/${basename(this.#device)}/stat`, 'utf8')
      .trim()
      .split(/\s+/);
    return Number(fields[6]) * SECTOR_BYTES;
  }

  remove(): void {
    spawnSync('umount', [this.directory]);
    spawnSync('losetup', ['-d', this.#device]);
  }
}

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

interface Written {
  readonly diskBytes: number;
  readonly logBytes: number;
}

async function bench(): Promise<void> {
  await compile();
  const parent = mkdtempSync(join(tmpdir(), 'callpoint-wear-'));
  const site = await writeWearSite(parent, DEVICES);
  const disk = new Disk(parent);
  let ends: FarEnds | undefined;
  let simulator: SiteSimulator | undefined;
  let gateway: GatewayUnderTest | undefined;
  try {
    const simulated = readSite(site, epochNow());
    ends = await startFarEnds(simulated);
    simulator = new SiteSimulator(simulated, 1);
    await simulator.ready();
    let logBytes = 0;
    const before = disk.writtenBytes();
    gateway = await startCompiledGateway(site, join(disk.directory, 'data'), SERVICE_FLAGS, {
      onLine: (line) => {
        logBytes += line.length + 1;
      },
    });
    const sample = (): Written => ({ diskBytes: disk.writtenBytes(), logBytes });
    await sleep(SETTLE_MS);
    const started = sample();
    say('a start', since({ diskBytes: before, logBytes: 0 }, started), 1);
    await sleep(MINUTES * 60_000);
    const idle = sample();
    const quiet = since(started, idle);
    say(`a day without a press (${MINUTES} minutes measured)`, quiet, MINUTES / DAY_MINUTES);
    const far = ends.of('central');
    for (let press = 0; press < PRESSES; press++) {
      const device = `wb-${(press % DEVICES) + 1}`;
      simulator.press(device, '0', 'single');
      await sleep(HELD_MS);
      simulator.release(device, '0');
      await sleep(GAP_MS - HELD_MS);
    }
    await until(() => far.displayed.length >= PRESSES, 30_000);
    const pressed = sample();
    say(`one alert (${far.displayed.length} measured)`, since(idle, pressed), PRESSES);
    for (let change = 0; change < PRESSES; change++) {
      simulator.door(`wb-${(change % DEVICES) + 1}`, 'open');
      await sleep(GAP_MS);
    }
    say(`one change of a door (${PRESSES} measured, every alert open)`, since(pressed, sample()), PRESSES);
  } finally {
    await gateway?.stop();
    simulator?.stop();
    await ends?.close();
    disk.remove();
    rmSync(parent, { recursive: true, force: true });
  }
}

function since(before: Written, now: Written): Written {
  return {
    diskBytes: now.diskBytes - before.diskBytes,
    logBytes: now.logBytes - before.logBytes,
  };
}

/** @param of how many of what is named were measured */
function say(what: string, { diskBytes, logBytes }: Written, of: number): void {
  const kb = (bytes: number) => `${(bytes / of / 1000).toFixed(1)} kB`;
  progress(`${what}: ${kb(diskBytes)} on the disk, ${kb(logBytes)} of log`);
}

await bench();
