import { type Random, randomBelow, seededRandom } from '../random.ts';
import { message, type Twin, type TwinMessage, type TwinPress } from './twin.ts';

/** Bad habits that users of bridges and devices have published, by name. */
export const MANNERS = {
  normal: 'publishes as it should',
  duplicates: 'publishes each event two to four times within 2 s, as on a weak link',
  repeatEvents: 'publishes its last event again every 30 s',
  retainEvents: 'publishes events retained',
  reorder: 'publishes the messages of one press in the opposite order',
  otherForm: 'says availability as JSON instead of plain text, or the other way round',
  capitals: 'says availability in capitals: ONLINE, {"state":"OFFLINE"}',
  noAvailability: 'says nothing of the availability of its devices, as Zigbee2MQTT by default',
  lowWords: 'says battery_low (Zigbee2MQTT) or low instead of a percentage',
  unknownWord: 'says unnamed_press instead of the word of each press',
  brokenJson: 'loses the second half of each event',
  largeMessages: 'publishes 300 kB about its devices at each connection',
  clockAhead3600: 'its clock is an hour ahead',
  clockBehind3600: 'its clock is an hour behind',
  reconnects: 'loses its connection every 20 s, and connects again',
  restarts: 'loses its connection every 20 s, and starts again from its cache',
} as const satisfies Readonly<Record<string, string>>;

export type Manner = keyof typeof MANNERS;

const COPIES_WITHIN_MS = 2_000;
const REPEAT_MS = 30_000;
const CLOCK_OFF_MS = 3_600_000;
const UNKNOWN_WORD = 'unnamed_press';
const LARGE_CHARACTERS = 300_000;
const LOW_PERCENT = 15;

/** A twin with bad habits. */
export class MisbehavingTwin implements Twin {
  /** How it behaves from now on. Several go together. */
  manners: ReadonlySet<Manner> = new Set();
  readonly #twin: Twin;
  readonly #random: Random;
  #againMs = Number.NEGATIVE_INFINITY;
  #lastEvents: readonly TwinMessage[] = [];

  constructor(twin: Twin, random: Random = seededRandom(1)) {
    this.#twin = twin;
    this.#random = random;
  }

  get will(): TwinMessage {
    const [will = this.#twin.will] = this.#spoilt([this.#twin.will]);
    return will;
  }

  get againMs(): number {
    return this.manners.has('repeatEvents') ? Math.min(REPEAT_MS, this.#twin.againMs) : this.#twin.againMs;
  }

  connected(wallMs: number, isStart: boolean): readonly TwinMessage[] {
    if (isStart) this.#lastEvents = [];
    const said = this.#spoilt(this.#twin.connected(this.#clock(wallMs), isStart));
    return this.manners.has('largeMessages') ? [...said, largeMessage(this.#twin.will)] : said;
  }

  press(device: string, button: string, how: TwinPress, wallMs: number, word?: string): readonly TwinMessage[] {
    const strange = this.manners.has('unknownWord') ? UNKNOWN_WORD : undefined;
    return this.#pressed(this.#twin.press(device, button, how, this.#clock(wallMs), word ?? strange));
  }

  release(device: string, button: string, wallMs: number): readonly TwinMessage[] {
    return this.#spoilt(this.#twin.release(device, button, this.#clock(wallMs)));
  }

  point(device: string, point: string, active: boolean, wallMs: number): readonly TwinMessage[] {
    return this.#spoilt(this.#twin.point(device, point, active, this.#clock(wallMs)));
  }

  battery(device: string, percent: number, wallMs: number): readonly TwinMessage[] {
    return this.#spoilt(this.#twin.battery(device, percent, this.#clock(wallMs)));
  }

  presence(device: string, isPresent: boolean, wallMs: number): readonly TwinMessage[] {
    return this.#spoilt(this.#twin.presence(device, isPresent, this.#clock(wallMs)));
  }

  again(wallMs: number): readonly TwinMessage[] {
    const repeated = this.manners.has('repeatEvents') ? this.#lastEvents : [];
    if (wallMs - this.#againMs < this.#twin.againMs) return repeated;
    this.#againMs = wallMs;
    return [...this.#spoilt(this.#twin.again(this.#clock(wallMs))), ...repeated];
  }

  #clock(wallMs: number): number {
    if (this.manners.has('clockAhead3600')) return wallMs + CLOCK_OFF_MS;
    return this.manners.has('clockBehind3600') ? wallMs - CLOCK_OFF_MS : wallMs;
  }

  #pressed(messages: readonly TwinMessage[]): readonly TwinMessage[] {
    const said = this.manners.has('reorder') ? reordered(messages) : messages;
    const spoilt = this.#spoilt(said);
    const events = spoilt.filter(({ says }) => says === 'event');
    this.#lastEvents = events.slice(-1).map((each) => ({ ...each, afterMs: 0 }));
    return this.manners.has('duplicates') ? spoilt.flatMap((each) => this.#copies(each)) : spoilt;
  }

  #copies(said: TwinMessage): readonly TwinMessage[] {
    // A copy of a state can not overtake the next one.
    if (said.says !== 'event') return [said, said];
    const more = Array.from({ length: 1 + randomBelow(this.#random, 3) }, () => {
      return { ...said, afterMs: said.afterMs + randomBelow(this.#random, COPIES_WITHIN_MS) };
    });
    return [said, ...more];
  }

  #spoilt(messages: readonly TwinMessage[]): readonly TwinMessage[] {
    const isSilent = ({ says }: TwinMessage) => says === 'availability' && this.manners.has('noAvailability');
    return messages.flatMap((said) => {
      if (isSilent(said)) return [];
      let { payload, retain } = said;
      if (said.says === 'event') {
        if (this.manners.has('retainEvents')) retain = true;
        if (this.manners.has('brokenJson')) payload = payload.slice(0, Math.ceil(payload.length / 2));
      } else if (said.says !== 'state') {
        if (this.manners.has('otherForm')) payload = otherForm(payload);
        if (this.manners.has('capitals')) payload = inCapitals(payload);
      }
      if (this.manners.has('lowWords')) payload = lowInWords(said.topic, payload);
      return { ...said, payload, retain };
    });
  }
}

/** The times stay where they are. */
function reordered(messages: readonly TwinMessage[]): readonly TwinMessage[] {
  const times = messages.map(({ afterMs }) => afterMs);
  return messages.toReversed().map((said, index) => ({ ...said, afterMs: times[index] ?? said.afterMs }));
}

function otherForm(payload: string): string {
  const [, state] = /^\{"state":"(\w+)"\}$/.exec(payload) ?? [];
  return state ?? JSON.stringify({ state: payload });
}

function inCapitals(payload: string): string {
  return payload.replace(/online|offline|true|false/gi, (word) => word.toUpperCase());
}

function lowInWords(topic: string, payload: string): string {
  if (/\/battery(\/state)?$/.test(topic)) return Number(payload) < LOW_PERCENT ? 'low' : 'normal';
  return payload.replace(/^\{"battery":(\d+)/, (_, percent) => `{"battery_low":${Number(percent) < LOW_PERCENT}`);
}

/** As Zigbee2MQTT's `bridge/devices` in a large network. */
function largeMessage({ topic }: TwinMessage): TwinMessage {
  const [base = 'sim'] = topic.split('/');
  const device = { ieee_address: '0x00158d0001234567', type: 'EndDevice', definition: { exposes: 'x'.repeat(400) } };
  const count = Math.ceil(LARGE_CHARACTERS / JSON.stringify(device).length);
  return message(
    'other',
    `${base}/bridge/devices`,
    Array.from({ length: count }, () => device),
    { retain: true },
  );
}
