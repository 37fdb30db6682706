import type { ByteDuplex } from '../byte-duplex.ts';

const CONTROL_C = 0x03;
const CARRIAGE_RETURN = 0x0d;
const LINE_MAX = 256;
const BANNER = '\r\nTAPR TNC 2\r\nAX.25 Level 2 Version 2.0\r\nChecksum $36\r\n';
const PROMPT = 'cmd:';

/** The dialogue of a TNC 2 with a person at a terminal. `KISS ON` and `RESTART` end it. */
export class CommandInterpreter {
  /** Commands it has carried out, in order. */
  readonly commands: string[] = [];
  readonly #tell: (bytes: Uint8Array) => void;
  readonly #restarted: () => void;
  #line = '';
  #kissOn = false;

  constructor(host: Pick<ByteDuplex, 'write'>, restarted: () => void) {
    this.#tell = (bytes) => host.write(bytes);
    this.#restarted = restarted;
  }

  wake(): void {
    this.#say(BANNER + PROMPT);
  }

  /**
   * Takes bytes and echoes them in 7 bits (AWLEN 7). Ctrl-C drops the line.
   * @returns false once it has restarted into KISS mode
   */
  take(byte: number): boolean {
    const character = byte & 0x7f;
    if (character === CONTROL_C) {
      this.#line = '';
      this.#say(`\r\n${PROMPT}`);
      return true;
    }
    if (character !== CARRIAGE_RETURN) {
      this.#line = `${this.#line}${String.fromCharCode(character)}`.slice(-LINE_MAX);
      this.#say(String.fromCharCode(character));
      return true;
    }
    const command = this.#line.trim().toUpperCase();
    this.#line = '';
    this.#say('\r\n');
    return this.#obey(command);
  }

  #obey(command: string): boolean {
    this.commands.push(command);
    if (command === 'RESTART' && this.#kissOn) {
      this.#restarted();
      return false;
    }
    if (command === 'KISS ON') this.#kissOn = true;
    else if (command !== '') this.#say('?EH\r\n');
    this.#say(PROMPT);
    return true;
  }

  #say(text: string): void {
    this.#tell(Buffer.from(text, 'latin1'));
  }
}
