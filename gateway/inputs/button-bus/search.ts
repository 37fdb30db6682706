import { parseFrame } from '../../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../../protocol/button-bus/frame-scanner.ts';
import { SerialLine } from '../../serial/serial-line.ts';
import { monoMs } from '../../system/clock.ts';
import type { HeardStrangers, InputSearch } from '../input-driver.ts';
import { BusStrangers } from './bus-strangers.ts';
import { serialOf, upType } from './node-frame.ts';
import type { ButtonBusNode, ButtonBusSettings } from './settings.ts';

/**
 * Listens to a line of wall nodes and never writes to it: on a line with strangers every answer
 * could be an answer to the wrong one.
 *
 * @param known nodes of other lines as well: a node may have been moved
 */
export function createBusSearch(settings: ButtonBusSettings, known: readonly ButtonBusNode[]): InputSearch {
  return new BusSearch(settings, known);
}

class BusSearch implements InputSearch {
  readonly #settings: ButtonBusSettings;
  readonly #heard: BusStrangers;
  readonly #line: SerialLine;
  #scanner = new FrameScanner();
  #detail = 'is being opened';
  #frames = 0;
  #damaged = 0;

  constructor(settings: ButtonBusSettings, known: readonly ButtonBusNode[]) {
    this.#settings = settings;
    // Its own nodes first: an address is a node's on its own line only.
    const others = known.filter(({ device }) => !settings.nodes.some((node) => node.device === device));
    this.#heard = new BusStrangers(settings.id, [
      ...settings.nodes,
      ...others.map((node) => ({ ...node, address: NO_ADDRESS })),
    ]);
    const { port, baudRate, rs485 } = settings;
    this.#line = new SerialLine(
      port,
      { baudRate, ...(rs485 === undefined ? {} : { rs485 }) },
      {
        opened: () => this.#opened(),
        bytes: (chunk) => this.#scanner.push(chunk, this.#onBody, this.#onDamage),
        down: ({ detail }) => {
          this.#detail = detail;
        },
      },
    );
  }

  start(): void {
    this.#line.start();
  }

  stop(): Promise<void> {
    return this.#line.stop();
  }

  state(): { readonly isListening: boolean; readonly detail: string } {
    const { port, baudRate } = this.#settings;
    if (!this.#line.isOpen) return { isListening: false, detail: this.#detail };
    const isRateDoubtful = this.#damaged > this.#frames;
    const damaged = isRateDoubtful ? `, ${this.#damaged} damaged: is ${baudRate} Bd its rate?` : '';
    return { isListening: true, detail: `listens on ${port} at ${baudRate} Bd: ${this.#frames} frames${damaged}` };
  }

  strangers(): HeardStrangers {
    return this.#heard.strangers();
  }

  #opened(): void {
    this.#scanner = new FrameScanner();
  }

  readonly #onDamage = (): void => {
    this.#damaged += 1;
  };

  readonly #onBody = (body: Uint8Array): void => {
    const parsed = parseFrame(body);
    if (!parsed.ok) {
      this.#onDamage();
      return;
    }
    const { frame } = parsed;
    const says = upType(frame.header.type);
    // A gateway's own frame: another one, or an echo.
    if (says === undefined) return;
    this.#frames += 1;
    if (this.#heard.isProven(frame)) return;
    this.#heard.heard(frame, body, says, monoMs(), says === 'hello' ? serialOf(frame) : undefined);
  };
}

/** No frame has it. */
const NO_ADDRESS = -1;
