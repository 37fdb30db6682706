import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type { ButtonReading } from '../../core/signal.ts';
import type { Message, MessagePart } from './message.ts';
import type { MqttButton } from './settings.ts';
import { memberName } from './sources.ts';

/** A longer mark is no mark: cut to this length, it would equal another with the same start. */
const MARK_LENGTH_MAX = 64;

/** Reads what one button says. */
export class ButtonReader {
  readonly source: MqttButton;
  readonly #meanings: ReadonlyMap<string, PressPattern | 'release'>;
  /** What an unnamed value means. */
  readonly #unnamed: 'notUnderstood' | 'release';
  readonly #member: string;

  /** @param beside whose values stand in the same member, of every device; itself too */
  constructor(source: MqttButton, beside: readonly MqttButton[]) {
    this.source = source;
    const { press } = source;
    // What is a press of a button beside it is none of this one.
    const named = beside.flatMap((button) => [...(button.release ?? []), ...Object.keys(button.press)]);
    this.#meanings = new Map<string, PressPattern | 'release'>([
      ...['', ...named].map((value) => [value, 'release'] as const),
      ...Object.entries(press),
    ]);
    // What none of them names is reported once.
    this.#unnamed = beside[0] === undefined || beside[0] === source ? 'notUnderstood' : 'release';
    this.#member = memberName(source);
  }

  /** One reading for each part of the message that says something of the button. */
  read(message: Message): readonly ButtonReading[] {
    return message.partsOf(this.source).flatMap((part) => {
      // A tag with several keys, written as if it had one, says a list. That may be a press.
      const value = part.text(this.source.path) ?? part.structure(this.source.path);
      if (value === undefined) return [];
      const means = this.#meanings.get(value) ?? this.#unnamed;
      return [{ button: this.source.number, means, value, member: this.#member, repeats: this.#repeats(part) }];
    });
  }

  #repeats(part: MessagePart): ButtonReading['repeats'] {
    const { carries, counter, repeatsWithinMs = 0 } = this.source;
    if (carries === 'state') return { by: 'state' };
    if (counter === undefined) return { by: 'time', withinMs: repeatsWithinMs };
    const mark = part.text(counter);
    if (mark !== undefined && mark !== '' && mark.length <= MARK_LENGTH_MAX) return { by: 'mark', mark };
    return { by: 'time', withinMs: repeatsWithinMs, markMissing: counter.join('.') };
  }
}

/** @param buttons all that the topic speaks of, of every device */
export function buttonReaders(buttons: readonly MqttButton[]): ReadonlyMap<MqttButton, ButtonReader> {
  const byPlace = new Map<string, MqttButton[]>();
  const placed = buttons.map((button) => {
    const place = placeOf(button);
    const beside = byPlace.get(place) ?? [];
    beside.push(button);
    byPlace.set(place, beside);
    return [button, beside] as const;
  });
  return new Map(placed.map(([button, beside]) => [button, new ButtonReader(button, beside)]));
}

/** Equal for buttons whose values stand in the same member of the same messages. */
function placeOf({ topic, each, path, when = [] }: MqttButton): string {
  return JSON.stringify([topic, each ?? null, path, when]);
}
