import { bytesToAscii } from '../../../protocol/bytes.ts';
import { parseAprsMessage } from '../../../protocol/radio/aprs-message.ts';
import { addressText, parseUi } from '../../../protocol/radio/ax25.ts';
import { KISS_COMMANDS, type KissFrame, KissScanner } from '../../../protocol/radio/kiss.ts';
import type { FrameEntry } from '../../../protocol/recording/recording.ts';
import { visible, visibleBytes } from './visible.ts';
import { type Decoded, Streams, type WireDecoder } from './wire-decoder.ts';

/** SIP and HTTP: the first line and what follows in numbers. */
export const headDecoder: WireDecoder = {
  decode({ bytes }) {
    const text = bytesToAscii(bytes, 0, Math.min(bytes.length, HEAD_BYTES_MAX));
    const [head = '', ...body] = text.split('\r\n\r\n');
    const [start = '', ...headers] = head.split('\r\n').map(visible);
    const bodyBytes = body.length === 0 ? 0 : bytes.length - head.length - 4;
    const said = [start, `${headers.length} headers`, ...(bodyBytes > 0 ? [`${bodyBytes} bytes`] : [])].join(', ');
    return [{ text: said, fields: { start, headers, body_bytes: bodyBytes } }];
  },
};

const HEAD_BYTES_MAX = 64 * 1024;
/** A line that does not end is shown as far as it goes. */
const LINE_BYTES_MAX = 512;
/** ETX, EOT, ENQ, ACK, LF, NAK, SUB: nothing of the line follows. */
const ENDS: ReadonlySet<number> = new Set([0x03, 0x04, 0x05, 0x06, 0x0a, 0x15, 0x1a]);
const CR = 0x0d;
const LF = 0x0a;

/** Lines of a modem, a paging terminal or a paging server. */
export class LineDecoder implements WireDecoder {
  readonly #streams = new Streams<{ bytes: number[] }>(() => ({ bytes: [] }));

  decode(frame: FrameEntry): readonly Decoded[] {
    const stream = this.#streams.of(frame);
    const lines: string[] = [];
    const end = (): void => {
      lines.push(visibleBytes(Uint8Array.from(stream.bytes)));
      stream.bytes = [];
    };
    for (const byte of frame.bytes) {
      // A bare CR ends a line of TAP and of AT commands.
      if (stream.bytes.at(-1) === CR && byte !== LF) end();
      stream.bytes.push(byte);
      if (ENDS.has(byte) || stream.bytes.length >= LINE_BYTES_MAX) end();
    }
    // After a CR and after a modem's prompt ("> ") nothing follows until it is answered.
    const isOver = stream.bytes.at(-1) === CR || bytesToAscii(Uint8Array.from(stream.bytes.slice(-2))) === '> ';
    if (isOver) end();
    return lines.map((line) => ({ text: line, fields: { line } }));
  }
}

/** KISS frames of a TNC, with AX.25 and APRS within. */
export class KissDecoder implements WireDecoder {
  readonly #scanners = new Streams(() => new KissScanner());

  decode(frame: FrameEntry): readonly Decoded[] {
    return this.#scanners.of(frame).push(frame.bytes).map(kissFrame);
  }
}

function kissFrame({ port, command, payload }: KissFrame): Decoded {
  if (command !== KISS_COMMANDS.data) {
    const name = Object.entries(KISS_COMMANDS).find(([, code]) => code === command)?.[0] ?? `command ${command}`;
    return { text: `KISS ${name} ${payload[0] ?? ''}`, fields: { port, command: name, value: payload[0] } };
  }
  const ui = parseUi(payload);
  if (ui === undefined)
    return { text: `KISS data, no AX.25 UI frame: ${visibleBytes(payload)}`, fields: { port, fault: true } };
  const [source, destination] = [addressText(ui.source), addressText(ui.destination)];
  const via = ui.digipeaters.map((each) => `${addressText(each)}${each.repeated ? '*' : ''}`);
  const message = parseAprsMessage(ui.info);
  const said = message === undefined ? visibleBytes(ui.info) : messageText(message);
  return {
    text: visible(`${[source, '>', [destination, ...via].join(',')].join('')}: ${said}`),
    fields: { port, source, destination, via, ...(message ?? { info: visibleBytes(ui.info) }) },
  };
}

function messageText(message: NonNullable<ReturnType<typeof parseAprsMessage>>): string {
  if (message.type !== 'message') return `${message.type} ${message.id} to ${message.addressee}`;
  return `to ${message.addressee}${message.id === undefined ? '' : ` (${message.id})`}: ${message.text}`;
}
