import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { encodeSip, replyTo, type SipHeader, type SipRequest, type SipResponse } from '../../protocol/sip/message.ts';
import { SipStream } from '../../protocol/sip/stream.ts';
import { drip } from '../drip.ts';
import type { SipBehaviour } from './behaviour.ts';

/** What a session needs of its receiver. */
export interface SipSessionHost {
  behaviour(): SipBehaviour;
  /** Checks a request and records its message. Returns the answer that a proper receiver gives. */
  take(request: SipRequest): SipResponse;
  /** Takes a response to one of our requests. */
  answered(response: SipResponse): void;
  pong(): void;
  ended(session: SipSession): void;
  failed(error: Error): void;
}

/** One connection at the receiver. */
export class SipSession {
  readonly #socket: Socket;
  readonly #host: SipSessionHost;
  readonly #stream = new SipStream();
  readonly #timers = new Set<NodeJS.Timeout>();
  #gone = false;

  constructor(socket: Socket, host: SipSessionHost) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => this.#received(bytes));
    // The sender may reset the connection. The receiver reports that to its listeners and goes on.
    socket.on('error', (error) => host.failed(error));
    socket.on('close', () => this.#closed());
    this.adapt();
  }

  /** Applies the part of the receiver's behaviour that concerns the connection itself. */
  adapt(): void {
    if (this.#host.behaviour().type === 'vanish') this.#socket.pause();
  }

  /** True if the host has vanished after an answer. */
  get gone(): boolean {
    return this.#gone;
  }

  reset(): void {
    if (this.#socket instanceof TLSSocket) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  #closed(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#host.ended(this);
  }

  #received(bytes: Uint8Array): void {
    const { type } = this.#host.behaviour();
    if (type === 'closeMidMessage') this.reset();
    if (type === 'hang' || type === 'closeMidMessage' || this.#gone) return;
    if (bytes.length === 2) this.#host.pong();
    for (const piece of this.#stream.push(bytes)) {
      if (piece.type === 'broken') this.#socket.destroy();
      else if (piece.type === 'ping') this.write(Buffer.from('\r\n'));
      else if (piece.message.type === 'response') this.#host.answered(piece.message);
      else this.#answer(piece.message, this.#host.take(piece.message));
    }
  }

  #answer(request: SipRequest, proper: SipResponse): void {
    const behaviour = this.#host.behaviour();
    const bytes = spoil(behaviour.type, proper);
    if (TRYING.has(behaviour.type)) this.write(encodeSip(replyTo(request, 100, 'Trying', 'try')));
    if (behaviour.type === 'progressThenAnswer') {
      for (let n = 0; n < 3; n++) this.write(encodeSip(replyTo(request, 183, 'Session Progress', 'try')));
      this.write(bytes);
    }
    if (behaviour.type === 'drip') drip(this.#socket, 'SIP/2.0 200 OK\r\nSubject: ', behaviour.ms);
    else if (behaviour.type === 'delay' || behaviour.type === 'tryingThenAnswer') {
      this.#later(() => this.write(bytes), behaviour.ms);
    } else if (CLOSING.has(behaviour.type)) this.#socket.end(bytes);
    else if (bytes.length > 0) this.write(bytes);
    if (behaviour.type === 'answerTwice') this.write(bytes);
    if (behaviour.type === 'vanishAfterAccepting') this.#gone = true;
  }

  #later(action: () => void, ms: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}

const TRYING: ReadonlySet<SipBehaviour['type']> = new Set(['tryingOnly', 'tryingThenAnswer']);
const CLOSING: ReadonlySet<SipBehaviour['type']> = new Set([
  'halfThenClose',
  'closeBeforeAnswering',
  'closeAfterAnswering',
]);

/** Returns the answer's bytes as the behaviour spoils them. */
function spoil(how: SipBehaviour['type'], proper: SipResponse): Uint8Array {
  const bytes = encodeSip(proper);
  switch (how) {
    case 'halfThenSilence':
    case 'halfThenClose':
      return bytes.subarray(0, bytes.length >> 1);
    case 'closeBeforeAnswering':
    case 'tryingOnly':
    case 'drip':
      return new Uint8Array();
    case 'garbage':
      return Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n');
    case 'wrongBranch':
      return encodeSip({ ...proper, headers: changed(proper.headers, 'Via', (via) => `${via}0`) });
    case 'wrongCallId':
      return encodeSip({ ...proper, headers: changed(proper.headers, 'Call-ID', (id) => `${id}0`) });
    case 'wrongCseq':
      return encodeSip({ ...proper, headers: changed(proper.headers, 'CSeq', (cseq) => cseq.replace(/ .*/, ' INFO')) });
    default:
      return bytes;
  }
}

function changed(headers: readonly SipHeader[], name: string, change: (value: string) => string): SipHeader[] {
  return headers.map((header) => (header.name === name ? { name, value: change(header.value) } : header));
}
