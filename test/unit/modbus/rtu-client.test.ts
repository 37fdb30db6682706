import fc from 'fast-check';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sealRtu } from '../../../device-sim/modbus/rtu-frame.ts';
import { type Answer, loadModbusSerial, RtuClient } from '../../../gateway/inputs/modbus/rtu-client.ts';
import { bytesToHex } from '../../../protocol/bytes.ts';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const ANSWER = bytes('01 02 01 05 61 8B');
const BITS = [true, false, true, false, false, false, false, false];
const EIGHT_INPUTS = { code: 2, start: 0, count: 8 } as const;

let library: Awaited<ReturnType<typeof loadModbusSerial>>;
let written: string[] = [];
let answers: Answer[] = [];
let client: RtuClient;

beforeAll(async () => {
  library = await loadModbusSerial();
});

beforeEach(() => {
  written = [];
  answers = [];
  const write = (request: Uint8Array) => {
    written.push(bytesToHex(request));
    return request.length;
  };
  client = new RtuClient(library, { isOpen: true, write }, (answer) => answers.push(answer));
});

describe('through modbus-serial', () => {
  test('the request has the bytes of the specification', () => {
    client.ask(1, EIGHT_INPUTS);
    client.ask(17, { code: 1, start: 0x13, count: 0x25 });
    expect(written).toEqual(['01020000000879cc', '1101001300250e84']);
  });

  test('an answer is read, in whatever pieces it comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 5 }), (cuts) => {
        answers = [];
        client.ask(1, EIGHT_INPUTS);
        let at = 0;
        for (const cut of [...cuts, ANSWER.length]) {
          if (at < ANSWER.length) client.port.receive(ANSWER.subarray(at, at + cut));
          at += cut;
        }
        expect(answers).toEqual([{ values: BITS }]);
      }),
    );
  });

  test('an exception is read, and only from the module asked', () => {
    client.ask(1, EIGHT_INPUTS);
    client.port.receive(sealRtu(2, bytes('82 04')));
    expect(answers).toEqual([]);
    client.port.receive(bytes('01 82 02 C1 61'));
    expect(answers).toEqual([{ exception: 2 }]);
  });

  test('noise around an answer costs nothing, and is told', () => {
    const noise = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(noise, noise, (before, after) => {
        answers = [];
        client.ask(1, EIGHT_INPUTS);
        client.port.receive(Uint8Array.of(...before, ...ANSWER, ...after));
        expect(answers).toEqual([{ values: BITS }]);
        expect(client.port.strayBefore.length).toBe(before.length);
        expect(client.port.strayAfter.length).toBe(after.length);
      }),
    );
  });

  test('the answers of others, of another function or another length are not taken', () => {
    const pdus = ['02 02 01 05', '01 01 01 05', '01 02 02 05 00', '03 82 02', '01 81 02'];
    for (const pdu of pdus) {
      client.ask(1, EIGHT_INPUTS);
      const frame = bytes(pdu);
      client.port.receive(sealRtu(frame[0] ?? 0, frame.subarray(1)));
    }
    expect(answers).toEqual([]);
    expect(client.port.strayBefore).toEqual({ address: 1, code: 1, length: 5, isFrame: true });
  });

  test('a damaged answer is not taken; a good one behind it is', () => {
    client.ask(1, EIGHT_INPUTS);
    client.port.receive(bytes('01 02 01 07 61 8B'));
    expect(answers).toEqual([]);
    client.port.receive(ANSWER);
    expect(answers).toEqual([{ values: BITS }]);
    expect(client.port.strayBefore.length).toBe(6);
  });

  test('what comes before a request, or after its end, is not its answer', () => {
    client.port.receive(ANSWER);
    client.ask(1, EIGHT_INPUTS);
    client.port.receive(ANSWER.subarray(0, 3));
    client.port.giveUp();
    client.port.receive(ANSWER.subarray(3));
    client.port.receive(ANSWER);
    client.ask(1, EIGHT_INPUTS);
    expect(answers).toEqual([]);
    expect(client.port.heardBytes).toBe(0);
  });

  test("the request's own echo, which some two-wire adapters give, is nothing heard", () => {
    client.ask(1, EIGHT_INPUTS);
    client.port.receive(bytes('01 02 00 00 00 08 79 CC'));
    expect(client.port.heardBytes).toBe(0);
    client.port.receive(ANSWER);
    expect(answers).toEqual([{ values: BITS }]);
    expect(client.port.strayBefore.length).toBe(0);
  });

  test('any bytes at all make no answer but one whose CRC is right, and never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 1_500 }), { maxLength: 4 }), (chunks) => {
        answers = [];
        client.ask(1, { code: 2, start: 0, count: 2_000 });
        for (const chunk of chunks) client.port.receive(chunk);
        expect(answers).toEqual([]);
      }),
    );
  });
});
