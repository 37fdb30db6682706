import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { CallpointError } from '../../../protocol/errors.ts';
import { parseFields } from '../../../protocol/gateway-command.ts';
import { LINE_LENGTH_MAX } from '../../../protocol/recording/recording.ts';
import { askGateway } from '../../control/ask-gateway.ts';
import { controlSocketPath } from '../../control/socket-file.ts';

/** Waits for the first line of the gateway, ms. */
const FIRST_LINE_MS = 5_000;

/** A gateway that does not end the recording when it is asked is left after this time, ms. */
const STOP_MS = 3_000;

/** The lines of one recording, from one run of the gateway. */
export class GatewayStream {
  readonly #socket: Socket;
  #hangUp: NodeJS.Timeout | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * @param sinceMs monotonic ms that times count from; absent: now
   * @throws CallpointError GATEWAY_UNREACHABLE
   */
  static async open(data: string, request: { readonly [name: string]: unknown }): Promise<GatewayStream> {
    const socket = connect(controlSocketPath(data));
    socket.on('error', () => undefined);
    try {
      await once(socket, 'connect');
    } catch {
      // The one that asks says in full why nobody is there.
      await askGateway(data, { command: 'status' });
      throw new CallpointError('GATEWAY_UNREACHABLE', `The gateway on ${data} has just started. Try again.`);
    }
    socket.write(`${JSON.stringify({ command: 'record', ...request })}\n`);
    return new GatewayStream(socket);
  }

  /** Asks the gateway to end the recording and to send what it still has. */
  stop(): void {
    this.#socket.end();
    this.#hangUp ??= setTimeout(() => this.#socket.destroy(), STOP_MS);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /**
   * Whole lines, several at a time, until the recording has ended or the gateway has gone.
   * @throws CallpointError COMMAND_REFUSED
   */
  async *lines(): AsyncGenerator<readonly string[]> {
    const decoder = new StringDecoder('utf8');
    const patience = setTimeout(() => this.#socket.destroy(), FIRST_LINE_MS);
    let held = '';
    try {
      for await (const chunk of this.#socket as AsyncIterable<Buffer>) {
        clearTimeout(patience);
        const parts = (held + decoder.write(chunk)).split('\n');
        held = parts.pop() ?? '';
        if (held.length > LINE_LENGTH_MAX) return;
        const lines = parts.filter((line) => !this.#isAnswer(line));
        if (lines.length > 0) yield lines;
      }
    } catch (error) {
      if (error instanceof CallpointError) throw error;
      // The connection broke: the gateway has gone.
    } finally {
      clearTimeout(patience);
      clearTimeout(this.#hangUp);
      this.#socket.destroy();
    }
  }

  /** The gateway's last words are no line of the recording. */
  #isAnswer(line: string): boolean {
    if (!line.startsWith('{"ok":')) return false;
    const { ok, text } = parseFields(line) ?? {};
    if (ok === true) return true;
    throw new CallpointError('COMMAND_REFUSED', `The gateway records nothing: ${String(text)}.`);
  }
}
