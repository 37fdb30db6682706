import {
  type AprsMessage,
  encodeAprsMessage,
  messageText,
  parseAprsMessage,
} from '../../../protocol/radio/aprs-message.ts';
import {
  type Ax25Address,
  addressText,
  encodeUi,
  parseAddress,
  parseUi,
  type UiFrame,
} from '../../../protocol/radio/ax25.ts';
import { encodeKiss, KISS_COMMANDS, type KissFrame } from '../../../protocol/radio/kiss.ts';
import { parseThirdParty } from '../../../protocol/radio/third-party.ts';
import type { Attempt } from '../../core/report.ts';
import { reportText } from '../../core/report-text.ts';
import { messageId } from './message-ids.ts';
import type { RadioSettings } from './settings.ts';

/** A message to us. */
export interface Heard {
  /** As written: `N0CALL-9`. */
  readonly source: string;
  /** It was relayed by a digipeater or an igate. */
  readonly repeated: boolean;
  readonly message: AprsMessage;
}

/**
 * The text of a poll: a message that any APRS station acknowledges automatically. Queries
 * (`?APRS…`) would not do, because answering them is optional. Id and text stay the same, so a
 * receiver that knows them acknowledges without showing the message again.
 */
const POLL_TEXT = 'Link test';
const KISS_UNIT_MS = 10;
/** `}` */
const THIRD_PARTY = 0x7d;

/** Makes and reads the frames of one radio path. */
export class RadioFrames {
  readonly #settings: RadioSettings;
  readonly #source: Ax25Address;
  readonly #destination: Ax25Address;
  readonly #digipeaters: readonly Ax25Address[];
  readonly #igates: ReadonlySet<string>;
  readonly #own: string;
  readonly #receiver: string;

  /** @throws RangeError for settings that the configuration would have refused */
  constructor(settings: RadioSettings) {
    this.#settings = settings;
    this.#source = address(settings.callsign);
    this.#destination = address(settings.destination);
    this.#digipeaters = settings.digipeaters.map(address);
    this.#igates = new Set(settings.igates.map((each) => addressText(address(each))));
    this.#own = addressText(this.#source);
    this.#receiver = addressText(address(settings.receiver));
  }

  /** @throws RangeError if it does not fit a message */
  attempt({ report, sequence }: Attempt): Uint8Array {
    const { textCharacters } = this.#settings;
    const text = messageText(report === undefined ? POLL_TEXT : reportText(report, textCharacters), textCharacters);
    return this.#toAir({ type: 'message', addressee: this.#receiver, text, id: messageId(sequence) });
  }

  /** `source`: the sender of the message. */
  acknowledgement(source: string, id: string): Uint8Array {
    return this.#toAir({ type: 'ack', addressee: source, id });
  }

  /** How the TNC should use the channel. A TNC forgets this when it is switched off. */
  parameters(): Uint8Array {
    const { txDelayMs, persistence, slotMs, txTailMs, kissPort: port } = this.#settings;
    const values: readonly [number, number][] = [
      [KISS_COMMANDS.txDelay, txDelayMs / KISS_UNIT_MS],
      [KISS_COMMANDS.persistence, persistence],
      [KISS_COMMANDS.slotTime, slotMs / KISS_UNIT_MS],
      [KISS_COMMANDS.txTail, txTailMs / KISS_UNIT_MS],
    ];
    return Buffer.concat(
      values.map(([command, value]) => encodeKiss({ port, command, payload: Uint8Array.of(Math.round(value)) })),
    );
  }

  /** A message to us by another station; `undefined`: something else. */
  read({ port, command, payload }: KissFrame): Heard | undefined {
    if (port !== this.#settings.kissPort || command !== KISS_COMMANDS.data) return undefined;
    const frame = parseUi(payload);
    const said = frame && this.#saidIn(frame);
    const message = said && parseAprsMessage(said.info);
    if (said === undefined || message === undefined) return undefined;
    const { source, repeated } = said;
    if (source === this.#own || withoutZero(message.addressee) !== this.#own) return undefined;
    return { source, repeated, message };
  }

  /**
   * Third-party traffic counts for its own source, and only from an igate that the site names:
   * anyone on the internet can write any call sign there.
   */
  #saidIn({ source, digipeaters, info }: UiFrame): { source: string; repeated: boolean; info: Uint8Array } | undefined {
    const sender = addressText(source);
    if (info[0] !== THIRD_PARTY) {
      return { source: sender, repeated: digipeaters.some((each) => each.repeated), info };
    }
    const inner = this.#igates.has(sender) ? parseThirdParty(info) : undefined;
    return inner && { source: addressText(inner.source), repeated: true, info: inner.info };
  }

  isReceiver(source: string): boolean {
    return source === this.#receiver;
  }

  get isRepeated(): boolean {
    return this.#digipeaters.length > 0;
  }

  #toAir(message: AprsMessage): Uint8Array {
    const digipeaters = this.#digipeaters.map((each) => ({ ...each, repeated: false }));
    const info = encodeAprsMessage(message);
    const payload = encodeUi({ destination: this.#destination, source: this.#source, digipeaters, info });
    return encodeKiss({ port: this.#settings.kissPort, command: KISS_COMMANDS.data, payload });
  }
}

/** Some stations write an SSID of 0 explicitly. */
function withoutZero(addressee: string): string {
  return addressee.toUpperCase().replace(/-0$/, '');
}

function address(text: string): Ax25Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new RangeError(`no AX.25 address: ${text}`);
  return parsed;
}
