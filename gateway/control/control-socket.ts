import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { type AnswerDocuments, QUESTION_NAMES, type QuestionName } from '../../protocol/control-questions.ts';
import { messageOf } from '../../protocol/errors.ts';
import { COMMAND_BYTES_MAX, type GatewayCommand, parseFields } from '../../protocol/gateway-command.ts';
import type { ReloadDocument, ReloadRequest } from '../../protocol/reload-document.ts';
import { type ControlLimits, LIMITS } from './control-limits.ts';
import { readRecording, readRequest, readSender } from './control-requests.ts';
import { type RecordingClient, type StartRecording, serveRecording } from './recording-client.ts';
import {
  controlSocketPath,
  isSame,
  listenPrivately,
  proveWritable,
  type SocketIdentity,
  socketIdentity,
} from './socket-file.ts';

/** The line that ends a connection. `text`: for a person. */
export interface ControlAnswer {
  readonly ok: boolean;
  readonly text: string;
  /** Answers a question. */
  readonly document?: AnswerDocuments[QuestionName] | ReloadDocument;
}

/** What each question is answered with. */
type Questions = { readonly [Q in QuestionName]: () => AnswerDocuments[Q] | Promise<AnswerDocuments[Q]> };

/** Receives what the control socket's clients ask. */
export interface ControlSink {
  /** Answered with `Control.answer`. */
  command(command: GatewayCommand, ticket: number): void;
  readonly questions: Questions;
  /** Answered with `Control.answer`. Absent: this gateway takes no configuration up. */
  reload?(request: ReloadRequest, ticket: number): void;
  /**
   * Answered with `Control.answer`: whether the gateway stops now, so that its supervisor starts
   * the next release. Absent: nobody would start it again.
   */
  stopForUpdate?(by: string, ticket: number): void;
  /** Streams a recording to a client. Absent: this gateway records nothing. */
  readonly record?: StartRecording;
  /**
   * The socket cannot be made. The control tries again, and the gateway goes on without it. Called
   * once for each reason.
   */
  unavailable(detail: string): void;
  /** The socket is there after all. */
  available?(): void;
}

export interface Control {
  /** Ignored if no client waits for it any more. */
  answer(ticket: number, ok: boolean, text: string, document?: ReloadDocument): void;
  /**
   * Removes the socket and disconnects every client, one that is being answered after its answer.
   */
  stop(): void;
}

/** Checks left out after a failure: twice as many each time, up to this number. */
const LEFT_OUT_MAX = 60;
const NEWLINE = 0x0a;

/**
 * Takes commands and questions of this machine's users at `control.sock` in the data directory: one
 * connection, one JSON line, one answer. A user who may open the socket may command: the gateway's
 * own user and root. It runs on the main thread and reads only one short line there. When its
 * directory is deleted, moved or unmounted, it makes the socket anew in the right place.
 *
 * Never throws, never waits.
 */
export function startControl(dataDirectory: string, sink: ControlSink, limits: ControlLimits = LIMITS): Control {
  return new ControlSocket(controlSocketPath(dataDirectory), sink, limits);
}

class ControlSocket implements Control {
  readonly #sink: ControlSink;
  readonly #limits: ControlLimits;
  readonly #path: string;
  #server: Server;
  /** The socket that was made. `undefined`: there is none. */
  #made: SocketIdentity | undefined;
  #isBusy = true;
  #leaveOut = 0;
  #leftOut = 0;
  #detail = '';
  readonly #look: NodeJS.Timeout;
  /** Each connected client, with the timer that disconnects it. */
  readonly #clients = new Map<Socket, NodeJS.Timeout>();
  readonly #waiting = new Map<number, Socket>();
  #tickets = 0;
  #stopped = false;

  constructor(path: string, sink: ControlSink, limits: ControlLimits) {
    this.#sink = sink;
    this.#limits = limits;
    this.#path = path;
    this.#server = this.#newServer();
    this.#settle(this.#listen());
    this.#look = setInterval(() => {
      if (this.#isBusy) return;
      this.#leftOut += 1;
      if (this.#leftOut > this.#leaveOut) this.#settle(this.#lookAgain());
    }, limits.lookMs);
    this.#look.unref();
  }

