import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { writeUpdate } from '../../gateway/update/write-update.ts';
import { PROJECT } from '../unit/source-files.ts';
import type { Ended } from './support/processes.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';
import { Waiting } from './support/waiting.ts';

const SCRIPTS = ['launch', 'before-start'];
const CLI = 'dist/gateway/cli';

/**
 * A machine with the package, without systemd: the real scripts, real releases and signatures, and
 * a supervisor that starts the gateway again whenever it ends.
 */
export class UpdateRig {
  readonly root = mkdtempSync(join(tmpdir(), 'callpoint-update-'));
  readonly releases = join(this.root, 'releases');
  readonly keys = join(this.root, 'update-keys');
  readonly signingKey: KeyObject;
  readonly site: SmallSite;
  readonly simulator: SiteSimulator;
  readonly #receiver: Receiver;
  readonly #waiting = new Waiting();
  #gateway: ChildProcess | undefined;
  #isStopping = false;
  log = '';

  static async started(): Promise<UpdateRig> {
    const receiverPort = await freePort();
    const site = await smallSite({ receiverPort });
    const far = readSite(site.file, epochNow());
    const receiver = await startReceiver({ port: receiverPort, accounts: far.accounts });
    return new UpdateRig(site, receiver, new SiteSimulator(far, 1));
  }

  constructor(site: SmallSite, receiver: Receiver, simulator: SiteSimulator) {
    this.site = site;
    this.simulator = simulator;
    this.#receiver = receiver;
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.signingKey = privateKey;
    mkdirSync(this.keys);
    mkdirSync(this.releases);
    writeFileSync(join(this.keys, 'maker.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
    // The packages are found above the releases.
    symlinkSync(join(PROJECT, 'node_modules'), join(this.root, 'node_modules'));
    for (const script of SCRIPTS) cpSync(join(PROJECT, 'hardware/package', script), join(this.root, script));
    this.makeRelease(join(this.root, 'release'), '0.1.0');
  }

  /** @param lines of code before the program's own, for a release that is bad */
  makeRelease(directory: string, version: string, lines = ''): void {
    const compiled = join(inject('compiled'), 'gateway/cli');
    mkdirSync(join(directory, CLI), { recursive: true });
    const own = readdirSync(compiled).filter((name) => name.endsWith('.js'));
    for (const name of own) cpSync(join(compiled, name), join(directory, CLI, name));
    writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'callpoint', version, type: 'module' }));
    if (lines === '') return;
    const main = join(directory, CLI, 'main.js');
    cpSync(main, join(directory, CLI, 'whole.js'));
    writeFileSync(main, `${lines}\nawait import('./whole.js');\n`);
  }

  /** @returns the file */
  async makeUpdate(version: string, lines = ''): Promise<string> {
    const directory = join(this.root, `made-${version}`);
    this.makeRelease(directory, version, lines);
    const file = join(this.root, `callpoint_${version}.update`);
    const manifest = {
      ...{ version, build: 'ab'.repeat(8), architecture: 'any' as const, node: '>=20.19 <26' },
      date: '2026-11-29T00:00:00Z',
    } as const;
    await writeUpdate({ directory, file, manifest, keys: [this.signingKey] });
    return file;
  }

  /** Runs the gateway as its unit does, until `stop`. */
  async startGateway(): Promise<void> {
    this.#supervise();
    await this.says(/"event":"ready"/);
  }

  async says(words: RegExp): Promise<void> {
    await this.#waiting.until(
      String(words),
      () => words.test(this.log),
      () => this.log,
    );
  }

  async command(...args: string[]): Promise<Ended> {
    const child = this.start(...args);
    let [stdout, stderr] = ['', ''];
    child.stdout?.on('data', (bytes: Buffer) => (stdout += bytes));
    child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes));
    const [code] = (await once(child, 'close')) as (number | null)[];
    return { code: code ?? null, stdout, stderr };
  }

  update(...args: string[]): Promise<Ended> {
    return this.command('update', ...args, '--keys', this.keys);
  }

  start(...args: string[]): ChildProcess {
    const site = ['--config', this.site.file, '--data', this.site.data];
    return spawn(join(this.root, 'launch'), [...args, ...site], { cwd: this.root, env: this.#environment });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#gateway?.exitCode === null) {
      const ended = once(this.#gateway, 'close');
      this.#gateway.kill('SIGKILL');
      await ended;
    }
    this.simulator.stop();
    await this.#receiver.close();
    this.site.remove();
    rmSync(this.root, { recursive: true, force: true });
  }

  get #environment(): NodeJS.ProcessEnv {
    return { ...process.env, CALLPOINT_RELEASES: this.releases, CALLPOINT_NODE: process.execPath };
  }

  #supervise(): void {
    if (this.#isStopping) return;
    spawnSync(join(this.root, 'before-start'), { env: this.#environment });
    const gateway = this.start('run', '--no-warm-up');
    this.#gateway = gateway;
    const hear = (bytes: Buffer): void => {
      this.log += bytes;
      this.#waiting.check();
    };
    gateway.stdout?.on('data', hear);
    gateway.stderr?.on('data', hear);
    gateway.on('close', () => this.#supervise());
  }
}
