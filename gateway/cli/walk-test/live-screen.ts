import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../protocol/errors.ts';
import type { WalkTestDocument } from '../../../protocol/walk-test-document.ts';
import { askQuestion } from '../../control/ask-gateway.ts';
import { localTime, terminalWidth } from '../terminal-text.ts';
import { changeLine, walkTestScreen } from './walk-test-text.ts';

const REFRESH_MS = 1000;
/** Clears each line only as it is written again: the screen does not flicker. */
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

type Print = (line: string) => void;

/**
 * Shows the walk test until it ends or Ctrl-C. A gateway that does not answer may be starting
 * again, so the screen waits for it.
 *
 * @returns the exit code: 0 all is tested or Ctrl-C, 1 something is left
 */
export async function watchWalkTest(directory: string, out: Print): Promise<number> {
  const left = new AbortController();
  const leave = () => left.abort();
  process.once('SIGINT', leave);
  try {
    return await watch(directory, out, left.signal);
  } finally {
    process.off('SIGINT', leave);
  }
}

async function watch(directory: string, out: Print, left: AbortSignal): Promise<number> {
  const { TERM: terminal } = process.env;
  const isScreen = process.stdout.isTTY === true && terminal !== 'dumb';
  const show = isScreen ? screen() : changes(out);
  // The first answer must come: a wrong directory would be watched for ever.
  let document = await askQuestion(directory, 'walkTest');
  while (!left.aborted) {
    show(document);
    if (document.state !== 'running') return document.counts.awaiting + document.counts.untested === 0 ? 0 : 1;
    await sleep(REFRESH_MS, undefined, { signal: left }).catch(() => undefined);
    if (left.aborted) break;
    document = await askQuestion(directory, 'walkTest').catch((error: unknown) => {
      out(messageOf(error));
      return document;
    });
  }
  const until = document.ends_at === undefined ? '' : ` until ${localTime(document.ends_at, new Date())}`;
  out('');
  out(`The walk test goes on${until}. End it: callpoint walk-test stop`);
  return 0;
}

function screen(): (document: WalkTestDocument) => void {
  process.stdout.write(`${HOME}${CLEAR_BELOW}`);
  return (document) => {
    const { rows } = process.stdout;
    const size = rows === undefined || rows === 0 ? {} : { rows };
    const lines = walkTestScreen(document, { width: terminalWidth(), now: new Date(), ...size });
    process.stdout.write(`${HOME}${lines.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`);
  };
}

/** One line for each change. */
function changes(out: Print): (document: WalkTestDocument) => void {
  let before = '';
  return (document) => {
    const { last, places } = document;
    const place = places.find(({ items }) => items.some(({ item }) => item === last?.item))?.text ?? '';
    const line = changeLine(document, place, { width: terminalWidth(), now: new Date() });
    if (line !== before) out(line);
    before = line;
  };
}
