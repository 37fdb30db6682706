import ModbusSerial from 'modbus-serial';
import { MessageScanner } from '../../../gateway/inputs/firmata/message-scanner.ts';
import {
  EventReader,
  LINE_EVENT_BYTES,
  LINE_REQUEST_BYTES,
  readRequestFd,
} from '../../../gateway/inputs/gpio/linux-gpio.ts';
import {
  CHIP_INFO_BYTES,
  LINE_INFO_BYTES,
  readChipInfo,
  readLineInfo,
} from '../../../gateway/inputs/gpio-line-info.ts';
import { echoBytes } from '../../../gateway/inputs/modbus/echo.ts';
import { type Answer, RtuClient } from '../../../gateway/inputs/modbus/rtu-client.ts';
import { bytesToAscii } from '../../../protocol/bytes.ts';
import { crc16Modbus } from '../../../protocol/crc16.ts';
import { readBauds, readBoard, readContacts, readState } from '../../../protocol/node-service/node-answers.ts';
import {
  readServiceAnswer,
  SERVICE_LINE_MAX,
  ServiceLineReader,
  serviceLine,
} from '../../../protocol/node-service/service-line.ts';
import { latin1, promise, same, sameInAnyPieces } from '../promises.ts';
import type { FuzzTarget } from '../target.ts';

const WORDS = [
  'board mega protocol 1 firmware 1.0 buttons 4 points 4',
  'bauds 9600,38400',
  'status settings saved epoch 3 supply 12000 battery none',
  'contacts cover on buttons 0001 points 8000',
  'crc',
];
const answerLine = (sign: string, words: string) => bytesToAscii(serviceLine(words)).replace('@', sign);

/** What answers on the service port of a wall node. */
const service: FuzzTarget = {
  name: 'node-service',
  seeds: WORDS.flatMap((words) => [answerLine('+', words), answerLine('-', words)]),
  words: ['+', '-', '*', '\n', '\r', ' ', 'none', 'FFFF', '99999999999', ','],
  slowMs: 50,
  run: (input) => {
    const lines = sameInAnyPieces(input, () => {
      const reader = new ServiceLineReader();
      const lines: string[] = [];
      return { push: (chunk) => lines.push(...reader.read(chunk)), result: () => lines };
    });
    for (const line of lines) {
      promise(line.length <= SERVICE_LINE_MAX, 'a line is not longer than one can be');
      readServiceAnswer(line);
    }
    const words = latin1(input)
      .replace(/[^ -~]/g, '')
      .slice(0, 80);
    const read = readServiceAnswer(answerLine('+', words).trimEnd());
    if (words.includes('@')) return;
    promise(read?.ok === true, 'a right CRC is accepted');
    same(read.words.join(' '), words, 'the words as they are read');
    readBoard(read.words);
    readBauds(read.words);
    readState(read.words);
    const contacts = readContacts(read.words);
    for (const number of contacts?.buttons ?? []) promise(number >= 0 && number < 16, 'a button has a number');
  },
  stream: () => {
    const reader = new ServiceLineReader();
    return (chunk) => void reader.read(chunk);
  },
};

const firmata: FuzzTarget = {
  name: 'firmata-bytes',
  seeds: [
    Uint8Array.of(0xf9, 2, 5, 0x90, 1, 0, 0xe1, 1, 2),
    Uint8Array.of(0xf0, 0x79, 2, 5, 0xf7),
    Uint8Array.of(0xf0, 0x6c, 0, 1, 0x7f, 0xf7),
  ],
  words: ['\xf0', '\xf7', '\x90', '\xe0', '\xf9', '\xff', '\xf0\xf7'],
  slowMs: 50,
  run: (input) => {
    const { messages, rejected } = sameInAnyPieces(input, () => {
      const scanner = new MessageScanner();
      const messages: Uint8Array[] = [];
      return {
        push: (chunk) => scanner.push(chunk, (message) => messages.push(message.slice())),
        result: () => ({ messages, rejected: scanner.rejectedBytes, runs: scanner.rejectedRuns }),
      };
    });
    const passed = messages.reduce((sum, { length }) => sum + length, 0);
    promise(passed + rejected <= input.length, 'no byte is counted twice');
    for (const [first = 0, ...rest] of messages)
      promise(first >= 0x80 && rest.length > 0, 'a message begins with a command');
  },
  stream: () => {
    const scanner = new MessageScanner();
    return (chunk) => scanner.push(chunk, () => undefined);
  },
};

