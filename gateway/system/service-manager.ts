import { messageOf } from '../../protocol/errors.ts';
import { monoMs } from './clock.ts';
import { errorCode } from './error-code.ts';
import { openNotifySocket, type SendDatagram } from './notify-socket.ts';

/** Messages that the service manager had no room for are sent again after this time. */
const AGAIN_MS = 100;
/** More than a gateway ever has to say at once. */
const WAITING_MAX = 32;
/** While a start goes on, its time is extended this often, each time by `EXTENDED_MS`. */
const EXTEND_MS = 5_000;
const EXTENDED_MS = 20_000;
/** A start that takes longer than this hangs, although its event loop turns. */
const EXTENSIONS_MAX = 60;
/** A status is one line of a terminal. */
const STATUS_LENGTH_MAX = 120;

interface ServiceManagerDeps {
  readonly open: (name: string) => Promise<SendDatagram>;
  /** Says why the service manager hears nothing. */
  readonly failed: (detail: string) => void;
}

const FEED = 'WATCHDOG=1';

/** The service manager reads again soon, or is being started anew. */
const PASSING: readonly (string | undefined)[] = ['EAGAIN', 'ENOBUFS', 'ECONNREFUSED', 'ENOENT'];

type Environment = { [name: string]: string | undefined };

/**
 * What systemd wants to know of a service of `Type=notify`: sd_notify(3), sd_watchdog_enabled(3).
 * Without such a service manager it does nothing. It never waits and never throws: the gateway runs
 * on if nobody listens.
 */
export class ServiceManager {
  /**
   * The service manager restarts the gateway if it is not fed for so long, ms; `undefined`: it does
   * not watch.
   */
  readonly watchdogMs: number | undefined;
  readonly #socket: string | undefined;
  readonly #failed: ServiceManagerDeps['failed'];
  #send: SendDatagram | undefined;
  /** In their order. */
  #waiting: string[] = [];
  #again: NodeJS.Timeout | undefined;
  #extending: NodeJS.Timeout | undefined;
  #status = '';
  #hasFailed = false;
  #isStopping = false;

  /**
   * Takes its variables out of the environment, so that no child process speaks for the gateway.
   *
   * @param pid of this process
   */
  constructor(environment: Environment, pid: number, { open = openNotifySocket, failed }: Deps) {
    const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID } = environment;
    for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete environment[name];
    this.#failed = failed;
    this.#socket = NOTIFY_SOCKET === '' ? undefined : NOTIFY_SOCKET;
    const isOurs = WATCHDOG_PID === undefined || WATCHDOG_PID === '' || Number(WATCHDOG_PID) === pid;
    const ms = Number(WATCHDOG_USEC) / 1_000;
    this.watchdogMs = this.#socket !== undefined && isOurs && ms > 0 && Number.isFinite(ms) ? ms : undefined;
    if (this.#socket !== undefined) open(this.#socket).then((send) => this.#opened(send), this.#fails);
  }

  /** A service manager listens. */
  get isThere(): boolean {
    return this.#socket !== undefined;
  }

  /** The start goes on, and may take longer than the unit allows. */
  starting(): void {
    if (this.#socket === undefined) return;
    let left = EXTENSIONS_MAX;
    const extend = () => {
      this.#say(`EXTEND_TIMEOUT_USEC=${EXTENDED_MS * 1_000}`);
      left -= 1;
      if (left === 0) clearInterval(this.#extending);
    };
    extend();
    this.#extending = setInterval(extend, EXTEND_MS);
    this.#extending.unref();
  }

  /** Every input and path has been opened. */
  ready(): void {
    clearInterval(this.#extending);
    if (!this.#isStopping) this.#say('READY=1');
  }

  /** `ready` has to follow. */
  reloading(): void {
    // systemd 253 and later ask for the time with `Type=notify-reload`. Earlier ones ignore it.
    this.#say(`RELOADING=1\nMONOTONIC_USEC=${Math.floor(monoMs() * 1_000)}`);
  }

  stopping(): void {
    clearInterval(this.#extending);
    this.#isStopping = true;
    this.#say('STOPPING=1\nSTATUS=Stopping');
  }

  /** One line for a person, in `systemctl status`. */
  status(text: string): void {
    const line = text.replaceAll(/\p{Cc}/gu, ' ').slice(0, STATUS_LENGTH_MAX);
    if (line === this.#status || this.#isStopping) return;
    this.#status = line;
    this.#say(`STATUS=${line}`);
  }

  /** The gateway handles presses. */
  feed(): void {
    if (!this.#waiting.includes(FEED)) this.#say(FEED);
  }

  #say(text: string): void {
    if (this.#socket === undefined) return;
    this.#waiting = [...this.#waiting, text].slice(-WAITING_MAX);
    this.#flush();
  }

  #opened(send: SendDatagram): void {
    this.#send = send;
    this.#flush();
  }

  #flush(): void {
    const send = this.#send;
    if (send === undefined) return;
    while (this.#waiting[0] !== undefined && this.#isDone(send, this.#waiting[0])) this.#waiting.shift();
    if (this.#waiting.length === 0 || this.#again !== undefined) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.#flush();
    }, AGAIN_MS);
    this.#again.unref();
  }

  /** @returns true if there is nothing more to do for it */
  #isDone(send: SendDatagram, text: string): boolean {
    try {
      send(text);
      return true;
    } catch (error) {
      if (PASSING.includes(errorCode(error))) return false;
      this.#fails(error);
      return true;
    }
  }

  readonly #fails = (error: unknown): void => {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failed(messageOf(error));
  };
}

type Deps = Partial<ServiceManagerDeps> & Pick<ServiceManagerDeps, 'failed'>;
