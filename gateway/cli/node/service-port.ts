import { realpathSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { CallpointError } from '../../../protocol/errors.ts';
import {
  readServiceAnswer,
  SERVICE_BAUD_RATE,
  type ServiceAnswer,
  ServiceLineReader,
  serviceLine,
} from '../../../protocol/node-service/service-line.ts';
import { PolledPort } from '../../serial/polled-port.ts';
import { openTrouble } from '../../serial/port-trouble.ts';
import { fileHolders } from '../../system/file-holders.ts';

export interface ServiceTimes {
  /** An Arduino's boot loader waits up to 2 s after the reset that opening the port makes. */
  readonly greetingMs: number;
  readonly answerMs: number;
  /** The node writes its memory: 45 bytes of 3.4 ms, and an epoch besides. */
  readonly saveMs: number;
}

const TIMES: ServiceTimes = { greetingMs: 6_000, answerMs: 400, saveMs: 3_000 };
const ATTEMPTS = 4;

/** The service port of one node, open. One line is asked at a time. */
export class NodeServicePort {
  readonly #path: string;
  readonly #times: ServiceTimes;
  readonly #reader = new ServiceLineReader();
  #port: PolledPort | undefined;
  #heard = 0;
  #answered: ((line: string) => void) | undefined;
  #lost: string | undefined;

  private constructor(path: string, times: ServiceTimes) {
    this.#path = path;
    this.#times = times;
  }

  /**
   * Opens the port, and waits until a node answers.
   *
   * @throws CallpointError NODE_UNREACHABLE with what to do
   */
  static async open(path: string, times: ServiceTimes = TIMES): Promise<NodeServicePort> {
    const service = new NodeServicePort(path, times);
    service.#port = await openPort(path, {
      bytes: (chunk) => service.#hear(chunk),
      lost: (reason) => service.#lose(reason),
    });
    service.#port.listen();
    try {
      await service.#greeted();
    } catch (error) {
      await service.close();
      throw error;
    }
    return service;
  }

  async close(): Promise<void> {
    await this.#port?.close();
    this.#port = undefined;
  }

  /**
   * Asks for a line, again if the answer is missing or damaged. Each line may be carried out twice.
   *
   * @param shown what the line is called in messages: it may hold a key
   * @throws CallpointError NODE_UNREACHABLE, or NODE_REFUSED if the node did not do it
   */
  async ask(words: string, shown = words): Promise<readonly string[]> {
    const waitMs = words === 'save' || words === 'erase' ? this.#times.saveMs : this.#times.answerMs;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const answer = await this.#attempt(words, waitMs, (each) => isAnswerTo(words, each));
      if (answer?.ok === true) return answer.words;
      // Damaged on its way to the node: it is sent once more.
      if (answer !== undefined && answer.code !== 'crc') throw refused(shown, answer.text);
    }
    throw unreachable(
      `The node on ${this.#path} stopped answering at "${shown}". Check the cable and the jumper, then start again: nothing half-written counts`,
    );
  }

  async #greeted(): Promise<void> {
    const attempts = Math.ceil(this.#times.greetingMs / this.#times.answerMs);
    for (let attempt = 0; attempt < attempts; attempt++) {
      const answer = await this.#attempt('get', this.#times.answerMs, ({ ok, ...each }) => !ok || 'words' in each);
      if (answer?.ok === true && answer.words[0] === 'board') return;
    }
    const seen = this.#heard === 0 ? 'nothing came' : `${this.#heard} bytes came, and no answer`;
    throw unreachable(
      `No node answers on ${this.#path}: ${seen}. Fit the set-up jumper (D4 to GND on a Nano, GP4 to GND on a Pico), connect the node's own port (USB, or 3.3 V UART), not the RS-485 line, and try again`,
    );
  }

  /** @returns `undefined` if no good answer came in time */
  async #attempt(
    words: string,
    waitMs: number,
    fits: (answer: ServiceAnswer) => boolean,
  ): Promise<ServiceAnswer | undefined> {
    if (this.#lost !== undefined) throw unreachable(`${this.#path} went away (${this.#lost}): plug it in again`);
    // A line break first ends what noise has left in the node.
    this.#send(new Uint8Array([0x0a]));
    this.#send(serviceLine(words));
    return await new Promise((resolve) => {
      const end = (answer: ServiceAnswer | undefined) => {
        clearTimeout(timer);
        this.#answered = undefined;
        resolve(answer);
      };
      const timer = setTimeout(() => end(undefined), waitMs);
      this.#answered = (line) => {
        const answer = readServiceAnswer(line);
        // A late answer to an earlier line may come first.
        if (answer !== undefined && (!answer.ok || fits(answer))) end(answer);
      };
    });
  }

  #send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const taken = this.#port?.write(bytes.subarray(at)) ?? 0;
      if (taken === 0) return;
      at += taken;
    }
  }

  #hear(chunk: Uint8Array): void {
    this.#heard += chunk.length;
    for (const line of this.#reader.read(chunk)) this.#answered?.(line);
  }

  #lose(reason: string): void {
    this.#lost = reason;
  }
}

/** The first words of the answer repeat those of the line. */
function isAnswerTo(words: string, answer: ServiceAnswer): boolean {
  if (!answer.ok) return true;
  const [command = '', name = ''] = words.split(' ');
  const [first = '', second] = answer.words;
  if (command === 'get') return first === (name === '' ? 'board' : name);
  if (command === 'set') return first === name;
  if (command === 'test') return first === 'test' && second === name;
  return first === { save: 'saved', erase: 'erased' }[command] || first === command;
}

type Listener = Parameters<typeof PolledPort.open>[2];

async function openPort(path: string, listener: Listener): Promise<PolledPort> {
  try {
    return await PolledPort.open(realpathSync(path), { baudRate: SERVICE_BAUD_RATE }, listener);
  } catch (error) {
    const { kind, detail } = openTrouble(path, error);
    const more = kind === 'locked' ? await holderText(path) : '';
    throw unreachable(`${detail}${more}`, error);
  }
}

/** A node is set up on a port of its own. The line to all nodes is the gateway's. */
async function holderText(path: string): Promise<string> {
  const file = await realpath(path);
  const { holders } = await fileHolders([file]);
  const names = (holders.get(file) ?? []).filter(({ pid }) => pid !== process.pid);
  const who = names.length === 0 ? '' : ` (${names.map(({ name, pid }) => `${name}, pid ${pid}`).join('; ')})`;
  return `${who}. If it is the gateway, this is the line of all nodes: connect the node's own USB port, and name that`;
}

function unreachable(text: string, cause?: unknown): CallpointError {
  return new CallpointError('NODE_UNREACHABLE', text.endsWith('?') ? text : `${text}.`, { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  epoch:
    'its memory of the epoch is lost, and this key has been used: give it a new one with callpoint keys rotate, then set it up again',
  storage: 'its memory cannot be written: replace the board',
  command: 'its firmware does not know this: write the firmware that belongs to this version',
};

function refused(shown: string, text: string): CallpointError {
  const [code = ''] = text.split(' ');
  return new CallpointError(
    'NODE_REFUSED',
    `The node refused "${shown}" (${text}): ${REASONS[code] ?? 'it keeps its former settings'}.`,
  );
}
