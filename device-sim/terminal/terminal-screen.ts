import { encodeRow, fitRow, type Row, type RowLook } from './rows.ts';
import { columnsOf } from './text.ts';

/** The alternate screen: what was on the terminal before is there again afterwards. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[H\u001b[2J';
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';
const CLEAR = '\u001b[H\u001b[2J';
const USUAL_ROWS = 24;

export interface ScreenSize {
  readonly width: number;
  readonly height: number;
}

type Terminal = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns' | 'rows' | 'writableNeedDrain'> & {
  hasColors?(): boolean;
};

/** A terminal that can be drawn over. */
export function isDrawable(terminal: { readonly isTTY?: boolean }, { TERM: kind = '' } = process.env): boolean {
  return terminal.isTTY === true && kind !== 'dumb' && kind !== '';
}

/**
 * A screen that is drawn over. Only rows that have changed are written, so that it does not flicker
 * and a slow connection keeps up.
 */
export class TerminalScreen {
  readonly #terminal: Terminal;
  readonly #look: RowLook;
  #shown: readonly string[] = [];
  #shownSize = '';
  #isOpen = false;

  constructor(terminal: Terminal, env: NodeJS.ProcessEnv = process.env) {
    this.#terminal = terminal;
    const { LC_ALL: all, LC_CTYPE: type, LANG: language = '' } = env;
    this.#look = { hasColour: terminal.hasColors?.() ?? false, isUtf8: /utf-?8/i.test(all || type || language) };
  }

  get size(): ScreenSize {
    const { rows } = this.#terminal;
    return { width: columnsOf(this.#terminal), height: rows === undefined || rows === 0 ? USUAL_ROWS : rows };
  }

  /**
   * @returns false if the terminal has not taken the last picture yet: this one is to be shown
   *   again
   */
  show(rows: readonly Row[]): boolean {
    if (this.#terminal.writableNeedDrain) return false;
    const { width, height } = this.size;
    // After a change of size nothing on the terminal is where it was.
    const isMoved = this.#isOpen && this.#shownSize !== `${width} ${height}`;
    if (isMoved) this.#shown = [];
    this.#shownSize = `${width} ${height}`;
    const fitting = rows.slice(0, height).map((each) => encodeRow(fitRow(each, width), this.#look));
    const changed = fitting.flatMap((line, at) => (line === this.#shown[at] ? [] : [`\u001b[${at + 1};1H${line}`]));
    const written = [this.#isOpen ? '' : ENTER, isMoved ? CLEAR : '', ...changed].join('');
    this.#isOpen = true;
    this.#shown = fitting;
    if (written !== '') this.#terminal.write(written);
    return true;
  }

  /** Brings the terminal back as it was. May be called again, and before anything was shown. */
  leave(): void {
    this.#shown = [];
    if (this.#isOpen) this.#terminal.write(LEAVE);
    this.#isOpen = false;
  }
}
