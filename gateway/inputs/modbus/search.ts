import { setTimeout as delay } from 'node:timers/promises';
import { LONG_AGO_MS, type MonoMs } from '../../../protocol/clocks.ts';
import type { ModbusStranger } from '../../../protocol/discovery-document.ts';
import { messageOf } from '../../../protocol/errors.ts';
import { isoTime } from '../../../protocol/wall-time.ts';
import { SerialLine } from '../../serial/serial-line.ts';
import { monoMs, wallTimeOf } from '../../system/clock.ts';
import type { HeardStrangers, InputSearch } from '../input-driver.ts';
import { ANSWER_OVERHEAD, answerDataBytes, type InputSpan, REQUEST_BYTES } from '../modbus-input-map.ts';
import { type Answer, loadModbusSerial, RtuClient } from './rtu-client.ts';
import type { ModbusSettings } from './settings.ts';

/** MODBUS over Serial Line V1.02, §2.2: 0 is a broadcast, and 248 to 255 are reserved. */
const ADDRESS_MAX = 247;
/** Inputs that are read of a module: usual ones have 4, 8 or 16. */
const INPUTS = 8;
const TABLES = [
  ['discreteInputs', 2],
  ['coils', 1],
] as const;
/** Between two requests. Other masters, if there are any, get a word in. */
const PAUSE_MS = 20;
/** A module that has answered is asked between others; one that is silent for so long is gone. */
const GONE_MS = 10_000;

type SearchSettings = Omit<ModbusSettings, 'modules' | 'driver'> & {
  /** Addresses of the configuration: they are not asked. */
  readonly known: readonly number[];
};

/** Pauses, ms; tests shorten them. */
interface SearchTimes {
  readonly pauseMs: number;
}

interface Found {
  readonly address: number;
  readonly firstMs: MonoMs;
  lastMs: MonoMs;
  movedMs: MonoMs;
  movedInput: number;
  messages: number;
  /** `undefined`: it refuses both tables. */
  table: (typeof TABLES)[number] | undefined;
  inputs: readonly boolean[];
}

/**
 * Asks each address of a line of Modbus modules, one after the other, whether it shows inputs, and
 * watches the inputs of those that answer. It only reads. It is the one search that sends: a module
 * says nothing unasked.
 */
export function createModbusSearch(settings: SearchSettings, times: SearchTimes = { pauseMs: PAUSE_MS }): InputSearch {
  return new ModbusSearch(settings, times);
}

