import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { receiverAesCbc } from '../../../device-sim/receiver/aes-cbc.ts';
import { judgeAnswer } from '../../../gateway/paths/dc09/answer.ts';
import { SealedAnswers } from '../../../gateway/paths/dc09/sealed-answers.ts';
import { crc16Arc } from '../../../protocol/crc16.ts';
import { encodeMessage } from '../../../protocol/dc09/message.ts';
import { encodeAck, encodeDuh, encodeNak, encodeRsp } from '../../../protocol/dc09/reply.ts';
import { createSealer } from '../../../protocol/dc09/sealer.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const to = { sequence: 7, receiver: '0', prefix: '0', account: '12AB' };
const expected = { sequence: 7, account: '12AB', stampMs: now };
const sealer = createSealer(receiverAesCbc, randomBytes(16), randomBytes);
const sealed = { ...expected, sealer };
const acknowledged = { type: 'receiverAcknowledged' };
const protocolError = { type: 'failed', reason: 'protocolError' };

/** A frame whose CRC and length are right, whatever it says. */
function framed(body: string): Uint8Array {
  const hex = (value: number) => value.toString(16).padStart(4, '0');
  const bytes = Buffer.from(body, 'latin1');
  return Buffer.concat([Buffer.from(`\n${hex(crc16Arc(bytes))}${hex(bytes.length)}`), bytes, Buffer.from('\r')]);
}

describe('an answer', () => {
  test('acknowledges the frame with its sequence and account, whatever its R and L fields and letter case', () => {
    expect(judgeAnswer(encodeAck(to), expected)).toEqual(acknowledged);
    expect(judgeAnswer(encodeAck({ ...to, prefix: 'FFFF', receiver: 'AB', account: '12ab' }), expected)).toEqual(
      acknowledged,
    );
    expect(judgeAnswer(encodeRsp(to, 'Kabc'), expected)).toEqual(acknowledged);
  });

  test('to another sequence or account answers nothing of ours', () => {
    expect(judgeAnswer(encodeAck({ ...to, sequence: 8 }), expected)).toBeUndefined();
    expect(judgeAnswer(encodeAck({ ...to, account: '12AC' }), expected)).toBeUndefined();
    expect(judgeAnswer(encodeDuh({ ...to, sequence: 8 }), expected)).toBeUndefined();
  });

  test('NAK carries the receiver’s time, DUH ends the content', () => {
    expect(judgeAnswer(encodeNak(now), expected)).toEqual({ type: 'wrongTime', receiverTimeMs: now });
    expect(judgeAnswer(encodeDuh(to), expected)).toEqual({ type: 'notUnderstood' });
  });

  test('that is damaged or unknown is a protocol error', () => {
    expect(judgeAnswer(encodeAck(to).fill(0x30, 1, 2), expected)).toMatchObject(protocolError);
    expect(judgeAnswer(Buffer.from('HTTP/1.1 400'), expected)).toMatchObject(protocolError);
    expect(judgeAnswer(encodeRsp(to, ''), expected)).toEqual(acknowledged);
  });
});

