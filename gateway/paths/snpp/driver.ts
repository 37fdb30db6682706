import { SNPP_TIMES, SnppDialogue, type SnppTimes } from '../../../protocol/paging/snpp-dialogue.ts';
import type { Names } from '../../names/names.ts';
import { PagingDriver } from '../paging-driver.ts';
import type { PathDriver, PathSink } from '../path-driver.ts';
import { TcpCalls } from '../tcp-calls.ts';
import type { SnppSettings } from './settings.ts';

interface SnppServices extends Names {
  readonly times?: SnppTimes;
}

/**
 * SNPP (RFC 1861) as a client: each attempt is a connection of its own, with a PAGE, MESS and SEND
 * for each pager.
 */
export function createSnppDriver(settings: SnppSettings, sink: PathSink, services: SnppServices = {}): PathDriver {
  const { id, pagers, characters, login } = settings;
  const paging = { id, pagers, characters, pagersPerCall: pagers.length };
  const dialogue = (called: readonly string[], text: string) => {
    const pages = called.map((pager) => ({ pager, text }));
    return new SnppDialogue(login === undefined ? { pages } : { login, pages }, services.times ?? SNPP_TIMES);
  };
  return new PagingDriver(paging, new TcpCalls({ ...settings, tap: sink.tap }, services), dialogue, sink);
}
