import { encodeTapBlocks, INFORMATION_CHARACTERS_MAX } from '../../../protocol/paging/tap-block.ts';
import { TAP_TIMES, TapDialogue, type TapTimes } from '../../../protocol/paging/tap-dialogue.ts';
import type { Names } from '../../names/names.ts';
import { PagingDriver } from '../paging-driver.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { TcpCalls } from '../tcp-calls.ts';
import { SerialCalls } from './serial-calls.ts';
import type { TapSettings } from './settings.ts';

interface TapServices extends Names {
  /** Default: the times of TAP 1.8. */
  readonly times?: TapTimes;
}

/** TAP 1.8 as an entry device: each attempt is a call with one transaction for each pager. */
export function createTapDriver(settings: TapSettings, sink: PathSink, services: TapServices = {}): PathDriver {
  const { id, line, pagers, transactionsPerCall, password = '', idPrompt = true, oneBlock } = settings;
  const calls =
    line.type === 'serial'
      ? new SerialCalls(line, (up) => sink.link?.(id, up), sink.tap)
      : new TcpCalls({ ...line, tap: sink.tap }, services);
  const longest = Math.max(...pagers.map((pager) => pager.length));
  // Each of the two fields ends with CR.
  const characters = oneBlock
    ? Math.min(settings.characters, INFORMATION_CHARACTERS_MAX - longest - 2)
    : settings.characters;
  const paging = { id, pagers, characters, pagersPerCall: transactionsPerCall };
  const dialogue = (called: readonly string[], text: string) =>
    new TapDialogue(
      { password, idPrompt, transactions: called.map((pager) => encodeTapBlocks([pager, text])) },
      services.times ?? TAP_TIMES,
    );
  return new PagingDriver(paging, calls, dialogue, sink);
}