describe('on an encrypted account', () => {
  test('an acknowledgement under the account’s key counts', () => {
    expect(judgeAnswer(encodeAck(to, now + 15_000, sealer), sealed)).toEqual(acknowledged);
  });

  test('an acknowledgement in clear is forged, and never silences an alarm', () => {
    expect(judgeAnswer(encodeAck(to), sealed)).toMatchObject(protocolError);
    expect(judgeAnswer(encodeAck(to, now), sealed)).toMatchObject(protocolError);
  });

  test('an acknowledgement under another key never counts', () => {
    for (let i = 0; i < 200; i++) {
      const other = createSealer(receiverAesCbc, randomBytes(16), randomBytes);
      expect(judgeAnswer(encodeAck(to, now, other), sealed)).toMatchObject(protocolError);
    }
  });

  test('an acknowledgement without a time stamp, or recorded long ago, never counts', () => {
    expect(judgeAnswer(encodeAck(to, undefined, sealer), sealed)).toMatchObject(protocolError);
    expect(judgeAnswer(encodeAck(to, now - 3_600_000, sealer), sealed)).toMatchObject(protocolError);
  });

  /** Somebody on the way puts another head, or other blocks, before what the receiver once sealed, and makes the CRC right. */
  const rebuilt = (recorded: Uint8Array, change: (hex: string) => string, token = 'ACK') => {
    const hex = /\[([0-9A-F]+)\r?$/i.exec(Buffer.from(recorded).toString('latin1'))?.[1] ?? '';
    return framed(`"*${token}"0007R0L0#12AB[${change(hex)}`);
  };

  test('an acknowledgement that was recorded an hour ago does not count with its hour rewritten', () => {
    // CBC: a block put before the first one is added to it. The hour stands in bytes 13 and 14 of `pad|]_HH:`.
    const flip = new Uint8Array(16);
    flip[14] = '2'.charCodeAt(0) ^ '3'.charCodeAt(0);
    for (let tries = 0; tries < 2_000; tries++) {
      const recorded = encodeAck({ ...to, sequence: 1 }, now - 3_600_000, sealer);
      // The block's first bytes meet the pad, and may be anything.
      const block = Buffer.concat([randomBytes(8), flip.subarray(8)]).toString('hex');
      expect(
        judgeAnswer(
          rebuilt(recorded, (hex) => block + hex),
          sealed,
        ),
      ).toMatchObject(protocolError);
    }
  });

  test('one that acknowledged another message does not count, whatever stands before and behind it', () => {
    const recorded = encodeAck({ ...to, sequence: 1 }, now - 10_000, sealer);
    const answers = new SealedAnswers();
    const judge = (frame: Uint8Array, sequence: number, atMs: number) =>
      judgeAnswer(frame, { ...sealed, sequence, isReplay: (rest) => answers.isReplay(rest, atMs) });
    expect(judge(recorded, 1, 0)).toEqual(acknowledged);
    for (const change of [(hex: string) => hex, (hex: string) => hex.toLowerCase(), (hex: string) => hex + hex]) {
      expect(judge(rebuilt(recorded, change), 7, 10_000)).toMatchObject(protocolError);
    }
    expect(judge(encodeAck(to, now, sealer), 7, 10_001)).toEqual(acknowledged);
  });

  test('what stands in it but the time is nothing, or can be read', () => {
    const strange = (data: string, token: string) =>
      encodeMessage({ ...to, token, data, xdata: [], timestampMs: now }, sealer);
    expect(judgeAnswer(strange('Kabc', 'RSP'), sealed)).toEqual(acknowledged);
    expect(judgeAnswer(strange('Kabc', 'ACK'), sealed)).toMatchObject(protocolError);
    expect(judgeAnswer(strange('K\x01\xff', 'RSP'), sealed)).toMatchObject(protocolError);
  });

  test('NAK and DUH come in clear', () => {
    expect(judgeAnswer(encodeNak(now), sealed)).toEqual({ type: 'wrongTime', receiverTimeMs: now });
    expect(judgeAnswer(encodeDuh(to), sealed)).toEqual({ type: 'notUnderstood' });
  });
});

describe('by somebody without the key', () => {
  const hexBlocks = fc.uint8Array({ minLength: 16, maxLength: 64 }).map((bytes) => {
    return Buffer.from(bytes.subarray(0, bytes.length & ~15)).toString('hex');
  });
  const words = fc.string({ unit: fc.constantFrom(...'ACK*"RSPL0#12AB[]|_:,-37'), maxLength: 80 });
  const forged = fc.oneof(
    words.map(framed),
    hexBlocks.map((hex) => framed(`"*ACK"0007R0L0#12AB[${hex}`)),
    words.map((rest) => framed(`"ACK"0007R0L0#12AB[${rest}`)),
    fc.uint8Array({ maxLength: 200 }),
  );

  test('nothing acknowledges, and its words stay short', () => {
    fc.assert(
      fc.property(forged, (frame) => {
        const outcome = judgeAnswer(frame, sealed);
        expect(outcome?.type).not.toBe('receiverAcknowledged');
        expect(JSON.stringify(outcome ?? '').length).toBeLessThan(200);
      }),
    );
    expect(JSON.stringify(judgeAnswer(framed(`"${'X'.repeat(4_000)}"0007L0#12AB[]`), expected)).length).toBeLessThan(
      200,
    );
  });
});
