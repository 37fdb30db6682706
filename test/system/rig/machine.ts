import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadStructIoctl } from '../../../gateway/system/libc.ts';
import { attempt, command, type Ran } from './command.ts';
import { ControlGroup } from './control-group.ts';
import { removeLeftOvers, STATE_PREFIX } from './left-overs.ts';

/** Sparse: it takes the room of what is written. */
const DISK = '4G';
const BOOT_MS = 60_000;
const RUN_MS = 60_000;
const END_MS = 30_000;
const POLL_MS = 20;

/**
 * The disk, and above the clean Debian what this machine has changed, are mounted in a mount
 * namespace of its own. So nothing remains mounted when its last process is gone, however it ended.
 */
const BOOT = `set -e
echo $$ > "$1/cgroup.procs"
cd "$2"
mount -o loop disk.img disk
mkdir -p disk/upper disk/work
mount -t overlay overlay -o "lowerdir=$3,upperdir=disk/upper,workdir=disk/work" root
shift 3
exec systemd-nspawn "$@"`;

/**
 * If this process dies, the kernel kills `unshare`, that its child, which is the process 1 of a
 * process namespace, and so everything in that. systemd-nspawn alone leaves its container running.
 */
const ISOLATED = [
  ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private'],
  ...['--pid', '--mount-proc', '--fork', '--kill-child=KILL'],
];

/**
 * Without a unit of the host's systemd, which need not be there. Private network: the machine has
 * loopback only.
 */
const NSPAWN = [
  ...['--quiet', '--register=no', '--keep-unit', '--boot', '--console=pipe', '--private-network'],
  ...['--resolv-conf=off', '--timezone=off', '--link-journal=no'],
  // Its own filter would keep everything from reading the kernel's clock.
  '--system-call-filter=adjtimex clock_adjtime',
];

/** EXT4_IOC_SHUTDOWN of linux/ext4.h: `_IOR('X', 125, __u32)`. */
const EXT4_SHUTDOWN = 0x80_04_58_7d;
/** EXT4_GOING_FLAGS_NOLOGFLUSH: not even the file system's journal is written any more. */
const NO_LOG_FLUSH = 2;

interface MachineOptions {
  /** The clean Debian system that it starts with. */
  readonly root: string;
  /** Directory of the host that it reads at `/media/packages`. */
  readonly packages?: string;
  /** Disk of a machine that is off, to start with a copy of it. */
  readonly disk?: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  /** Process 1 of the machine, as the host numbers it. */
  init: number;
}

/** A Debian system in a container: its own systemd, processes, network and disk. */
export class Machine {
  readonly #directory: string;
  readonly #options: MachineOptions;
  readonly #group: ControlGroup;
  #running: Running | undefined;
  #console = '';

  private constructor(directory: string, options: MachineOptions) {
    this.#directory = directory;
    this.#options = options;
    this.#group = new ControlGroup(basename(directory));
  }

  /** Makes a machine that is off. */
  static async make(options: MachineOptions): Promise<Machine> {
    removeLeftOvers();
    const directory = mkdtempSync(join(tmpdir(), `${STATE_PREFIX}${process.pid}-`));
    for (const mountPoint of ['disk', 'root']) mkdirSync(join(directory, mountPoint));
    const machine = new Machine(directory, options);
    if (options.disk === undefined) {
      await command('truncate', ['-s', DISK, machine.disk], { withinMs: RUN_MS });
      await command('mkfs.ext4', ['-q', machine.disk], { withinMs: RUN_MS });
    } else {
      await command('cp', ['--sparse=always', options.disk, machine.disk], { withinMs: RUN_MS });
    }
    return machine;
  }

