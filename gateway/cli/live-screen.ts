import { terminalSafe } from './terminal-safe.ts';
import { terminalWidth } from './terminal-text.ts';

/** The alternate screen: what was on the terminal before is there again afterwards. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[H\u001b[2J';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const CLEAR = '\u001b[H\u001b[2J';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** A terminal that does not say how many rows it has. */
const USUAL_ROWS = 24;

export interface ScreenSize {
  readonly width: number;
  readonly rows: number;
}

type Terminal = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns' | 'rows' | 'writableNeedDrain'>;

/**
 * A screen that is drawn over. Only lines that have changed are written, so that it does not
 * flicker and a slow connection keeps up. It uses the terminal's alternate screen: the lines above
 * the command stay as they were.
 */
export class LiveScreen {
  readonly #terminal: Terminal;
  #shown: readonly string[] = [];
  #shownSize = '';
  #isOpen = false;

  private constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** @returns `undefined` for a file, a pipe, and a terminal that can't be drawn over */
  static on(
    terminal: Terminal = process.stdout,
    { TERM: kind = '' }: NodeJS.ProcessEnv = process.env,
  ): LiveScreen | undefined {
    return terminal.isTTY && kind !== 'dumb' && kind !== '' ? new LiveScreen(terminal) : undefined;
  }

  get size(): ScreenSize {
    const { rows } = this.#terminal;
    return { width: terminalWidth(this.#terminal), rows: rows === undefined || rows === 0 ? USUAL_ROWS : rows };
  }

  /** Replaces what is shown. Lines that do not fit are left out, and the last row says so. */
  show(lines: readonly string[]): void {
    // The terminal has not taken the last picture yet. The next one is newer.
    if (this.#terminal.writableNeedDrain) return;
    const { width, rows } = this.size;
    // After a change of size nothing on the terminal is where it was.
    const isMoved = this.#isOpen && this.#shownSize !== `${width} ${rows}`;
    if (isMoved) this.#shown = [];
    this.#shownSize = `${width} ${rows}`;
    const fitting = (
      lines.length <= rows ? lines : [...lines.slice(0, rows - 1), `… ${lines.length - rows + 1} more lines`]
    ).map(terminalSafe);
    const changed = fitting.flatMap((line, at) =>
      line === this.#shown[at] ? [] : [`\u001b[${at + 1};1H${line}${CLEAR_LINE}`],
    );
    const rest = this.#shown.length > fitting.length ? [`\u001b[${fitting.length + 1};1H${CLEAR_BELOW}`] : [];
    const written = [this.#isOpen ? '' : ENTER, isMoved ? CLEAR : '', ...changed, ...rest].join('');
    this.#isOpen = true;
    this.#shown = fitting;
    if (written !== '') this.#terminal.write(written);
  }

  /** Brings the terminal back as it was. May be called again, and before anything was shown. */
  leave(): void {
    this.#shown = [];
    if (this.#isOpen) this.#terminal.write(LEAVE);
    this.#isOpen = false;
  }
}
