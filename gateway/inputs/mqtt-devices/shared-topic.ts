import type { Message, MessagePart } from './message.ts';
import type { MqttButton, MqttCondition } from './settings.ts';

/** More than this of one message is no tag's. */
const TEXT_LENGTH_MAX = 64;

/** What a shape is made of: `bthomedevice:201` has that of `bthomedevice:200`. */
const BLUETOOTH_ADDRESS = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** One form in which buttons speak on a topic: where, and what a press is called. */
interface Form {
  readonly button: MqttButton;
  readonly conditions: readonly MqttCondition[];
  /** Shapes of the texts of each condition, in their order. */
  readonly shapes: readonly ReadonlySet<string>[];
}

/**
 * Presses on a topic that several devices share, of a device that the configuration does not have:
 * a new tag at a Bluetooth gateway. Such a press is no alert, and must not be silent either.
 *
 * What a tag is called is told by its likeness to those that are known, so that this needs no
 * profile: the message has the members of a known button, with texts of the same shape, and a word
 * that is a press.
 */
export class SharedTopic {
  readonly #forms: readonly Form[];
  readonly #all: readonly MqttButton[];

  /** @param buttons all that speak on the topic, of every device */
  constructor(buttons: readonly MqttButton[]) {
    this.#all = buttons.filter(({ when = [] }) => when.length > 0);
    const byForm = new Map<string, MqttButton[]>();
    for (const button of this.#all) {
      const key = formOf(button);
      byForm.set(key, [...(byForm.get(key) ?? []), button]);
    }
    this.#forms = [...byForm.values()].flatMap(([first, ...others]) => {
      if (first === undefined) return [];
      const conditions = first.when ?? [];
      const shapes = conditions.map(
        (_, at) =>
          new Set([first, ...others].flatMap(({ when = [] }) => (when[at]?.is ?? []).map((text) => shapeOf(text)))),
      );
      return [{ button: first, conditions, shapes }];
    });
  }

  /** Nobody shares it: each message is of the one device. */
  get isOfOne(): boolean {
    return this.#forms.length === 0;
  }

  /** Names of the strangers that were pressed; each once. */
  strangersIn(message: Message): readonly string[] {
    const names = new Set<string>();
    for (const form of this.#forms) {
      const { each } = form.button;
      for (const part of message.partsOf(each === undefined ? {} : { each })) {
        if (!isPress(form.button, part) || this.#isKnown(part, each)) continue;
        const name = nameIn(form, part);
        if (name !== undefined) names.add(name);
      }
    }
    return [...names];
  }

  #isKnown(part: MessagePart, each: readonly string[] | undefined): boolean {
    return this.#all.some(
      ({ each: other, when = [] }) =>
        JSON.stringify(other) === JSON.stringify(each) && when.every((condition) => holds(condition, part)),
    );
  }
}

function isPress({ path, press }: MqttButton, part: MessagePart): boolean {
  const value = part.text(path);
  return value !== undefined && Object.hasOwn(press, value);
}

/** What it is called, if something differs from what is known and everything has its shape. */
function nameIn({ conditions, shapes }: Form, part: MessagePart): string | undefined {
  const names: string[] = [];
  let isOther = false;
  for (const [at, condition] of conditions.entries()) {
    const text = part.text(condition.path);
    if (text === undefined || text.length > TEXT_LENGTH_MAX || !shapes[at]?.has(shapeOf(text))) return undefined;
    isOther ||= !condition.is.includes(text);
    // A word that all of them have is no name.
    if (shapeOf(text) !== text) names.push(text);
  }
  return isOther ? names.join(' ') : undefined;
}

function holds({ path, is }: MqttCondition, part: MessagePart): boolean {
  const text = part.text(path);
  return text !== undefined && is.includes(text);
}

function formOf({ each, path, when = [] }: MqttButton): string {
  return JSON.stringify([each ?? null, path, when.map((condition) => condition.path)]);
}

function shapeOf(text: string): string {
  return BLUETOOTH_ADDRESS.test(text) ? 'address' : text.replace(/\d+/g, '0');
}
