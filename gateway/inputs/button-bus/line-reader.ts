import { type FrameFault, openFrame, type ParsedFrame, parseFrame } from '../../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../../protocol/button-bus/frame-scanner.ts';
import type { Message, UpMessage } from '../../../protocol/button-bus/message.ts';
import type { MonoMs } from '../../../protocol/clocks.ts';
import type { InputSink } from '../input-driver.ts';
import { BusStrangers } from './bus-strangers.ts';
import { KeptAesCcm } from './kept-aes-ccm.ts';
import { serialOf, upType } from './node-frame.ts';
import type { ButtonBusNode } from './settings.ts';

const ADDRESSES = 256;

/** Makes signals of the bytes of one line. */
export class LineReader {
  readonly ccm = new KeptAesCcm();
  readonly strangers: BusStrangers;
  bytesRead = 0;
  framesHeard = 0;
  framesRejected = 0;
  framesUnknown = 0;
  downFramesHeard = 0;
  readonly faults: Record<FrameFault, number> = {
    cobs: 0,
    tooShort: 0,
    tooLong: 0,
    crc: 0,
    version: 0,
    type: 0,
    address: 0,
  };
  readonly #input: string;
  readonly #sink: Pick<InputSink, 'signal' | 'unknownSignal'>;
  readonly #byAddress = new Array<ButtonBusNode | undefined>(ADDRESSES).fill(undefined);
  #scanner = new FrameScanner();
  #capturedMs: MonoMs;

  /** @param nowMs monotonic */
  constructor(input: string, sink: Pick<InputSink, 'signal' | 'unknownSignal'>, nowMs: MonoMs) {
    this.#input = input;
    this.#sink = sink;
    this.#capturedMs = nowMs;
    this.strangers = new BusStrangers(input, [], this.ccm);
  }

  setNodes(nodes: readonly ButtonBusNode[]): void {
    this.strangers.knownNow(nodes);
    this.#byAddress.fill(undefined);
    for (const node of nodes) this.#byAddress[node.address] = node;
  }

  /** The port was opened anew: what came before belongs to no frame. */
  restart(): void {
    this.#scanner = new FrameScanner();
  }

  bytes(chunk: Uint8Array, capturedMs: MonoMs): void {
    this.#capturedMs = capturedMs;
    this.bytesRead += chunk.length;
    this.#scanner.push(chunk, this.#onBody, this.#onOverlong);
  }

  readonly #onBody = (body: Uint8Array): void => {
    const result = parseFrame(body);
    if (result.ok) this.#frame(result.frame, body);
    else this.#reject(result.fault);
  };

  readonly #onOverlong = (): void => this.#reject('tooLong');

  #reject(fault: FrameFault): void {
    this.framesRejected += 1;
    this.faults[fault] += 1;
  }

  #frame(frame: ParsedFrame, body: Uint8Array): void {
    const says = upType(frame.header.type);
    if (says === undefined) {
      this.downFramesHeard += 1;
      return;
    }
    this.framesHeard += 1;
    const node = this.#byAddress[frame.header.address];
    const message = node === undefined ? undefined : openFrame(this.ccm, node.key, frame);
    if (node === undefined || message === undefined || !isUp(message)) {
      this.#unknown(frame, body, says, node?.device);
      return;
    }
    const { epoch, counter } = frame.header;
    this.#sink.signal({
      input: this.#input,
      device: node.device,
      authenticated: true,
      capturedMs: this.#capturedMs,
      identity: { epoch, counter },
      body: message,
    });
  }

  /** @param device the one that has the frame's address */
  #unknown(frame: ParsedFrame, body: Uint8Array, says: UpMessage['type'], device: string | undefined): void {
    this.framesUnknown += 1;
    const serial = says === 'hello' ? serialOf(frame) : undefined;
    this.strangers.heard(frame, body, says, this.#capturedMs, serial);
    const { address, epoch, counter } = frame.header;
    this.#sink.unknownSignal({
      input: this.#input,
      address: String(address),
      reason: device === undefined ? 'notEnrolled' : 'notAuthentic',
      ...(device === undefined ? {} : { device }),
      says,
      identity: { epoch, counter },
      capturedMs: this.#capturedMs,
      ...(serial === undefined ? {} : { serial }),
    });
  }
}

function isUp(message: Message): message is UpMessage {
  return message.type !== 'ack' && message.type !== 'poll' && message.type !== 'silent';
}
