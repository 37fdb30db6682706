import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../protocol/errors.ts';
import { LiveScreen, type ScreenSize } from './live-screen.ts';
import { coloured, localTime, terminalWidth, wrapped } from './terminal-text.ts';

/** Something that is shown again and again until it ends or somebody ends it. */
interface Watched<T> {
  readonly everyMs: number;
  /** The first answer must come: a wrong directory would be watched for ever. */
  ask(): Promise<T>;
  /** The lines for a screen of this size. */
  screen(document: T, size: ScreenSize): readonly string[];
  /** Printed where nothing can be drawn over, each time that its key is another than before. */
  news(document: T, width: number): { readonly key: string; readonly text: string };
  /** Printed instead of the reason, once, where there was no answer. */
  lost?(error: unknown): string;
  /** For a program that reads the lines: nothing is drawn, also at a terminal. */
  readonly isForPrograms?: boolean;
  isOver?(document: T): boolean;
}

/**
 * Shows it live. A gateway that does not answer may be starting again: that is said, the last
 * answer stays, and the next one is waited for.
 *
 * Ctrl-C, SIGTERM, a hang-up and a reader who has gone end it.
 *
 * @returns the last answer, and whether it was drawn on a screen that is gone now
 */
export async function watchLive<T>(
  watched: Watched<T>,
  out: (line: string) => void,
): Promise<{ readonly last: T; readonly wasDrawn: boolean }> {
  const ended = new AbortController();
  const end = () => ended.abort();
  const screen = watched.isForPrograms ? undefined : LiveScreen.on();
  const view = screen === undefined ? printed(watched, out) : drawn(watched, screen);
  const leave = () => screen?.leave();
  const again = () => view.again();
  for (const signal of ENDING) process.once(signal, end);
  process.stdout.once('error', end);
  process.stdout.on('resize', again);
  process.on('SIGCONT', again);
  process.on('SIGTSTP', stopped);
  process.once('exit', leave);
  function stopped(): void {
    leave();
    process.kill(process.pid, 'SIGSTOP');
  }
  try {
    let document = await watched.ask();
    view.show(document);
    while (!ended.signal.aborted && watched.isOver?.(document) !== true) {
      await sleep(watched.everyMs, undefined, { signal: ended.signal }).catch(() => undefined);
      if (ended.signal.aborted) break;
      try {
        document = await watched.ask();
        view.show(document);
      } catch (error) {
        view.lost(error);
      }
    }
    return { last: document, wasDrawn: screen !== undefined };
  } finally {
    leave();
    for (const signal of ENDING) process.off(signal, end);
    process.stdout.off('error', end);
    process.stdout.off('resize', again);
    process.off('SIGCONT', again);
    process.off('SIGTSTP', stopped);
    process.off('exit', leave);
  }
}

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

interface View<T> {
  show(document: T): void;
  /** There was no answer. */
  lost(error: unknown): void;
  /** Draws it once more: the terminal has another size, or is in front again. */
  again(): void;
}

function drawn<T>(watched: Watched<T>, screen: LiveScreen): View<T> {
  let last: { readonly document: T } | undefined;
  let lost: { readonly since: string; readonly why: string } | undefined;
  const draw = () => {
    if (last === undefined) return;
    const { width, rows } = screen.size;
    const warning = lost === undefined ? [] : [...lostLines(lost, width), ''];
    screen.show([...warning, ...watched.screen(last.document, { width, rows: rows - warning.length })]);
  };
  return {
    show: (document) => {
      last = { document };
      lost = undefined;
      draw();
    },
    lost: (error) => {
      lost = { since: lost?.since ?? new Date().toISOString(), why: messageOf(error) };
      draw();
    },
    again: draw,
  };
}

function lostLines({ since, why }: { readonly since: string; readonly why: string }, width: number): string[] {
  const head = `NO ANSWER since ${localTime(since, new Date())}; below is the last one.`;
  return [...wrapped(coloured('red', head), width, 2), ...wrapped(why, width, 2)];
}

function printed<T>(watched: Watched<T>, out: (line: string) => void): View<T> {
  let before: string | undefined;
  const say = (key: string, text: string) => {
    if (key !== before) out(text);
    before = key;
  };
  return {
    show: (document) => {
      const { key, text } = watched.news(document, terminalWidth());
      say(key, text);
    },
    lost: (error) => say('lost', watched.lost?.(error) ?? `No answer: ${messageOf(error)}`),
    again: () => undefined,
  };
}
