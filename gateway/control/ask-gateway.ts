import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { AnswerDocuments, QuestionName } from '../../protocol/control-questions.ts';
import { CallpointError } from '../../protocol/errors.ts';
import { type CommandFields, parseFields } from '../../protocol/gateway-command.ts';
import { errorCode } from '../system/error-code.ts';
import type { ControlAnswer } from './control-socket.ts';
import { controlSocketPath, socketNameFault } from './socket-file.ts';

/** Longer than the gateway itself waits for its own answer, ms. */
const PATIENCE_MS = 10_000;
/** A status with a thousand devices has about a megabyte. */
const ANSWER_LENGTH_MAX = 16 * 1024 * 1024;

/**
 * Asks the gateway that runs on a data directory to carry out a command.
 *
 * @param request `command`, `by` and what `readCommand` takes
 * @throws CallpointError GATEWAY_UNREACHABLE with what to do
 */
export async function askGateway(
  dataDirectory: string,
  request: CommandFields,
  patienceMs = PATIENCE_MS,
): Promise<ControlAnswer> {
  const path = controlSocketPath(dataDirectory);
  const fault = socketNameFault(path);
  if (fault !== undefined) throw unreachable(fault);
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw unreachable(whyNotThere(dataDirectory, error), error);
  }
  const patience = setTimeout(() => socket.destroy(), patienceMs);
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    return await answerFrom(socket);
  } catch (error) {
    const doubt = 'Whether it was done is not known: callpoint alerts and the log of the gateway show what stands';
    throw unreachable(`The gateway on ${dataDirectory} gave no answer. ${doubt}.`, error);
  } finally {
    clearTimeout(patience);
    socket.destroy();
  }
}

async function answerFrom(socket: Socket): Promise<ControlAnswer> {
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) {
    answer += chunk;
    if (answer.length > ANSWER_LENGTH_MAX) break;
  }
  const { ok, text, document } = parseFields(answer) ?? {};
  if (typeof ok !== 'boolean' || typeof text !== 'string') throw new Error('no answer');
  return { ok, text, ...(isDocument(document) && { document }) };
}

/**
 * Asks the gateway that runs on a data directory a question.
 *
 * @throws CallpointError GATEWAY_UNREACHABLE with what to do
 */
export async function askQuestion<Q extends QuestionName>(
  dataDirectory: string,
  question: Q,
  patienceMs = PATIENCE_MS,
): Promise<AnswerDocuments[Q]> {
  const { ok, document, text } = await askGateway(dataDirectory, { command: question }, patienceMs);
  // The gateway's own user made the socket, so the form of its answer is taken as told.
  if (ok && document !== undefined) return document as AnswerDocuments[Q];
  throw unreachable(
    `The gateway on ${dataDirectory} does not answer "${question}": ${text}. It may be of another version.`,
  );
}

function isDocument(value: unknown): value is NonNullable<ControlAnswer['document']> {
  return typeof value === 'object' && value !== null;
}

function whyNotThere(dataDirectory: string, error: unknown): string {
  const code = errorCode(error) ?? String(error);
  if (code === 'EACCES' || code === 'EPERM') {
    return `The gateway on ${dataDirectory} runs as another user: run this as that user or as root, with sudo.`;
  }
  if (!['ENOENT', 'ECONNREFUSED', 'ENOTDIR'].includes(code)) {
    return `The gateway on ${dataDirectory} can't be reached: ${code}. Try again; its log says more.`;
  }
  const start = 'Start it with callpoint run, or name the directory it runs on with --data';
  return `No gateway is running on the data directory ${dataDirectory}. ${start}.`;
}

function unreachable(message: string, cause?: unknown): CallpointError {
  return new CallpointError('GATEWAY_UNREACHABLE', message, { cause });
}
