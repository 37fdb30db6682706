import type { Publication } from '../protocol/mqtt-documents.ts';
import { OPEN_ALERTS_MAX } from '../protocol/status-document.ts';
import type { Counts, StatusBoard } from './status-board.ts';
import { PacedAction } from './system/paced-action.ts';

/** A storm changes the line no more often than this, ms. */
const GAP_MS = 1_000;

/**
 * The state of the gateway in one line, for whoever asks the service manager. It names no device
 * and no room: every user of the machine can read it.
 */
export class StatusLine {
  readonly #board: Pick<StatusBoard, 'published' | 'counts'>;
  readonly #telling: PacedAction;
  #hasBegun = false;

  constructor(board: Pick<StatusBoard, 'published' | 'counts'>, tell: (line: string) => void, gapMs = GAP_MS) {
    this.#board = board;
    this.#telling = new PacedAction(() => tell(statusLine(board.counts)), gapMs);
  }

  /** The gateway is about to be ready. */
  begin(): void {
    this.#hasBegun = true;
    this.#telling.request();
  }

  published(publication: Publication): void {
    this.#board.published(publication);
    const { kind } = publication;
    const isShown = kind === 'alert' || kind === 'trouble' || kind === 'drill';
    if (isShown && this.#hasBegun) this.#telling.request();
  }
}

export function statusLine({ troubles, alerts, notConfirmed, drills }: Counts): string {
  const open = alerts >= OPEN_ALERTS_MAX ? `${OPEN_ALERTS_MAX} or more` : alerts;
  return [
    'Ready',
    troubles === 0 ? 'no troubles' : count(troubles, 'trouble'),
    alerts === 0 ? 'no open alerts' : `${count(open, 'open alert')}`,
    ...(notConfirmed === 0 ? [] : [`${notConfirmed} NOT CONFIRMED`]),
    ...(drills === 0 ? [] : [`${count(drills, 'drill')} running`]),
  ].join(' · ');
}

function count(number: number | string, of: string): string {
  return `${number} ${of}${number === 1 ? '' : 's'}`;
}
