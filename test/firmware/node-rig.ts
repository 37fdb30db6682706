import type { NodeMachine, Shown } from '../../device-sim/firmware/node-machine.ts';
import { nodeAesCcm } from '../../device-sim/nodes/node-aes-ccm.ts';
import { openFrame, parseFrame, sealFrame } from '../../protocol/button-bus/frame.ts';
import { FrameScanner } from '../../protocol/button-bus/frame-scanner.ts';
import type { DownMessage, UpMessage } from '../../protocol/button-bus/message.ts';
import { KEY, SETTINGS } from './image.ts';

/** A frame that a node has sent. */
interface SentFrame {
  readonly atMs: number;
  readonly wire: string;
  readonly epoch: number;
  readonly counter: number;
  readonly message: UpMessage;
}

const USUAL_BIT_MS = 1000 / 115_200;
export const SESSION = 1_767_225_000;

/** The far end of one machine's line: hears its frames, opens them, and sends it bytes. */
export class NodeRig {
  readonly frames: SentFrame[] = [];
  readonly shown: { atMs: number; shown: Shown }[] = [];
  /** Frames are answered with `heard`, and presses as well with this. */
  answers: 'nothing' | 'heard' | 'accepted' = 'heard';
  readonly machine: NodeMachine;
  readonly #scanner = new FrameScanner();
  #wire: number[] = [];
  #counter = 0;
  readonly #bitMs: number;

  constructor(machine: NodeMachine, bitMs = USUAL_BIT_MS) {
    this.machine = machine;
    this.#bitMs = bitMs;
    machine.onByte = ({ byte, atMs }) => {
      this.#wire.push(byte);
      this.#scanner.push(
        Uint8Array.of(byte),
        (body) => this.#heard(body, atMs),
        () => undefined,
      );
    };
    machine.onShown = (shown) => this.shown.push({ atMs: machine.nowMs, shown });
  }

  of(type: UpMessage['type']): readonly SentFrame[] {
    return this.frames.filter(({ message }) => message.type === type);
  }

  run(ms: number): void {
    this.machine.runUntil(this.machine.nowMs + ms);
  }

  /** Runs until this holds, for at most a minute. */
  runUntil(holds: () => boolean): void {
    for (let ms = 0; ms < 60_000 && !holds(); ms += 1) this.run(1);
    if (!holds()) throw new Error(`it did not come: ${JSON.stringify(this.frames.at(-1))}`);
  }

  /** The bytes come now, one after the other. Returns when the last one is over. */
  hear(bytes: Uint8Array): number {
    let atMs = this.machine.nowMs;
    for (const byte of bytes) {
      this.machine.hear({ byte, isDamaged: false }, atMs, this.#bitMs);
      atMs += 10 * this.#bitMs;
    }
    return atMs;
  }

  /** The gateway sends a message to the node. */
  tell(message: DownMessage, session = SESSION): void {
    this.#counter += 1;
    const header = { address: SETTINGS.address, epoch: session, counter: this.#counter };
    this.machine.runUntil(this.hear(sealFrame(nodeAesCcm, KEY, header, message)) + 1);
  }

  /** True if the node answers a poll, which it does only if it hears and obeys. */
  isListening(epoch: number): boolean {
    const before = this.of('heartbeat').length;
    this.tell({ type: 'poll', nodeEpoch: epoch });
    this.run(80);
    return this.of('heartbeat').length > before;
  }

  #heard(body: Uint8Array, atMs: number): void {
    const parsed = parseFrame(body);
    if (!parsed.ok) throw new Error(`the node sent a frame that is ${parsed.fault}`);
    const message = openFrame(nodeAesCcm, KEY, parsed.frame) as UpMessage | undefined;
    if (message === undefined) throw new Error('the node sent a frame with a wrong tag');
    const { epoch, counter } = parsed.frame.header;
    const wire = Buffer.from(this.#wire).toString('hex');
    this.#wire = [];
    this.frames.push({ atMs, wire, epoch, counter, message });
    if (this.answers === 'nothing') return;
    this.#counter += 1;
    const header = { address: SETTINGS.address, epoch: SESSION, counter: this.#counter };
    const status = message.type === 'press' ? this.answers : 'heard';
    const answer = sealFrame(nodeAesCcm, KEY, header, { type: 'ack', nodeEpoch: epoch, counter, status });
    let startMs = atMs + 30 * this.#bitMs;
    for (const byte of answer) {
      this.machine.hear({ byte, isDamaged: false }, startMs, this.#bitMs);
      startMs += 10 * this.#bitMs;
    }
  }
}
