import { terminalSafe } from './terminal-safe.ts';
import { fitted, terminalWidth } from './terminal-text.ts';

const CLEAR_LINE = '\r\u001b[K';
/** More often than this no eye can follow, and a slow serial terminal would delay the work, ms. */
const SHOWN_EVERY_MS = 100;

/** What long work says while it goes on. */
interface Progress {
  /** Replaces the line that is shown, such as `Reading the journal: 40 %`. Cheap to call often. */
  show(text: string): void;
  /** Removes the line. Call it before anything else is printed. */
  end(): void;
}

type Terminal = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/**
 * Shows the progress of long work in one line on stderr. Shows nothing if stderr is no terminal, or
 * one that can't clear a line.
 */
export function startProgress(
  terminal: Terminal = process.stderr,
  { TERM: kind }: NodeJS.ProcessEnv = process.env,
  now: () => number = () => performance.now(),
): Progress {
  if (!terminal.isTTY || kind === 'dumb') return { show: () => undefined, end: () => undefined };
  let shownMs: number | undefined;
  return {
    show: (text) => {
      if (shownMs !== undefined && now() - shownMs < SHOWN_EVERY_MS) return;
      shownMs = now();
      terminal.write(`${CLEAR_LINE}${fitted(terminalSafe(text), terminalWidth(terminal) - 1)}`);
    },
    end: () => {
      if (shownMs !== undefined) terminal.write(CLEAR_LINE);
      shownMs = undefined;
    },
  };
}

/** `40 %`; never 100 % before all is done. */
export function percent(done: number, all: number): string {
  return `${all <= 0 ? 0 : Math.max(0, Math.min(100, Math.floor((100 * done) / all)))} %`;
}
