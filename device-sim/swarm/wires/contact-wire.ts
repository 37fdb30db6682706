import type { Canary } from '../../../gateway/core/site.ts';
import type { FirmataSettings } from '../../../gateway/inputs/firmata/settings.ts';
import type { GpioSettings } from '../../../gateway/inputs/gpio/settings.ts';
import type { WiredContact } from '../../../gateway/inputs/wired-contact.ts';
import { wholeBetween } from '../streams.ts';
import type { GatewayEnd, Wire, WireEvent } from '../world/wire.ts';
import type { AirDeps } from './air.ts';
import { ContactReader } from './contact-reader.ts';

/** A contact bounces for this long at most. */
const BOUNCE_MS_MAX = 4;
/** Pressed again so soon, it may be the same press for the gateway. */
const APART_MS = 1_500;
const HELD_MS_MIN = 60;
const HANDS_MS = 10;

interface ContactWireDeps extends AirDeps {
  readonly contacts: readonly WiredContact[];
  /** How often the levels are read anew. */
  readonly rereadMs: number;
  readonly canary: Canary | undefined;
}

interface Contact {
  readonly wired: WiredContact;
  isActive: boolean;
  fault: 'cut' | 'short' | undefined;
  releasedMs: number;
}

/** Contacts and loops on a board's pins, and what the gateway's driver makes of their levels. */
export class ContactWire implements Wire {
  readonly id: string;
  readonly #deps: ContactWireDeps;
  readonly #contacts: readonly Contact[];
  #reader: ContactReader | undefined;
  #opened = 0;

  constructor(id: string, deps: ContactWireDeps) {
    this.id = id;
    this.#deps = deps;
    const fresh = { isActive: false, fault: undefined, releasedMs: Number.NEGATIVE_INFINITY };
    this.#contacts = deps.contacts.map((wired) => ({ wired, ...fresh }));
  }

  has(device: string): boolean {
    return this.#contacts.some(({ wired }) => wired.device === device);
  }

  powerUp(): void {}

  open(gateway: GatewayEnd): void {
    const settings = gateway.settings as GpioSettings | FirmataSettings;
    this.#reader = new ContactReader(settings, gateway.sink);
    this.#opened += 1;
    gateway.sink.health({ input: this.id, state: 'up', detail: 'lines held' });
    this.#readAll(this.#opened);
  }

  close(): void {
    this.#reader = undefined;
  }

  output(output: string, on: boolean): void {
    const { canary, clock } = this.#deps;
    if (canary?.output !== output) return;
    const contact = this.#contactOf(canary.device, 'button', canary.button);
    if (contact === undefined || contact.isActive === on) return;
    if (on) this.#deps.observe({ type: 'pressed', device: canary.device, button: canary.button, sure: false });
    clock.after(HANDS_MS, () => this.#set(contact, on));
  }

  event(event: WireEvent): void {
    const { clock, observe } = this.#deps;
    switch (event.do) {
      case 'press':
        this.#press(event.device, event.button, event.heldMs);
        break;
      case 'point': {
        const contact = this.#contactOf(event.device, 'point', event.point);
        if (contact !== undefined) this.#set(contact, event.active);
        break;
      }
      case 'wire':
        for (const contact of this.#contacts) {
          if (contact.wired.device !== event.device) continue;
          const { device, number, of, contact: wiring } = contact.wired;
          // Without resistors that tell, a fault of the cable looks like a press.
          const isPress = of === 'button' && event.state === (wiring === 'normallyClosed' ? 'cut' : 'short');
          if (isPress) observe({ type: 'pressed', device, button: number, sure: false });
          contact.fault = event.state;
          this.#tell(contact);
          clock.after(event.forMs, () => {
            if (isPress) observe({ type: 'released', device, button: number });
            contact.fault = undefined;
            this.#tell(contact);
          });
        }
        break;
    }
  }

  #press(device: string, button: number, heldMs: number): void {
    const contact = this.#contactOf(device, 'button', button);
    if (contact === undefined || contact.isActive) return;
    const { clock, observe } = this.#deps;
    const isApart = clock.nowMs - contact.releasedMs > APART_MS;
    const sure = isApart && contact.fault === undefined && heldMs >= HELD_MS_MIN && this.#reader !== undefined;
    observe({ type: 'pressed', device, button, sure });
    this.#set(contact, true);
    clock.after(Math.max(1, heldMs), () => {
      contact.releasedMs = clock.nowMs;
      this.#set(contact, false);
      observe({ type: 'released', device, button });
    });
  }

  /** With bounces: the last level stays. */
  #set(contact: Contact, isActive: boolean): void {
    const { clock, streams, name } = this.#deps;
    const random = streams.of(`contacts ${name}`);
    contact.isActive = isActive;
    for (let bounce = wholeBetween(random, 0, 2); bounce > 0; bounce--) {
      this.#tell(contact);
      this.#tell(contact, !isActive);
    }
    clock.after(random() * BOUNCE_MS_MAX, () => this.#tell(contact));
  }

  #tell({ wired, isActive, fault }: Contact, shown = isActive): void {
    const { clock, toGateway } = this.#deps;
    const capturedMs = clock.nowMs;
    toGateway(() => this.#reader?.level(wired, shown, fault, capturedMs));
  }

  #readAll(opened: number): void {
    if (this.#reader === undefined || this.#opened !== opened) return;
    const { clock, rereadMs, toGateway } = this.#deps;
    toGateway(() => this.#reader?.readAll(this.#contacts, clock.nowMs));
    clock.after(rereadMs, () => this.#readAll(opened));
  }

  #contactOf(device: string, of: 'button' | 'point', number: number): Contact | undefined {
    return this.#contacts.find(({ wired }) => wired.device === device && wired.of === of && wired.number === number);
  }
}
