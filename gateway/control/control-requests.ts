import { type CommandFields, isPrintable, parseFields, readCommand } from '../../protocol/gateway-command.ts';
import { type RecordRequest, readRecordRequest } from '../../protocol/recording/record-request.ts';

const NAME_LENGTH_MAX = 64;

/**
 * `by` is the client's own claim. It is marked, so that the journal tells it from the users of
 * MQTT.
 *
 * @returns a text about what is wrong
 */
export function readSender(line: string): { readonly fields: CommandFields; readonly by: string } | string {
  const fields = parseFields(line);
  if (fields === undefined) return 'not a JSON object';
  const { by } = fields;
  if (typeof by !== 'string' || by.trim() === '' || by.length > NAME_LENGTH_MAX || !isPrintable(by)) {
    return `"by" must say who asks, in at most ${NAME_LENGTH_MAX} characters`;
  }
  return { fields, by: `cli:${by}` };
}

export function readRequest(line: string): ReturnType<typeof readCommand> {
  const read = readSender(line);
  if (typeof read === 'string') return { ok: false, reason: read };
  const { command } = read.fields;
  return readCommand(command, read.fields, read.by);
}

/** @returns a text about what is wrong */
export function readRecording(line: string): { readonly request: RecordRequest; readonly by: string } | string {
  const sender = readSender(line);
  if (typeof sender === 'string') return sender;
  const request = readRecordRequest(sender.fields);
  return typeof request === 'string' ? request : { request, by: sender.by };
}
