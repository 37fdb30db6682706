import { idMark, textEndingWith } from './text.ts';
import { formatReadable, formatTimestamp } from './timestamp.ts';

type Dc09EventFormat = 'SIA-DCS' | 'ADM-CID';

/** The content of an event message as plain data. */
export interface Dc09Event {
  /** Characters `[A-Za-z0-9._-]`. It is the same on every repeat. */
  readonly id: string;
  /** SIA DC-03 event code, two capitals. */
  readonly sia: string;
  /** Contact ID (SIA DC-05) event code, three digits. */
  readonly contactId: string;
  /** Contact ID qualifier. */
  readonly qualifier: 1 | 3;
  /** Zone or user 0…999; 0 = none. */
  readonly zone: number;
  /** Area or partition 0…99; 0 = none. */
  readonly area: number;
  readonly text: string;
  /** Wall time of occurrence, ms since 1970 UTC. */
  readonly occurredMs: number;
}

interface EventContent {
  readonly data: string;
  readonly xdata: readonly string[];
}

/**
 * Longest `^text^` or `[I…]`. The standard allows 256 in `[I…]`. An encrypted frame of this length
 * stays under 800 bytes.
 */
export const TEXT_MAX = 240;

/**
 * Returns the data and extended data of one event.
 *
 * There is never more than one extended block: given two, a receiver in the field (iobroker.sia
 * 2.0.4) loses the message's time stamp and all blocks but the first. SIA-DCS carries its text in
 * the data and the time of occurrence in `[H…]`. Contact ID has no text, so its one block is
 * `[I…]`, and the text also says the time of occurrence. The desk needs the alarm's place and id
 * more than a time in a separate block.
 */
export function encodeEvent(format: Dc09EventFormat, account: string, event: Dc09Event): EventContent {
  return format === 'SIA-DCS' ? siaDcs(account, event) : contactId(account, event);
}

function siaDcs(account: string, event: Dc09Event): EventContent {
  const area = event.area === 0 ? '' : `ri${event.area}/`;
  const zone = event.zone === 0 ? '' : String(event.zone).padStart(3, '0');
  const text = textEndingWith(event.text, idMark(event.id), TEXT_MAX);
  return {
    data: `#${account}|N${area}${event.sia}${zone}^${text}^`,
    xdata: [`H${formatTimestamp(event.occurredMs)}`],
  };
}

/** Uses single blanks and fixed widths, because receivers' regular expressions require them. */
function contactId(account: string, event: Dc09Event): EventContent {
  const area = String(event.area).padStart(2, '0');
  const zone = String(event.zone).padStart(3, '0');
  const tail = `${formatReadable(event.occurredMs)} ${idMark(event.id)}`;
  return {
    data: `#${account}|${event.qualifier}${event.contactId} ${area} ${zone}`,
    xdata: [`I${textEndingWith(event.text, tail, TEXT_MAX)}`],
  };
}