  answer(ticket: number, ok: boolean, text: string, document?: ReloadDocument): void {
    const socket = this.#waiting.get(ticket);
    if (socket === undefined) return;
    this.#waiting.delete(ticket);
    this.#hangUp(socket, { ok, text, ...(document !== undefined && { document }) });
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#look);
    this.#server.close();
    for (const socket of this.#clients.keys()) if (!socket.writableEnded) socket.destroy();
  }

  #newServer(): Server {
    // Half open: a client may close its side after its question, as `nc -N` does.
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#connected(socket));
    // A connection over the limit gets an answer that says so. A flood gets none.
    server.maxConnections = 2 * this.#limits.connections;
    return server;
  }

  #settle(work: Promise<void>): void {
    this.#isBusy = true;
    this.#leftOut = 0;
    work
      .then(() => {
        this.#leaveOut = 0;
      })
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#isBusy = false;
      });
  }

  async #listen(): Promise<void> {
    const server = this.#server;
    this.#made = await listenPrivately(server, this.#path);
    server.on('error', (error) => this.#failed(error));
    if (this.#stopped) server.close();
    if (this.#detail !== '') this.#sink.available?.();
    this.#detail = '';
  }

  /**
   * Never waits here for a disk that hangs: the socket is made after the disk has accepted a write.
   */
  async #lookAgain(): Promise<void> {
    const found = await socketIdentity(this.#path);
    if (this.#stopped || (this.#made !== undefined && isSame(found, this.#made))) return;
    this.#made = undefined;
    await proveWritable(dirname(this.#path));
    if (this.#stopped) return;
    // `close` removes the name, whichever socket has it now.
    if (found === undefined) this.#server.close();
    else this.#server.unref();
    this.#server = this.#newServer();
    await this.#listen();
  }

  #failed(error: unknown): void {
    this.#leaveOut = Math.min(LEFT_OUT_MAX, 2 * this.#leaveOut + 1);
    const detail = messageOf(error);
    if (this.#stopped || detail === this.#detail) return;
    this.#detail = detail;
    this.#sink.unavailable(detail);
  }

  #connected(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#forget(socket));
    const full = this.#clients.size >= this.#limits.connections;
    this.#limit(socket, this.#limits.askMs, 'the command did not come in time');
    if (full) this.#turnAway(socket, 'too many commands at once; try again in a few seconds');
    else this.#listenTo(socket);
  }

  #listenTo(socket: Socket): void {
    let heard = Buffer.alloc(0);
    const more = (chunk: Buffer): void => {
      const end = chunk.indexOf(NEWLINE);
      heard = Buffer.concat([heard, end < 0 ? chunk : chunk.subarray(0, end)]);
      const tooLong = heard.length > COMMAND_BYTES_MAX;
      if (end < 0 && !tooLong) return;
      // Anything more that the client sends is ignored.
      socket.off('data', more);
      socket.off('end', gone);
      socket.pause();
      if (tooLong) this.#turnAway(socket, `the command is longer than ${COMMAND_BYTES_MAX} bytes`);
      else this.#asked(socket, heard.toString());
    };
    const gone = (): void => void socket.destroy();
    socket.on('data', more);
    socket.on('end', gone);
  }

  #asked(socket: Socket, line: string): void {
    const { command: asked } = parseFields(line) ?? {};
    const question = QUESTION_NAMES.find((name) => name === asked);
    if (question !== undefined) {
      void this.#question(socket, question);
      return;
    }
    if (asked === 'reload') this.#reload(socket, line);
    else if (asked === 'stopForUpdate') this.#stopForUpdate(socket, line);
    else if (asked === 'record') this.#record(socket, line);
    else this.#command(socket, line);
  }

  #command(socket: Socket, line: string): void {
    const read = readRequest(line);
    if (!read.ok) {
      this.#hangUp(socket, { ok: false, text: read.reason });
      return;
    }
    const late = 'the gateway has the command and has not said what became of it; callpoint alerts and its log show it';
    this.#limit(socket, this.#limits.answerMs, late);
    this.#sink.command(read.command, this.#ticketOf(socket));
  }

  /** Not a command of MQTT: who reloads can write the configuration, and is at this machine. */
  #reload(socket: Socket, line: string): void {
    const read = readSender(line);
    if (typeof read === 'string' || this.#sink.reload === undefined) {
      const text = typeof read === 'string' ? read : 'this gateway does not know where its configuration is';
      this.#hangUp(socket, { ok: false, text });
      return;
    }
    const late = 'the gateway has not said what became of the reload; its log shows it';
    this.#limit(socket, this.#limits.reloadMs, late);
    const { dry_run: dryRun } = read.fields;
    this.#sink.reload({ dryRun: dryRun === true, by: read.by }, this.#ticketOf(socket));
  }

  /** Not a command of MQTT: who updates is root, and at this machine. */
  #stopForUpdate(socket: Socket, line: string): void {
    const read = readSender(line);
    if (typeof read === 'string' || this.#sink.stopForUpdate === undefined) {
      const text = typeof read === 'string' ? read : 'this gateway does not stop for an update';
      this.#hangUp(socket, { ok: false, text });
      return;
    }
    this.#limit(socket, this.#limits.answerMs, 'the gateway has not said whether it stops; its log shows it');
    this.#sink.stopForUpdate(read.by, this.#ticketOf(socket));
  }

  /**
   * The client keeps its connection, and gets lines until the recording ends. It ends the recording
   * by closing its side. Not a command of MQTT: what is recorded is for this machine's users only.
   */
  #record(socket: Socket, line: string): void {
    const read = readRecording(line);
    const out: RecordingClient = {
      write: (text) => socket.write(text),
      ended: (text) => this.#hangUp(socket, { ok: true, text }),
    };
    const recording =
      typeof read === 'string'
        ? read
        : (this.#sink.record?.(read.request, read.by, out) ?? 'this gateway records nothing');
    if (typeof recording === 'string' || typeof read === 'string') {
      this.#hangUp(socket, { ok: false, text: String(recording) });
      return;
    }
    serveRecording(socket, recording, read.request.forMs, (ms) => {
      this.#endAfter(socket, ms, () => socket.destroy());
    });
  }

  #ticketOf(socket: Socket): number {
    this.#tickets += 1;
    this.#waiting.set(this.#tickets, socket);
    return this.#tickets;
  }

  async #question(socket: Socket, question: QuestionName): Promise<void> {
    this.#limit(socket, this.#limits.answerMs, `the gateway has not answered "${question}" in time; ask again`);
    let answer: ControlAnswer;
    try {
      answer = { ok: true, text: question, document: await this.#sink.questions[question]() };
    } catch (error) {
      answer = { ok: false, text: `the gateway can't answer "${question}": ${messageOf(error)}` };
    }
    // Its time may be up, or it may have gone.
    if (this.#clients.has(socket) && socket.writable) this.#hangUp(socket, answer);
  }

  /** The answer that a client gets when its time is up, before it is disconnected. */
  #limit(socket: Socket, ms: number, text: string): void {
    this.#endAfter(socket, ms, () => this.#hangUp(socket, { ok: false, text }));
  }

  /**
   * Sends the answer to a client that may still be writing, and waits until it closes. If this end
   * closed first, the client's write would fail with EPIPE, or its read with ECONNRESET because
   * bytes were left unread here, before it has read the answer.
   */
  #turnAway(socket: Socket, text: string): void {
    this.#endAfter(socket, this.#limits.hangUpMs, () => socket.destroy());
    socket.end(`${JSON.stringify({ ok: false, text } satisfies ControlAnswer)}\n`);
    socket.resume();
  }

  /** Sends the answer. A client that does not read it is disconnected. */
  #hangUp(socket: Socket, answer: ControlAnswer): void {
    this.#endAfter(socket, this.#limits.hangUpMs, () => socket.destroy());
    socket.end(`${JSON.stringify(answer)}\n`, () => socket.destroy());
  }

  #endAfter(socket: Socket, ms: number, end: () => void): void {
    clearTimeout(this.#clients.get(socket));
    this.#clients.set(socket, setTimeout(end, ms));
  }

  #forget(socket: Socket): void {
    clearTimeout(this.#clients.get(socket));
    this.#clients.delete(socket);
    for (const [ticket, waiting] of this.#waiting) if (waiting === socket) this.#waiting.delete(ticket);
  }
}