class ModbusSearch implements InputSearch {
  readonly #settings: SearchSettings;
  readonly #times: SearchTimes;
  readonly #addresses: readonly number[];
  readonly #found = new Map<number, Found>();
  readonly #line: SerialLine;
  #client: RtuClient | undefined;
  #answered: ((answer: Answer | undefined) => void) | undefined;
  #detail = 'is being opened';
  #asked = 0;
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(settings: SearchSettings, times: SearchTimes) {
    this.#settings = settings;
    this.#times = times;
    const { port, baudRate, parity, stopBits, rs485, known } = settings;
    this.#addresses = Array.from({ length: ADDRESS_MAX }, (_, at) => at + 1).filter((each) => !known.includes(each));
    this.#line = new SerialLine(
      port,
      { baudRate, parity, stopBits, ...(rs485 === undefined ? {} : { rs485 }) },
      {
        opened: () => undefined,
        bytes: (chunk) => this.#client?.port.receive(chunk),
        down: ({ detail }) => {
          this.#detail = detail;
          this.#answered?.(undefined);
        },
      },
    );
  }

  start(): void {
    this.#loop = this.#search().catch((error: unknown) => {
      this.#detail = `the search ended: ${messageOf(error)}`;
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#answered?.(undefined);
    await this.#loop;
    await this.#line.stop();
  }

  state(): { readonly isListening: boolean; readonly detail: string } {
    if (!this.#line.isOpen) return { isListening: false, detail: this.#detail };
    const { port, baudRate, parity, stopBits } = this.#settings;
    const format = `8${parity.charAt(0).toUpperCase()}${stopBits}`;
    const asked = Math.min(this.#asked, this.#addresses.length);
    const detail = `asks on ${port} at ${baudRate} Bd ${format}: ${asked} of ${this.#addresses.length} addresses asked`;
    return { isListening: true, detail };
  }

  strangers(): HeardStrangers {
    return { strangers: [...this.#found.values()].map((each) => this.#shown(each)), leftOut: 0 };
  }

  async #search(): Promise<void> {
    const library = await loadModbusSerial();
    this.#client = new RtuClient(library, this.#line, (answer) => this.#answered?.(answer));
    this.#line.start();
    while (!this.#stopped) {
      if (!this.#line.isOpen) {
        await delay(this.#times.pauseMs);
        continue;
      }
      for (const each of [...this.#found.values()]) await this.#watch(each);
      const address = this.#addresses[this.#asked % this.#addresses.length];
      if (address !== undefined && !this.#found.has(address)) await this.#try(address);
      if (this.#line.isOpen) this.#asked += 1;
    }
  }

  /** An exception is an answer, too: there is a module. */
  async #try(address: number): Promise<void> {
    for (const table of TABLES) {
      const answer = await this.#ask(address, table[1]);
      if (answer === undefined) return;
      const nowMs = monoMs();
      const found = this.#found.get(address) ?? {
        address,
        firstMs: nowMs,
        lastMs: nowMs,
        movedMs: LONG_AGO_MS,
        movedInput: -1,
        messages: 0,
        table: undefined,
        inputs: [],
      };
      this.#found.set(address, found);
      this.#hear(found, answer, nowMs);
      if ('exception' in answer) continue;
      found.table = table;
      return;
    }
  }

  async #watch(found: Found): Promise<void> {
    // It refused one table, and its answer about the other may have been lost.
    if (found.table === undefined) await this.#try(found.address);
    else {
      const answer = await this.#ask(found.address, found.table[1]);
      if (answer !== undefined) this.#hear(found, answer, monoMs());
    }
    if (monoMs() - found.lastMs > GONE_MS) this.#found.delete(found.address);
  }

  #hear(found: Found, answer: Answer, nowMs: MonoMs): void {
    found.lastMs = nowMs;
    found.messages += 1;
    if ('exception' in answer) return;
    const inputs = answer.values.slice(0, INPUTS).map(Boolean);
    const moved = found.inputs.length === 0 ? -1 : inputs.findIndex((on, at) => on !== found.inputs[at]);
    found.inputs = inputs;
    if (moved < 0) return;
    found.movedMs = nowMs;
    found.movedInput = moved;
  }

  /** @returns `undefined`: nothing answered in time */
  async #ask(address: number, code: InputSpan['code']): Promise<Answer | undefined> {
    const { baudRate, answerMs } = this.#settings;
    if (this.#client === undefined || this.#stopped || !this.#line.isOpen) return undefined;
    const span = { code, start: 0, count: INPUTS };
    const client = this.#client;
    const bytes = REQUEST_BYTES + ANSWER_OVERHEAD + answerDataBytes(span);
    const waitMs = answerMs + (bytes * 12_000) / baudRate;
    const answer = await new Promise<Answer | undefined>((resolve) => {
      const late = setTimeout(resolve, waitMs, undefined);
      this.#answered = (given) => {
        clearTimeout(late);
        resolve(given);
      };
      client.ask(address, span);
    });
    this.#answered = undefined;
    if (answer === undefined) client.port.giveUp();
    await delay(this.#times.pauseMs);
    return answer;
  }

  #shown({ address, firstMs, lastMs, movedMs, movedInput, messages, table, inputs }: Found): ModbusStranger {
    const on = inputs[movedInput] ? 'on' : 'off';
    const moved =
      movedMs === LONG_AGO_MS
        ? {}
        : {
            moved_at: isoTime(wallTimeOf(movedMs)),
            movement: `input ${movedInput} went ${on}`,
            moved_input: movedInput,
          };
    return {
      kind: 'modbus',
      input: this.#settings.id,
      address,
      first_heard_at: isoTime(wallTimeOf(firstMs)),
      last_heard_at: isoTime(wallTimeOf(lastMs)),
      ...moved,
      messages,
      ...(table === undefined ? {} : { table: table[0] }),
      inputs,
    };
  }
}
