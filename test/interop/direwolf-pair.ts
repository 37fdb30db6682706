import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../device-sim/demo/free-port.ts';

const PATIENCE_MS = 10_000;

/**
 * Two direwolf processes that hear each other's AFSK tones: ALSA's file plugin pipes the output of
 * each through socat to the other's UDP port.
 */
export class DirewolfPair {
  /** KISS ports on 127.0.0.1. */
  readonly kissPorts: readonly [number, number];
  readonly #directory: string;
  readonly #processes: readonly ChildProcess[];
  #output = '';

  private constructor(kissPorts: readonly [number, number], audioPorts: readonly [number, number]) {
    this.kissPorts = kissPorts;
    this.#directory = mkdtempSync(join(tmpdir(), 'callpoint-direwolf-'));
    const [audioA, audioB] = audioPorts;
    const home = this.#directory;
    writeFileSync(join(home, '.asoundrc'), soundDevice('txA', audioB) + soundDevice('txB', audioA));
    this.#processes = [
      this.#start('A', `UDP:${audioA} txA`, kissPorts[0]),
      this.#start('B', `UDP:${audioB} txB`, kissPorts[1]),
    ];
  }

  /** Resolves when both accept connections on their KISS ports. */
  static async start(): Promise<DirewolfPair> {
    const kissPorts = [await freePort(), await freePort()] as const;
    const pair = new DirewolfPair(kissPorts, [await freePort(), await freePort()]);
    try {
      for (const port of kissPorts) (await pair.connected(port)).destroy();
      return pair;
    } catch (error) {
      await pair.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#processes.map(end));
    rmSync(this.#directory, { recursive: true });
  }

  /** A connection to a KISS port, once it is there. */
  async connected(port: number): Promise<Socket> {
    const endMs = performance.now() + PATIENCE_MS;
    while (performance.now() < endMs) {
      const socket = connect(port, '127.0.0.1');
      const open = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      if (open) return socket;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`direwolf does not listen on port ${port}:\n${this.#output}`);
  }

  /**
   * Full duplex is necessary: over UDP there is no audio between frames, so carrier detect keeps
   * its last state.
   */
  #start(name: string, audio: string, kissPort: number): ChildProcess {
    const file = join(this.#directory, `${name}.conf`);
    const lines = [
      `ADEVICE ${audio}`,
      'ARATE 44100',
      'CHANNEL 0',
      'MYCALL N0CALL-15',
      'AGWPORT 0',
      `KISSPORT ${kissPort}`,
      'FULLDUP ON',
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    const child = spawn('direwolf', ['-t', '0', '-q', 'd', '-c', file], {
      cwd: this.#directory,
      env: { ...process.env, HOME: this.#directory },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that its socat ends with it.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        this.#output = `${this.#output}${bytes}`.slice(-10_000);
      });
    }
    return child;
  }
}

/** Plays into a pipe instead of a sound card. */
function soundDevice(name: string, port: number): string {
  return `pcm.${name} { type file slave.pcm "null" file "| socat -u -b 1000 - UDP-SENDTO:127.0.0.1:${port}" format "raw" }\n`;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  process.kill(-child.pid, 'SIGKILL');
  await closed;
}
