import type { ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { errorCode } from '../../system/error-code.ts';
import { startModule } from '../../system/start-module.ts';
import { MessageLines } from './message-lines.ts';
import { readPaced } from './read-paced.ts';
import {
  FROM_SCANNER_LENGTH_MAX,
  type FromScanner,
  parseFromScanner,
  plain,
  type ToScanner,
} from './scanner-messages.ts';

/** Where systemd starts a process for each connection: `callpoint-radio.socket`. */
const RADIO_SOCKET = '/run/callpoint/radio.sock';

/** A process that listens to one radio, as the gateway holds it. Its listener is called later. */
export interface ScannerLink {
  /** Who started the process. */
  readonly startedBy: 'gateway' | 'systemd';
  send(message: ToScanner): void;
  /** Asks it to go: it then stops the scan. It is killed if it stays. */
  end(): void;
  /** One that systemd started only loses its connection: it ends by itself then. */
  kill(): void;
}

interface LinkListener {
  message(message: FromScanner): void;
  /** It sent what no scanner sends. Nothing more comes from it. */
  fault(what: string): void;
  /** Called once, and last. `failed`: there was none, because systemd starts none. */
  ended(how: string, kind: 'ended' | 'failed'): void;
}

/** Of the listening process; it needs a tenth of it. */
const HEAP_MB = 128;
export const END_MS = 500;
const OUTPUT_LENGTH_MAX = 2_000;

/**
 * Has a process started by systemd where systemd offers it to this user, and starts it itself
 * otherwise. A process of systemd's has the capability that a radio needs, and the gateway has
 * none.
 */
export function startScanner(listener: LinkListener, socketPath = RADIO_SOCKET): ScannerLink {
  return isOffered(socketPath) ? new UnitScanner(socketPath, listener) : new ForkedScanner(listener);
}

function isOffered(socketPath: string): boolean {
  try {
    accessSync(socketPath, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    // Not there, or not for this user: for example in tests, and without the package.
    return false;
  }
}

/** The stream of either kind of process. */
class Channel {
  readonly #stream: Duplex;

  constructor(stream: Duplex, listener: Pick<LinkListener, 'message' | 'fault'>) {
    this.#stream = stream;
    const lines = new MessageLines(FROM_SCANNER_LENGTH_MAX, {
      message: (raw) => {
        const message = parseFromScanner(raw);
        // What a later version may say is passed over.
        if (message !== undefined) listener.message(message);
      },
      fault: (what) => listener.fault(what),
    });
    readPaced(stream, (bytes) => lines.push(bytes));
    // Its end says more.
    stream.on('error', () => undefined);
  }

  send(message: ToScanner): void {
    // Its answer counts: a message that can't be sent ends in missed pings or in its exit.
    if (this.#stream.writable) this.#stream.write(`${JSON.stringify(message)}\n`);
  }

  end(): void {
    this.#stream.end();
  }
}

class ForkedScanner implements ScannerLink {
  readonly startedBy = 'gateway';
  readonly #child: ChildProcess;
  readonly #channel: Channel | undefined;
  #output = '';

  constructor(listener: LinkListener) {
    const { child, channel } = startModule(new URL('./scanner-process', import.meta.url), import.meta.url, {}, HEAP_MB);
    this.#child = child;
    let isOver = false;
    const ended = (how: string) => {
      if (isOver) return;
      isOver = true;
      channel?.destroy();
      listener.ended(lastWords(this.#output) || how, 'ended');
    };
    child.on('error', (error) => {
      // With a pid it runs, and could not be killed. Its end says more.
      if (child.pid === undefined) ended(error.message);
    });
    child.on('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `killed by ${signal}`;
      // What it heard last is read first, unless somebody else holds its channel open.
      const waited = setTimeout(() => ended(how), END_MS);
      child.once('close', () => {
        clearTimeout(waited);
        ended(how);
      });
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        this.#output = `${this.#output}${bytes}`.slice(-OUTPUT_LENGTH_MAX);
      });
    }
    this.#channel = channel === undefined ? undefined : new Channel(channel, listener);
  }

  send(message: ToScanner): void {
    this.#channel?.send(message);
  }

  end(): void {
    this.#channel?.end();
    const kill = setTimeout(() => this.kill(), END_MS);
    this.#child.once('exit', () => clearTimeout(kill));
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** The connection's end is the process's end, and the other way round. */
class UnitScanner implements ScannerLink {
  readonly startedBy = 'systemd';
  readonly #socket: Socket;
  readonly #channel: Channel;

  constructor(path: string, listener: LinkListener) {
    this.#socket = createConnection(path);
    this.#channel = new Channel(this.#socket, listener);
    let refusal: string | undefined;
    this.#socket.once('error', (error: NodeJS.ErrnoException) => {
      // Later errors are of the process's end.
      if (error.syscall !== 'connect') return;
      refusal = `callpoint-radio.socket does not answer (${errorCode(error)}): systemctl start callpoint-radio.socket`;
    });
    this.#socket.once('close', () => {
      if (refusal !== undefined) listener.ended(refusal, 'failed');
      else listener.ended('journalctl -u "callpoint-radio@*" -n 20 says why', 'ended');
    });
  }

  send(message: ToScanner): void {
    this.#channel.send(message);
  }

  end(): void {
    this.#channel.end();
    const kill = setTimeout(() => this.kill(), END_MS);
    this.#socket.once('close', () => clearTimeout(kill));
  }

  kill(): void {
    this.#socket.destroy();
  }
}

/** The error that ended a process, of what it printed last. */
function lastWords(output: string): string {
  const lines = output.split('\n').map(plain);
  return lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.findLast((line) => line !== '') ?? '';
}
