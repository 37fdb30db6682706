import type { WalkTestDocument } from '../../../protocol/walk-test-document.ts';
import { askQuestion } from '../../control/ask-gateway.ts';
import { localTime, terminalWidth } from '../terminal-text.ts';
import { watchLive } from '../watch.ts';
import { changeLine, walkTestScreen } from './walk-test-text.ts';

const REFRESH_MS = 1000;

type Print = (line: string) => void;

/**
 * Shows the walk test until it ends or Ctrl-C.
 *
 * @returns the exit code: 0 all is tested or Ctrl-C, 1 something is left
 */
export async function watchWalkTest(directory: string, out: Print): Promise<number> {
  const { last, wasDrawn } = await watchLive<WalkTestDocument>(
    {
      everyMs: REFRESH_MS,
      ask: () => askQuestion(directory, 'walkTest'),
      screen: (document, size) => walkTestScreen(document, { ...size, now: new Date() }),
      news,
      isOver: ({ state }) => state !== 'running',
    },
    out,
  );
  if (wasDrawn) for (const line of walkTestScreen(last, { width: terminalWidth(), now: new Date() })) out(line);
  if (last.state !== 'running') return last.counts.awaiting + last.counts.untested === 0 ? 0 : 1;
  const until = last.ends_at === undefined ? '' : ` until ${localTime(last.ends_at, new Date())}`;
  out('');
  out(`The walk test goes on${until}. End it: callpoint walk-test stop`);
  return 0;
}

/** One line for each change. */
function news(document: WalkTestDocument, width: number) {
  const { last, places } = document;
  const place = places.find(({ items }) => items.some(({ item }) => item === last?.item))?.text ?? '';
  const text = changeLine(document, place, { width, now: new Date() });
  return { key: text, text };
}
