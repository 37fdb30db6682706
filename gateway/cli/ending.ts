import type { MonoMs } from '../../protocol/clocks.ts';
import { monoMs } from '../system/clock.ts';
import type { Log } from '../system/log.ts';

/**
 * Exit code after an end that was not clean: the gateway did not stop in time, or got a second
 * signal.
 */
const EXIT_UNCLEAN = 1;
/**
 * Exit code of a defect in the gateway itself (EX_SOFTWARE of sysexits.h); the service manager
 * starts it again.
 */
const EXIT_DEFECT = 70;
/**
 * The gateway's parts close within about 5 s, the journal last. Container managers kill after 10 s.
 */
const STOP_MS = 8_000;
/** Time for the last lines of the log, ms. */
const FLUSH_MS = 500;
/**
 * `npm run` passes Ctrl-C on to a process that already has it from the terminal. A signal this soon
 * after the first is not a second one, ms.
 */
const SAME_ORDER_MS = 500;

/**
 * Ends the gateway's process within bounded time and with the right exit code, even if a part
 * hangs. Nothing here blocks, because it also runs as the handler of last resort.
 */
export class Ending {
  readonly #log: Log;
  readonly #exit: (code: number) => void;
  #signalMs: MonoMs | undefined;
  #isStopping = false;
  #isEnding = false;

  /** @param exit ends the process at once */
  constructor(log: Log, exit: (code: number) => void) {
    this.#log = log;
    this.#exit = exit;
  }

  /** Writes out the log, within a limit, and ends the process. Only the first call counts. */
  end(code: number): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    // The timer does not rely on the log, because the log may be what has failed.
    setTimeout(() => this.#exit(code), 2 * FLUSH_MS);
    this.#log.flush(FLUSH_MS).then(
      () => this.#exit(code),
      () => this.#exit(code),
    );
  }

  /** Handles a defect of the gateway that nothing else handled. */
  readonly defect = (error: unknown): void => {
    // Errors that follow from the first one must not keep the process busy.
    if (this.#isEnding) return;
    this.#log.logger.fatal({ error: error instanceof Error ? error.stack : String(error) }, 'defect');
    this.end(EXIT_DEFECT);
  };

  /**
   * Runs `stop`, then ends the process. It does not wait for `stop` any longer if that takes too
   * long, or if a second signal comes.
   */
  stop(signal: NodeJS.Signals, stop: () => Promise<void>): void {
    if (this.#signalMs !== undefined) {
      if (monoMs() - this.#signalMs > SAME_ORDER_MS) this.#exit(EXIT_UNCLEAN);
      return;
    }
    this.#signalMs = monoMs();
    this.#stop({ signal }, stop);
  }

  /** As after the first signal. A signal that comes then is the first one. */
  stopForUpdate(by: string, stop: () => Promise<void>): void {
    this.#stop({ update: by }, stop);
  }

  #stop(why: Readonly<Record<string, string>>, stop: () => Promise<void>): void {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#log.logger.info(why, 'stopping');
    setTimeout(() => {
      this.#log.logger.error({ afterMs: STOP_MS }, 'did not stop in time: ends all the same');
      this.end(EXIT_UNCLEAN);
    }, STOP_MS);
    stop().then(() => {
      this.#log.logger.info({}, 'stopped');
      this.end(0);
    }, this.defect);
  }
}
