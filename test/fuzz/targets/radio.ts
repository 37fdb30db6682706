import { CommandModeWatch } from '../../../gateway/paths/radio/command-mode.ts';
import { asciiToBytes } from '../../../protocol/bytes.ts';
import { encodeAprsMessage, messageText, parseAprsMessage, TEXT_MAX } from '../../../protocol/radio/aprs-message.ts';
import { addressText, encodeUi, parseAddress, parseUi } from '../../../protocol/radio/ax25.ts';
import { encodeKiss, KissScanner } from '../../../protocol/radio/kiss.ts';
import { encodeThirdParty, parseThirdParty } from '../../../protocol/radio/third-party.ts';
import { latin1, promise, same, sameBytes, sameInAnyPieces, unlessThrown, utf8 } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

const source = { call: 'N0CALL', ssid: 9 };
const station = { call: 'W1AW', ssid: 0 };
const info = encodeAprsMessage({ type: 'message', addressee: 'N0CALL-9', text: 'Panic room 12', id: 'A1' });
const ui = encodeUi({ destination: station, source, digipeaters: [{ ...station, repeated: true }], info });
/** The longest payload that the scanner passes on, without the smallest head of a UI frame. */
const INFO_MAX = 1_024 - 16;

/** The bytes of a TNC. */
const kiss: FuzzTarget = {
  name: 'kiss-stream',
  seeds: [
    encodeKiss({ port: 0, command: 0, payload: ui }),
    encodeKiss({ port: 12, command: 0, payload: Uint8Array.of(0xdb) }),
    'cmd:\r\n',
  ],
  words: ['\xc0', '\xdb', '\xdb\xdc', '\xdb\xdd', '\xc0\0', 'cmd:', '?EH', '?What?'],
  slowMs: 100,
  run: (input) => {
    const frames = sameInAnyPieces(input, () => {
      const scanner = new KissScanner();
      const frames: { readonly port: number; readonly command: number; readonly payload: Uint8Array }[] = [];
      return { push: (chunk) => frames.push(...scanner.push(chunk)), result: () => frames };
    });
    for (const frame of frames) {
      const [again] = new KissScanner().push(encodeKiss(frame));
      same(again, frame, 'the frame as it is read again');
      readUi(frame.payload);
    }
    new CommandModeWatch().push(input);
  },
  stream: () => {
    const scanner = new KissScanner();
    const watch = new CommandModeWatch();
    return (chunk) => {
      scanner.push(chunk);
      watch.push(chunk);
    };
  },
};

function readUi(bytes: Uint8Array): void {
  const frame = parseUi(bytes);
  if (frame === undefined) return;
  readInfo(frame.info);
  const again = unlessThrown(RangeError, () => encodeUi(frame));
  promise(again !== undefined || frame.info.length > 256, 'only information that is too long cannot be written again');
  if (again !== undefined) same(parseUi(again), frame, 'the frame as it is read again');
}

const ax25: FuzzTarget = {
  name: 'ax25',
  seeds: [ui, encodeUi({ destination: station, source, digipeaters: [], info: new Uint8Array() })],
  words: ['\x03\xf0', '\x60', '\xe0', '\x61', '\x40\x40'],
  lengthMax: 1_024,
  run: readUi,
};

function readInfo(bytes: Uint8Array): void {
  const third = parseThirdParty(bytes);
  if (third !== undefined) {
    const again = parseThirdParty(encodeThirdParty(third.source, source, third.info));
    same(again, third, 'third-party traffic as it is read again');
    readMessage(third.info);
  }
  readMessage(bytes);
}

function readMessage(bytes: Uint8Array): void {
  const message = parseAprsMessage(bytes);
  if (message === undefined) return;
  promise(message.addressee.length <= 9, 'an addressee has at most 9 characters');
  const written = unlessThrown(RangeError, () => encodeAprsMessage(message));
  if (written === undefined) return;
  const { replyAck: _, ...plain } = { replyAck: undefined, ...message };
  const again = parseAprsMessage(written);
  promise(again !== undefined, 'what is written again can be read');
  const { replyAck: __, ...second } = { replyAck: undefined, ...again };
  // Blanks at the end of a text are not told apart from those that a station adds.
  same(second, plain, 'the message as it is read again');
}

const aprs: FuzzTarget = {
  name: 'aprs',
  seeds: [
    info,
    ':N0CALL-9 :ackA1',
    ':N0CALL-9 :rejA1}B2',
    ':N0CALL-9 :text{A1}B2\r\n',
    '}W1AW-0>APRS,TCPIP,N0CALL-9*::N0CALL-9 :hi{1',
  ],
  words: [':', '{', '}', 'ack', 'rej', '\r', '\n', '\0', ' ', ',', '>', '*', '-0', 'TCPIP'],
  lengthMax: INFO_MAX,
  slowMs: 5,
  run: readInfo,
};

const texts: FuzzTarget = {
  name: 'radio-texts',
  seeds: ['N0CALL-9', 'W1AW', 'Panic – room 12 ß {~}', 'ack1', '?APRS'],
  words: ['-15', '-16', 'ack', 'rej', '?', 'ß', '~', '{', 'ﬁ', '…'],
  run: (input) => {
    const address = parseAddress(latin1(input));
    if (address !== undefined) same(parseAddress(addressText(address)), address, 'the address as it is read again');
    const text = utf8(input);
    const written = messageText(text);
    promise(written.length <= TEXT_MAX, 'a text fits a message');
    const message = { type: 'message', addressee: 'N0CALL-9', text: written, id: 'A1' } as const;
    const read = parseAprsMessage(encodeAprsMessage(message));
    same(read, message, 'a text of ours as a station reads it');
    sameBytes(asciiToBytes(latin1(input)), input, 'bytes as they are written again');
  },
};

export const radioTargets: readonly FuzzTarget[] = [kiss, ax25, aprs, texts];
