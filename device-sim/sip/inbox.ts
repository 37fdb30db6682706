import type { EmergencyCall } from './emergency-call.ts';

/** The operator's screen, which shows each CAP message once, however often it arrives. */
export class Inbox {
  /** Every message accepted, including repeats. */
  readonly messages: EmergencyCall[] = [];
  readonly displayed: EmergencyCall[] = [];
  readonly #known = new Set<string>();

  /** Returns true if the message is new to the operator. */
  accept(call: EmergencyCall): boolean {
    this.messages.push(call);
    if (this.#known.has(call.identifier)) return false;
    this.#known.add(call.identifier);
    this.displayed.push(call);
    return true;
  }

  clear(): void {
    this.messages.length = 0;
    this.displayed.length = 0;
    this.#known.clear();
  }
}
