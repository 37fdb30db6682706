import type ModbusSerial from 'modbus-serial';
import type { InputSpan } from '../modbus-input-map.ts';
import { type RequestLine, RtuPort } from './rtu-port.ts';

type Library = typeof ModbusSerial.default;
type Client = InstanceType<Library>;

/** What a module answered: bits, true = on, or registers; or an exception code. */
export type Answer = { readonly values: readonly (boolean | number)[] } | { readonly exception: number };

/** Asks through modbus-serial, which makes the requests and checks and reads the answers. */
export class RtuClient {
  readonly port: RtuPort;
  readonly #client: Client;
  readonly #answered: (answer: Answer) => void;
  /** Requests so far: an answer is taken for the last one only. */
  #asked = 0;

  constructor(library: Library, line: RequestLine, answered: (answer: Answer) => void) {
    this.port = new RtuPort(line);
    this.#answered = answered;
    this.#client = new library(this.port);
    // Without a time-out: the library's ends the wait at the first damaged candidate.
    this.#client.open();
  }

  ask(address: number, { code, start, count }: InputSpan): void {
    this.#asked += 1;
    const number = this.#asked;
    const hear = (error: (Error & { modbusCode?: number }) | null, result?: { data: (boolean | number)[] }): void => {
      // Any other error (CRC, length) is of a candidate that is no answer: the wait goes on.
      if (number !== this.#asked || (error !== null && error.modbusCode === undefined)) return;
      this.port.accept();
      if (error?.modbusCode !== undefined) this.#answered({ exception: error.modbusCode });
      else if (result !== undefined) this.#answered({ values: result.data });
    };
    switch (code) {
      case 1:
        this.#client.writeFC1(address, start, count, hear);
        break;
      case 2:
        this.#client.writeFC2(address, start, count, hear);
        break;
      case 3:
        this.#client.writeFC3(address, start, count, hear);
        break;
      case 4:
        this.#client.writeFC4(address, start, count, hear);
    }
  }
}

/** @throws Error if it is not installed or can't be loaded. */
export async function loadModbusSerial(): Promise<Library> {
  const { default: library } = await import('modbus-serial');
  return library.default;
}
