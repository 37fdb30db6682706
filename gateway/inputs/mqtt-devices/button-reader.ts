import type { PressPattern } from '../../../protocol/press-pattern.ts';
import type { Readings } from '../../core/signal.ts';
import type { Message } from './message.ts';
import type { MqttButton } from './settings.ts';

/** Reads one button's presses. */
export class ButtonReader {
  readonly source: MqttButton;
  readonly #patterns: ReadonlyMap<string, PressPattern>;

  constructor(source: MqttButton) {
    this.source = source;
    this.#patterns = new Map(Object.entries(source.press));
  }

  /** One press for each part of the message that holds one. */
  read(message: Message): Readings['presses'] {
    return message.textsOf(this.source).flatMap((text) => {
      const pattern = this.#patterns.get(text);
      return pattern === undefined ? [] : [{ button: this.source.number, pattern }];
    });
  }
}
