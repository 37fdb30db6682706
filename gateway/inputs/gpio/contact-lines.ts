import type { MonoMs } from '../../../protocol/clocks.ts';
import type { InputSink } from '../input-driver.ts';
import type { WiredContact } from '../wired-contact.ts';
import { contactState } from './contact-levels.ts';
import { type InputLine, inputLines } from './input-lines.ts';
import type { Level } from './linux-gpio.ts';

interface Contact {
  readonly wired: WiredContact;
  /** Index of the line of `pin`, and of `cutPin`. */
  readonly line: number;
  readonly cutLine: number | undefined;
}

/** Levels of the input lines, and the contacts on them. */
export class ContactLines {
  readonly lines: readonly InputLine[];
  readonly #input: string;
  readonly #sink: InputSink;
  /** `undefined` while the line is not held. */
  readonly #levels: (Level | undefined)[];
  readonly #contacts: readonly Contact[];
  readonly #byLine: readonly (readonly Contact[])[];

  constructor(input: string, contacts: readonly WiredContact[], sink: InputSink) {
    this.#input = input;
    this.#sink = sink;
    this.lines = inputLines(contacts);
    this.#levels = this.lines.map(() => undefined);
    const index = new Map(this.lines.map(({ name }, line) => [name, line]));
    this.#contacts = contacts.map((wired) => ({
      wired,
      line: index.get(wired.pin) ?? -1,
      cutLine: wired.cutPin === undefined ? undefined : index.get(wired.cutPin),
    }));
    this.#byLine = this.lines.map((_, line) =>
      this.#contacts.filter((contact) => contact.line === line || contact.cutLine === line),
    );
  }

  /** Tells the contacts on a line that changed. */
  edge(line: number, level: Level, atMs: MonoMs): void {
    this.#levels[line] = level;
    for (const contact of this.#byLine[line] ?? []) this.#tell(contact, atMs);
  }

  /** Takes a level that was read anew; `tellAll` reports the contacts. */
  setLevel(line: number, level: Level): void {
    this.#levels[line] = level;
  }

  /** Tells every contact on these lines, changed or not. */
  tellAll(lines: ReadonlySet<number>, atMs: MonoMs): void {
    for (const contact of this.#contacts) {
      if (lines.has(contact.line) || (contact.cutLine !== undefined && lines.has(contact.cutLine))) {
        this.#tell(contact, atMs);
      }
    }
  }

  /** No line is held any more. */
  forget(): void {
    this.#levels.fill(undefined);
  }

  #tell(contact: Contact, capturedMs: MonoMs): void {
    const { wired, line, cutLine } = contact;
    const level = this.#levels[line];
    if (level === undefined) return;
    const { device, of, number } = wired;
    const cut = cutLine === undefined ? undefined : this.#levels[cutLine];
    const state = contactState(wired, level, cut);
    // Without its cut line nobody knows whether the loop is whole. A press still shows, and so does
    // its end.
    const mayBeCut = cutLine !== undefined && cut === undefined && state === 'normal';
    const body = { type: 'contact', of, number, state, ...(mayBeCut ? { mayBeCut } : {}) } as const;
    this.#sink.signal({ input: this.#input, device, authenticated: false, capturedMs, body });
  }
}
