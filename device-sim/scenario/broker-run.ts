import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { killWithUs } from './leftovers.ts';
import type { StepOf } from './step-shapes.ts';

const ANSWERS_WITHIN_MS = 30_000;
const LOOK_MS = 50;

/** The external MQTT broker of a run, in a process of its own. */
export class BrokerRun {
  readonly #port: number;
  #child: ChildProcess | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** @throws RangeError if it does not run, or does already */
  async perform(how: StepOf<'broker'>['broker']): Promise<void> {
    if (how === 'hang') this.#running.kill('SIGSTOP');
    else if (how === 'resume') this.#running.kill('SIGCONT');
    else {
      if (how !== 'start') await this.stop();
      if (how !== 'kill') await this.start();
    }
  }

  /** Resolves when it accepts connections. */
  async start(): Promise<void> {
    if (this.#child !== undefined) throw new RangeError('the broker runs already');
    const child = spawn(process.execPath, [...script(), String(this.#port)], { stdio: 'ignore' });
    this.#child = child;
    const callOff = child.pid === undefined ? () => undefined : killWithUs(child.pid);
    child.once('exit', () => {
      callOff();
      this.#child = undefined;
    });
    const untilMs = performance.now() + ANSWERS_WITHIN_MS;
    while (!(await this.#accepts())) {
      if (this.#child === undefined) throw new RangeError('the broker ended as soon as it was started');
      if (performance.now() > untilMs) throw new RangeError('the broker does not answer');
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async #accepts(): Promise<boolean> {
    const socket = connect(this.#port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }

  get #running(): ChildProcess {
    if (this.#child === undefined) throw new RangeError('the broker does not run: start it first, with broker: start');
    return this.#child;
  }
}

function script(): string[] {
  const here = import.meta.url;
  const isSource = here.endsWith('.ts');
  const file = fileURLToPath(new URL(`../mqtt/broker-process${isSource ? '.ts' : '.js'}`, here));
  return isSource ? ['--import', import.meta.resolve('tsx'), file] : [file];
}
