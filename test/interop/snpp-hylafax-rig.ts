import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../device-sim/demo/free-port.ts';
import { TapSession } from '../../device-sim/paging/tap-session.ts';
import type { TapTerminal } from '../../device-sim/paging/tap-terminal.ts';
import { openPseudoTerminal, type PseudoTerminal } from '../../device-sim/pty/pseudo-terminal.ts';

const SETUP = '/etc/hylafax/setup.cache';
/** Its servers change to the user uucp, and use their spooling area as root directory. */
export const hasHylafax = existsSync('/usr/sbin/hfaxd') && existsSync(SETUP) && process.getuid?.() === 0;

const FOLDERS = 'archive bin client config dev docq doneq etc info log pollq recvq sendq status tmp'.split(' ');
const PAGING_CENTRAL = '5550000';

/** A modem that reaches one paging terminal, whatever number it dials. */
export class ModemToTerminal {
  readonly pty: PseudoTerminal = openPseudoTerminal();
  /** What came after CONNECT. */
  readonly received: number[] = [];
  readonly #terminal: TapTerminal;
  #session: TapSession | undefined;
  #command = '';

  constructor(terminal: TapTerminal) {
    this.#terminal = terminal;
    this.pty.onData((bytes) => {
      if (this.#session === undefined) for (const byte of bytes) this.#take(byte & 0x7f);
      else {
        this.received.push(...bytes);
        this.#session.received(bytes);
      }
    });
  }

  #take(code: number): void {
    if (code !== 0x0d) {
      this.#command += String.fromCharCode(code);
      return;
    }
    const command = this.#command.trim();
    this.#command = '';
    if (command.startsWith('ATD')) this.#connect();
    else if (command === 'AT+FCLASS=?') this.#say('0,1', 'OK');
    else if (command.startsWith('AT')) this.#say('OK');
  }

  #connect(): void {
    const hangUp = () => {
      this.#session = undefined;
      this.#say('NO CARRIER');
    };
    this.#session = new TapSession({ write: (bytes) => this.pty.write(bytes), hangUp }, this.#terminal);
    this.#say('CONNECT 1200');
  }

  #say(...lines: readonly string[]): void {
    this.pty.write(Buffer.from(lines.map((line) => `\r\n${line}\r\n`).join('')));
  }
}

/** HylaFAX with its own spooling area: an SNPP server, and a TAP client if there is a modem. */
export class Hylafax {
  readonly port: number;
  readonly #spool = mkdtempSync(join(tmpdir(), 'callpoint-hylafax-'));
  readonly #children: ChildProcess[] = [];

  private constructor(port: number) {
    this.port = port;
    chmodSync(this.#spool, 0o755);
    for (const folder of FOLDERS) mkdirSync(join(this.#spool, folder));
    copyFileSync(SETUP, join(this.#spool, 'etc/setup.cache'));
    const files: Readonly<Record<string, string>> = {
      'etc/hosts.hfaxd': 'localhost\n127.0.0.1\n',
      'etc/pagermap': `999 reject\n.* ${PAGING_CENTRAL}/&\n`,
      'etc/hfaxd.conf': 'ServerTracing: 1\n',
      'etc/config': 'CountryCode: 1\nSendPageCmd: /usr/sbin/pagesend\n',
      // A pseudo-terminal has no parity.
      [`info/${PAGING_CENTRAL}`]: '&pagerTTYParity:none\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.#spool, name), text);
    chmodSync(join(this.#spool, 'etc/hosts.hfaxd'), 0o600);
    writeFileSync(join(this.#spool, 'bin/notify'), '#!/bin/sh\n', { mode: 0o755 });
  }

  /** @param modem without one, pages are refused when they are to be sent */
  static async start(modem?: PseudoTerminal): Promise<Hylafax> {
    const hylafax = new Hylafax(await freePort());
    const device = modem?.path.replace('/dev/', '').replaceAll('/', '_');
    if (device !== undefined) hylafax.#configure(device);
    spawnSync('chown', ['-R', 'uucp:uucp', hylafax.#spool]);
    if (device !== undefined) await hylafax.#startQueue(device);
    hylafax.#run('hfaxd', '-d', '-q', hylafax.#spool, '-s', String(hylafax.port));
    await until(() => accepts(hylafax.port));
    return hylafax;
  }

  async stop(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(this.#spool, { recursive: true });
  }

  #configure(device: string): void {
    const waits =
      'ModemSoftResetCmdDelay: 10\nModemNoAutoAnswerCmdDelay: 10\nModemResetDelay: 10\nModemDTRDropDelay: 10\n';
    const modem = 'ModemType: Class1\nModemRate: 9600\nModemFlowControl: none\nModemDialCmd: ATDT%s\n';
    writeFileSync(join(this.#spool, `etc/config.${device}`), `${modem}${waits}`);
  }

  async #startQueue(device: string): Promise<void> {
    this.#run('faxq', '-D', '-q', this.#spool);
    // It reports the modem to the queue, and fails while nothing listens.
    await until(async () => spawnSync('faxmodem', ['-q', this.#spool, device]).status === 0);
  }

  #run(command: string, ...args: readonly string[]): void {
    this.#children.push(spawn(command, args, { stdio: 'ignore' }));
  }
}

function accepts(port: number): Promise<boolean> {
  const socket = createConnection(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
  }).then((accepted) => {
    socket.destroy();
    return accepted as boolean;
  });
}

/** Polls the program for ten seconds, because it reports to nobody when it is ready. */
async function until(ready: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await ready()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('HylaFAX did not become ready');
}
