import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, type TestContext, test, vi } from 'vitest';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { openPseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';
import { type Receiver, startReceiver } from '../../device-sim/receiver/receiver.ts';
import { epochNow, readSite } from '../../device-sim/site/site-file.ts';
import { SiteSimulator } from '../../device-sim/site/site-simulator.ts';
import { readJournal } from '../../gateway/journal/read-journal.ts';
import { CALLPOINT, Command, type CommandOptions } from './support/processes.ts';
import { type SmallSite, smallSite } from './support/small-site.ts';
import { Waiting } from './support/waiting.ts';

const PRESSES = 30;
/** Longest time until a process ends after it was asked to, whatever hangs. */
const END_MS = 10_000;
const INSPECTOR_PORT = 9229;

type OnFinished = TestContext['onTestFinished'];

/** A real gateway with its site. Its log goes where the test says. */
class Subject {
  readonly site: SmallSite;
  readonly receiver: Receiver;
  readonly #simulator: SiteSimulator;
  readonly #leds = new Waiting();
  #command: Command | undefined;

  private constructor(site: SmallSite, receiver: Receiver) {
    this.site = site;
    this.receiver = receiver;
    this.#simulator = new SiteSimulator(readSite(site.file, epochNow()), 1);
    this.#simulator.onLed(() => this.#leds.check());
  }

  static async make(onTestFinished: OnFinished): Promise<Subject> {
    const receiverPort = await freePort();
    const site = await smallSite({ receiverPort });
    const receiver = await startReceiver({ port: receiverPort, accounts: readSite(site.file, epochNow()).accounts });
    const subject = new Subject(site, receiver);
    onTestFinished(async () => {
      await subject.#command?.kill();
      subject.#simulator.stop();
      await receiver.close();
      site.remove();
    });
    return subject;
  }

  get process(): Command {
    if (this.#command === undefined) throw new Error('not started');
    return this.#command;
  }

  run(options: CommandOptions, logLevel = 'debug'): void {
    const { file, data } = this.site;
    const args = ['run', '--no-warm-up', '--log-level', logLevel, '--config', file, '--data', data];
    this.#command = new Command(CALLPOINT, args, options);
  }

  /**
   * Makes presses one after the other. The receiver's operator has seen each once, and the wall
   * shows it.
   */
  async presses(count = PRESSES): Promise<void> {
    const ids: string[] = [];
    for (let press = 0; press < count; press++) {
      const device = `wb-${101 + (press % 2)}`;
      ids.push(this.#simulator.press(device, '1', 'single')?.alert ?? '');
      this.#simulator.release(device, '1');
      await this.#led(device, 'green');
    }
    const shown = this.receiver.displayed.map(({ reportId }) => reportId);
    for (const id of ids) expect(shown.filter((each) => each === id)).toHaveLength(1);
  }

  /** Expects these reports at the receiver in order, for the n-th time. */
  troubled(words: string, times = 1): Promise<unknown> {
    return this.receiver.until((desk) => desk.displayed.filter(({ text }) => text?.startsWith(words)).length >= times);
  }

  /** Expects that the receiver is told, for the n-th time, and that the journal says why. */
  async logFailed(detail: string, times = 1): Promise<void> {
    await this.troubled('Log cannot be written', times);
    const causes = () =>
      [...readJournal(join(this.site.data, 'journal'))].flatMap(({ entry: { record } }) =>
        record.t === 'trouble' ? (record.detail ?? []) : [],
      );
    await vi.waitFor(() => expect(causes()).toContainEqual(expect.stringContaining(detail)), 10_000);
  }

  /** Ends the process within the limit. Returns the exit code. */
  async ends(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this.process;
    const beganMs = performance.now();
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = await exited;
    expect(performance.now() - beganMs).toBeLessThan(END_MS);
    return code;
  }

  #led(device: string, wanted: string): Promise<void> {
    const shown = () => this.#simulator.led(device);
    return this.#leds.until(`${device} LED ${wanted}`, () => shown() === wanted, shown);
  }
}

/** Makes a named pipe and fills it. */
function fullPipe(directory: string, name: string) {
  const path = join(directory, name);
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  // This opens both ends: a pipe can be opened for writing only if there is a reader.
  const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const untilFull = () => {
    for (;;) writeSync(reader, Buffer.alloc(4096, ' '));
  };
  expect(untilFull).toThrow('EAGAIN');
  const drain = () => {
    let text = '';
    const buffer = Buffer.alloc(64 * 1024);
    for (;;) {
      try {
        text += buffer.toString('utf8', 0, readSync(reader, buffer));
      } catch {
        return text;
      }
    }
  };
  return { path, reader, drain };
}

/** Code that runs in the gateway's process before its own. */
const preload = (code: string) => ({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` });

/** An own thread and one of the pool wait for a disk that never answers. */
function hangingDisk(directory: string): string {
  const { path } = fullPipe(directory, 'disk');
  return `
    import { Worker, isMainThread } from 'node:worker_threads';
    import { openSync, write } from 'node:fs';
    if (isMainThread) {
      const path = ${JSON.stringify(path)};
      new Worker('const fs = require("fs"); fs.writeSync(fs.openSync(' + JSON.stringify(path) + ', "w"), "x")', { eval: true });
      write(openSync(path, 'w'), 'x', () => undefined);
    }`;
}

const DEFECT_AT_SIGWINCH = `
  if (isMainThread) process.on('SIGWINCH', () => void Promise.reject(new Error('a defect')));`;

describe('a log that cannot be written delays no press, is told as a trouble, and keeps no process alive', () => {
  test.concurrent('a full disk, while a thread and the thread pool hang', async ({ onTestFinished }) => {
    const subject = await Subject.make(onTestFinished);
    const full = openSync('/dev/full', 'w');
    subject.run({ stderr: full, env: preload(hangingDisk(subject.site.directory)) });
    closeSync(full);
    await subject.presses();
    await subject.logFailed('a write fails with ENOSPC');
    expect(await subject.ends('SIGTERM')).toBe(0);
  });

  test.concurrent('a terminal that hangs up: only SIGTERM and SIGINT end the gateway, and SIGUSR1 opens no inspector', async ({
    onTestFinished,
  }) => {
    const subject = await Subject.make(onTestFinished);
    const terminal = openPseudoTerminal();
    const stderr = openSync(terminal.path, constants.O_RDWR | constants.O_NOCTTY);
    const shown = new Waiting();
    let text = '';
    terminal.onData((bytes) => {
      text += Buffer.from(bytes).toString();
      shown.check();
    });
    // At this level the only line for a long time is the ready message.
    subject.run({ stderr, env: preload("process.on('SIGWINCH', () => { throw new Error('a defect'); });") }, 'warn');
    closeSync(stderr);
    const lines = () => stripVTControlCharacters(text);
    // A terminal gets lines for a person, with the level by name.
    await shown.until('ready', () => /^[-\d]{10} [:\d]{8}\.\d{3} INFO {2}ready session=/m.test(lines()), lines);
    // It takes up a changed configuration. Here nothing has changed, which is no line of this
    // level.
    subject.process.child.kill('SIGHUP');
    for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) {
      subject.process.child.kill(signal);
      await shown.until(signal, () => lines().includes(`signal=${signal}`), lines);
    }
    expect(text).not.toContain('Debugger listening');
    const [error] = await once(connect(INSPECTOR_PORT, '127.0.0.1'), 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });

    terminal.close();
    await subject.presses();
    await subject.logFailed('a write fails with EIO');
    expect(await subject.ends('SIGWINCH')).toBe(70);
  });

  test.concurrent('a pipe that nobody reads: restored once it is read, and a trouble again when its reader has gone', async ({
    onTestFinished,
  }) => {
    const subject = await Subject.make(onTestFinished);
    const pipe = fullPipe(subject.site.directory, 'log');
    subject.run({ shell: `exec 2>${pipe.path}` });
    await subject.presses();
    await subject.logFailed('nothing has been taken for 3 s');
    pipe.drain();
    await subject.troubled('Restored: Log cannot be written');
    const lines = pipe.drain().trim().split('\n');
    expect(lines.filter((line) => line.includes('"event":"alert.raised"'))).toHaveLength(PRESSES);

    closeSync(pipe.reader);
    await subject.presses(1);
    await subject.logFailed('a write fails with EPIPE', 2);
    expect(await subject.ends('SIGTERM')).toBe(0);
  });

  test.concurrent('a defect ends the process with 70 while the log, a thread and the thread pool all hang', async ({
    onTestFinished,
  }) => {
    const subject = await Subject.make(onTestFinished);
    const pipe = fullPipe(subject.site.directory, 'log');
    subject.run({
      shell: `exec 2>${pipe.path}`,
      env: preload(hangingDisk(subject.site.directory) + DEFECT_AT_SIGWINCH),
    });
    await subject.presses(2);
    expect(await subject.ends('SIGWINCH')).toBe(70);
    closeSync(pipe.reader);
  });
});
