export interface SimCardSettings {
  /** PIN that the card asks for. Default: none. */
  readonly pin?: string;
  /** Number of tries left. Default 3. */
  readonly tries?: number;
  /** How the modem reports the number of tries left. Default `CPINR`. */
  readonly tellsTries?: 'CPINR' | 'CSIM' | 'not';
}

/** A SIM card behind a modem's commands. The third wrong PIN locks it. */
export class SimCard {
  readonly #settings: SimCardSettings;
  #pin: string | undefined;
  #tries: number;
  #isOpen = false;
  #wrongPins = 0;

  constructor(settings: SimCardSettings = {}) {
    this.#settings = settings;
    this.#pin = settings.pin;
    this.#tries = settings.tries ?? 3;
    this.powerUp();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Returns the total number of wrong PINs entered. */
  get wrongPins(): number {
    return this.#wrongPins;
  }

  /** Makes the card ask for its PIN again. */
  powerUp(): void {
    this.#isOpen = this.#pin === undefined;
  }

  /** Sets another PIN, which the card then asks for. */
  wants(pin: string): void {
    this.#pin = pin;
    this.powerUp();
  }

  /** Returns to the card's original PIN, if another one was set. */
  reset(): void {
    if (this.#pin === this.#settings.pin) return;
    this.#pin = this.#settings.pin;
    this.#tries = 3;
    this.powerUp();
  }

  /** Restores all tries, as after the right PIN was entered in a phone. */
  enterInPhone(): void {
    this.#tries = 3;
  }

  /** @param command without AT, in upper case */
  command(command: string): { readonly lines: readonly string[]; readonly error?: string } {
    const { tellsTries = 'CPINR' } = this.#settings;
    if (command === '+CPIN?') return { lines: [`+CPIN: ${this.#state}`] };
    if (command.startsWith('+CPINR=') && tellsTries === 'CPINR') return { lines: [`+CPINR: SIM PIN,${this.#tries},3`] };
    if (command === '+CSIM=10,"0020000100"' && tellsTries === 'CSIM')
      return { lines: [`+CSIM: 4,"63C${this.#tries}"`] };
    const pin = /^\+CPIN="(\d+)"$/.exec(command)?.[1];
    return pin === undefined ? { lines: [], error: 'CME 4' } : this.#enter(pin);
  }

  get #state(): string {
    if (this.#tries === 0) return 'SIM PUK';
    return this.#isOpen ? 'READY' : 'SIM PIN';
  }

  #enter(pin: string): { readonly lines: readonly string[]; readonly error?: string } {
    if (this.#tries === 0) return { lines: [], error: 'CME 12' };
    if (pin === this.#pin) {
      this.#isOpen = true;
      this.#tries = 3;
      return { lines: [] };
    }
    this.#tries -= 1;
    this.#wrongPins += 1;
    return { lines: [], error: 'CME 16' };
  }
}