  /** Of its directory and of its control group. */
  get name(): string {
    return basename(this.#directory);
  }

  get disk(): string {
    return join(this.#directory, 'disk.img');
  }

  /** Starts it, and returns how systemd then is: `running`, or `degraded` if a unit failed. */
  async boot(): Promise<string> {
    if (this.#running !== undefined) throw new Error('the machine runs already');
    this.#group.make();
    const { root, packages } = this.#options;
    const binds = packages === undefined ? [] : [`--bind-ro=${packages}:/media/packages`];
    const where = [`--directory=${join(this.#directory, 'root')}`, `--machine=${this.name}`];
    const script = ['sh', '-c', BOOT, 'sh', this.#group.path, this.#directory, root, ...NSPAWN, ...where, ...binds];
    const child = spawn('setpriv', [...ISOLATED, ...script], {
      env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#console += text;
      });
    }
    this.#running = { child, ended: once(child, 'exit'), init: 0 };
    return await this.#booted(this.#running);
  }

  /** Runs a line of sh as root, and returns what came of it. */
  attempt(line: string, { withinMs = RUN_MS, input = '' } = {}): Promise<Ran> {
    const { init } = this.#on();
    const clean = ['env', '-i', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root'];
    const inside = [
      '--target',
      String(init),
      '--all',
      '--root',
      '--wd',
      ...clean,
      'LANG=C.UTF-8',
      'DEBIAN_FRONTEND=noninteractive',
    ];
    return attempt('nsenter', [...inside, 'sh', '-c', line], { withinMs, input });
  }

  /** Runs a line of sh that must succeed, and returns what it printed, without the last newline. */
  async run(line: string, how: { readonly withinMs?: number; readonly input?: string } = {}): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(line, how);
    if (code !== 0) throw new Error(`${line}\nended with ${code}:\n${stdout}${stderr}`);
    return stdout.trimEnd();
  }

  /** Waits until a line of sh succeeds, and returns what it printed then. */
  async until(line: string, withinMs = RUN_MS): Promise<string> {
    const last = performance.now() + withinMs;
    for (;;) {
      const { code, stdout, stderr } = await this.attempt(line);
      if (code === 0) return stdout.trimEnd();
      if (performance.now() > last) {
        const log = await this.attempt('journalctl --no-pager --lines 40 --output cat');
        throw new Error(`not within ${withinMs / 1000} s: ${line}\n${stdout}${stderr}\n${log.stdout}`);
      }
      await sleep(100);
    }
  }

  /** Number of a process of the machine, as the host numbers it. */
  hostPid(pid: string): number {
    const [found] = this.#group.processes().filter((each) => namespacePid(each) === pid);
    if (found === undefined) throw new Error(`the machine has no process ${pid}`);
    return found;
  }

  /** Shuts it down as `systemctl poweroff` does. */
  async powerOff(): Promise<void> {
    const { init } = this.#on();
    // SIGRTMIN+4 starts poweroff.target: systemd(1), "Signals". The shell knows the number.
    await command('bash', ['-c', `kill -s RTMIN+4 ${init}`], { withinMs: RUN_MS });
    await this.#end();
  }

  /** Kills all its processes at once. What they wrote remains, as after a crash of all of them. */
  async crash(): Promise<void> {
    this.#group.kill();
    await this.#end();
  }

  /**
   * Cuts its power: its file system writes nothing from now on, not even its own journal. What was
   * not synced is lost. A disk that loses what it reported as written is not simulated.
   */
  async cutPower(): Promise<void> {
    const { child } = this.#on();
    const ioctl = await loadStructIoctl();
    const fd = openSync(`/proc/${child.pid}/root${join(this.#directory, 'disk')}`, 'r');
    try {
      ioctl(fd, EXT4_SHUTDOWN, new Uint8Array(new Uint32Array([NO_LOG_FLUSH]).buffer));
    } finally {
      closeSync(fd);
    }
    await this.crash();
  }

  /** Everything of it goes, in any state. */
  async remove(): Promise<void> {
    if (this.#running !== undefined) await this.crash();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #on(): Running {
    if (this.#running === undefined) throw new Error('the machine is off');
    return this.#running;
  }

  async #booted(running: Running): Promise<string> {
    const last = performance.now() + BOOT_MS;
    while (performance.now() < last && running.child.exitCode === null && running.child.signalCode === null) {
      running.init = this.#group.processes().find((pid) => isInit(pid)) ?? 0;
      if (running.init !== 0) {
        const { stdout } = await this.attempt('systemctl is-system-running --wait');
        const state = stdout.trim();
        if (state === 'running' || state === 'degraded') return state;
      }
      await sleep(POLL_MS);
    }
    throw new Error(`the machine does not boot:\n${this.#console}`);
  }

  async #end(): Promise<void> {
    const { ended } = this.#on();
    const late = setTimeout(() => this.#group.kill(), END_MS);
    await ended;
    await this.#group.emptied();
    clearTimeout(late);
    this.#running = undefined;
    this.#group.remove();
  }
}

function namespacePid(pid: number): string | undefined {
  const [, numbers] = /^NSpid:(.*)$/m.exec(statusOf(pid)) ?? [];
  return numbers?.trim().split(/\s+/).at(-1);
}

/** systemd replaces nspawn's own code in the process that is number 1 there. */
function isInit(pid: number): boolean {
  return namespacePid(pid) === '1' && /^Name:\s+systemd$/m.test(statusOf(pid));
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}
