import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type { ButtonReading } from '../../core/signal.ts';
import type { Message, MessagePart } from './message.ts';
import type { MqttButton } from './settings.ts';

/** A longer mark is none: it could not be told from another with the same start. */
const MARK_LENGTH_MAX = 64;

/** Reads what one button says. */
export class ButtonReader {
  readonly source: MqttButton;
  readonly #meanings: ReadonlyMap<string, PressPattern | 'release'>;
  /** What an unnamed value means. */
  readonly #unnamed: 'notUnderstood' | 'release';
  readonly #member: string;

  /** @param buttons all that the topic speaks of, of every device */
  constructor(source: MqttButton, buttons: readonly MqttButton[]) {
    this.source = source;
    const { press, path, topic } = source;
    const place = placeOf(source);
    const beside = buttons.filter((button) => placeOf(button) === place);
    // What is a press of a button beside it is none of this one.
    const named = beside.flatMap((button) => [...(button.release ?? []), ...Object.keys(button.press)]);
    this.#meanings = new Map<string, PressPattern | 'release'>([
      ...['', ...named].map((value) => [value, 'release'] as const),
      ...Object.entries(press),
    ]);
    // What none of them names is reported once.
    this.#unnamed = beside[0] === undefined || beside[0] === source ? 'notUnderstood' : 'release';
    this.#member = path.length === 0 ? topic : path.join('.');
  }

  /** One reading for each part of the message that says something of the button. */
  read(message: Message): readonly ButtonReading[] {
    return message.partsOf(this.source).flatMap((part) => {
      const value = part.text(this.source.path);
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

/** Equal for buttons whose values stand in the same member of the same messages. */
function placeOf({ topic, each, path, when = [] }: MqttButton): string {
  return JSON.stringify([topic, each ?? null, path, when]);
}