/** What is heard on an RS-485 line after a request: the first byte chooses the request. */
const modbus: FuzzTarget = {
  name: 'modbus-answers',
  seeds: [
    [2, 1, 2, 1, 5],
    [4, 1, 4, 4, 0, 1, 0, 0xff],
    [3, 1, 0x83, 2],
    [1, 1, 1, 1, 0xff],
  ].map(([code = 1, ...body]) => Uint8Array.of(code, ...withCrc(body))),
  words: ['\x01\x02', '\x01\x03\x04', '\x01\x83\x02', '\x01\x04', '\x00'],
  lengthMax: 1_500,
  slowMs: 50,
  run: ([choice = 0, ...rest]) => {
    const code = (1 + (choice % 4)) as 1 | 2 | 3 | 4;
    const count = code <= 2 ? 8 : 2;
    const answers: Answer[] = [];
    let request = new Uint8Array();
    const write = (bytes: Uint8Array): number => {
      request = bytes.slice();
      return bytes.length;
    };
    const line = { isOpen: true, write };
    const client = new RtuClient(ModbusSerial.default, line, (answer) => answers.push(answer));
    client.ask(1, { code, start: 0, count });
    const bytes = Uint8Array.from(rest);
    for (let at = 0; at < bytes.length; at += 1 + (choice >> 3))
      client.port.receive(bytes.slice(at, at + 1 + (choice >> 3)), at === 0);
    promise(answers.length <= 1, 'a request has one answer at most');
    const [answer] = answers;
    if (answer !== undefined && 'values' in answer) promise(answer.values.length >= count, 'an answer has all values');
    promise(client.port.strayBefore.length >= 0 && client.port.strayAfter.length >= 0, 'strays are counted');
    promise(
      echoBytes(bytes, request, { earlyBytes: choice % 5, usual: false, dataBytes: 1 }) <= bytes.length,
      'an echo is heard',
    );
    client.port.giveUp();
    client.port.forget();
  },
};

function withCrc(body: readonly number[]): readonly number[] {
  const crc = crc16Modbus(Uint8Array.from(body));
  return [...body, crc & 0xff, crc >>> 8];
}

/** Structures of the kernel: any bytes, of the right length. */
const gpio: FuzzTarget = {
  name: 'gpio-structures',
  seeds: [new Uint8Array(LINE_REQUEST_BYTES), new Uint8Array(LINE_INFO_BYTES).fill(0x41)],
  lengthMax: LINE_REQUEST_BYTES,
  run: (input) => {
    const bytes = new Uint8Array(LINE_REQUEST_BYTES);
    bytes.set(input);
    readRequestFd(bytes);
    const info = readLineInfo(bytes.subarray(0, LINE_INFO_BYTES));
    const chip = readChipInfo(bytes.subarray(0, CHIP_INFO_BYTES));
    promise(!/\p{Cc}/u.test(info.name + info.consumer + chip.name + chip.label), 'a name is printable');
    const reader = new EventReader(bytes);
    for (let index = 0; index < Math.floor(LINE_REQUEST_BYTES / LINE_EVENT_BYTES); index += 1) {
      reader.select(index);
      promise(
        reader.timestampMs >= 0 && reader.offset >= 0 && (reader.level === 0 || reader.level === 1),
        'an event is read',
      );
    }
  },
};

export const serialModuleTargets: readonly FuzzTarget[] = [service, firmata, modbus, gpio];
