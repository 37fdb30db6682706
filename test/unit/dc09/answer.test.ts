import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { receiverAesCbc } from '../../../device-sim/receiver/aes-cbc.ts';
import { interpretAnswer } from '../../../gateway/paths/dc09/answer.ts';
import { SealedAnswers } from '../../../gateway/paths/dc09/sealed-answers.ts';
import { crc16Arc } from '../../../protocol/crc16.ts';
import { encodeMessage } from '../../../protocol/dc09/message.ts';
import { encodeAck, encodeDuh, encodeNak, encodeRsp } from '../../../protocol/dc09/reply.ts';
import { createSealer } from '../../../protocol/dc09/sealer.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const to = { sequence: 7, receiver: '0', prefix: '0', account: '12AB' };
const expected = { sequence: 7, account: '12AB', stampMs: now };
const sealer = createSealer(receiverAesCbc(randomBytes(16)), randomBytes);
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
    expect(interpretAnswer(encodeAck(to), expected)).toEqual(acknowledged);
    expect(interpretAnswer(encodeAck({ ...to, prefix: 'FFFF', receiver: 'AB', account: '12ab' }), expected)).toEqual(
      acknowledged,
    );
    expect(interpretAnswer(encodeRsp(to, 'Kabc'), expected)).toEqual(acknowledged);
  });

  test('the second one to an earlier message says nothing of ours', () => {
    expect(interpretAnswer(encodeAck({ ...to, sequence: 6 }), { ...expected, answered: [5, 6] })).toBeUndefined();
    expect(interpretAnswer(encodeDuh({ ...to, sequence: 6 }), { ...expected, answered: [5, 6] })).toBeUndefined();
  });

  test('to another message or account acknowledges nothing, and says which it named', () => {
    const detailOf = (frame: Uint8Array) => {
      const outcome = interpretAnswer(frame, expected);
      expect(outcome).toMatchObject(protocolError);
      return outcome?.type === 'failed' ? outcome.detail : '';
    };
    expect(detailOf(encodeAck({ ...to, sequence: 8 }))).toBe('the receiver answered ACK to message 0008, ours is 0007');
    expect(detailOf(encodeDuh({ ...to, sequence: 8 }))).toContain('message 0008');
    expect(detailOf(encodeAck({ ...to, account: '12AC' }))).toContain('for account 12AC, ours is 12AB');
    expect(detailOf(encodeDuh({ ...to, account: '12AC' }))).toContain('for account 12AC');
  });

  test.each([
    ['pysiaalarm, no R field given', '"ACK"0007NoneL0#12AB[]'],
    ['no R field', '"ACK"0007L0#12AB[]'],
    ['no R and no L field', '"ACK"0007#12AB[]'],
    ['no account', '"ACK"0007R0L0[]'],
    ['an account sign without an account', '"ACK"0007R0L0#[]'],
    ['no account and no brackets (sia-dc09-dev-receiver)', '"ACK"0007R0L0'],
    ['leading zeros', '"ACK"0007R0L0#000012AB[]'],
    ['blanks around the account', '"ACK"0007R0L0# 12ab [ ]'],
    ['a time stamp of its own', '"ACK"0007L0#12AB[]_03:04:05,01-02-2026'],
    ['RSP with data', '"RSP"0007L0#12AB[Kabc]'],
  ])('acknowledges as real receivers write it: %s', (_who, body) => {
    expect(interpretAnswer(framed(body), expected)).toEqual(acknowledged);
    expect(interpretAnswer(framed(body), { ...expected, account: '12AC' })?.type).toBe(
      body.toUpperCase().includes('12AB') ? 'failed' : 'receiverAcknowledged',
    );
    expect(interpretAnswer(framed(body), sealed)).toMatchObject(protocolError);
  });

  test.each([
    ['as the standard has it', '"NAK"0000R0L0A0[]_03:04:05,01-02-2026', now],
    ['pysiaalarm: L before R', '"NAK"0000L0R0A0[]_03:04:05,01-02-2026', now],
    ['pysiaalarm: no R field given', '"NAK"0007NoneL0A0[]_03:04:05,01-02-2026', now],
    ['with an account sign', '"NAK"0000R0L0#0[]_03:04:05,01-02-2026', now],
    ['without brackets', '"NAK"0000R0L0A0_03:04:05,01-02-2026', now],
    ['without the bar before the time', '"NAK"0000R0L0A0[]03:04:05,01-02-2026', now],
    ['with rubbish behind the time', '"NAK"0007L0#12AB[]_03:04:05,01-02-2026xyz', now],
    ['without a time', '"NAK"0000R0L0A0[]', undefined],
    ['without a time and without brackets', '"NAK"0007R12L4ACCT', undefined],
    ['with a time that does not exist', '"NAK"0000R0L0A0[]_25:04:05,13-02-2026', undefined],
  ])('NAK %s: its time is handed on where it has one', (_who, body, receiverTimeMs) => {
    const outcome = { type: 'wrongTime', ...(receiverTimeMs === undefined ? {} : { receiverTimeMs }) };
    expect(interpretAnswer(framed(body), expected)).toEqual(outcome);
    expect(interpretAnswer(framed(body), sealed)).toEqual(outcome);
  });

  test('DUH to what could not be read names no message and no account', () => {
    expect(interpretAnswer(framed('"DUH"0000L0'), expected)).toEqual({ type: 'notUnderstood' });
    expect(interpretAnswer(framed('"DUH"0007L0#12AB[][K1]'), expected)).toEqual({ type: 'notUnderstood' });
  });

  test('a token alone refuses, and never acknowledges', () => {
    const bare = (text: string) => interpretAnswer(Buffer.from(text), expected);
    expect(bare('"NAK"')).toEqual({ type: 'wrongTime' });
    expect(bare('"DUH"')).toEqual({ type: 'notUnderstood' });
    expect(bare('"ACK"')).toMatchObject({ ...protocolError, detail: expect.stringContaining('a bare "ACK"') });
    expect(bare('"*ACK"')).toMatchObject(protocolError);
  });

  test.each([
    ['HTTP/1.1 400 Bad Request', 'does not speak DC-09 (it said HTTP/1.1 400 Bad Request): check host and port'],
    ['\u0001\u0002' + '0012"ACK"0007L0#12AB[]', 'has a binary CRC'],
    ['0000' + '0012"ACK"0007L0#12AB[]', 'its CRC does not fit'],
  ])('that is damaged says what was seen and what to check: %j', (text, words) => {
    expect(interpretAnswer(Buffer.from(text, 'latin1'), expected)).toMatchObject({
      ...protocolError,
      detail: expect.stringContaining(words),
    });
  });

  test('NAK carries the receiver’s time, DUH ends the content', () => {
    expect(interpretAnswer(encodeNak(now), expected)).toEqual({ type: 'wrongTime', receiverTimeMs: now });
    expect(interpretAnswer(encodeDuh(to), expected)).toEqual({ type: 'notUnderstood' });
  });

  test('that is damaged or unknown is a protocol error', () => {
    expect(interpretAnswer(encodeAck(to).fill(0x30, 1, 2), expected)).toMatchObject(protocolError);
    expect(interpretAnswer(Buffer.from('HTTP/1.1 400'), expected)).toMatchObject(protocolError);
    expect(interpretAnswer(encodeRsp(to, ''), expected)).toEqual(acknowledged);
  });
});

describe('on an encrypted account', () => {
  test('an acknowledgement under the account’s key counts', () => {
    expect(interpretAnswer(encodeAck(to, now + 15_000, sealer), sealed)).toEqual(acknowledged);
  });

  test('an acknowledgement in clear is forged, and never silences an alarm', () => {
    expect(interpretAnswer(encodeAck(to), sealed)).toMatchObject(protocolError);
    expect(interpretAnswer(encodeAck(to, now), sealed)).toMatchObject(protocolError);
  });

  test('an acknowledgement under another key never counts', () => {
    for (let i = 0; i < 200; i++) {
      const other = createSealer(receiverAesCbc(randomBytes(16)), randomBytes);
      expect(interpretAnswer(encodeAck(to, now, other), sealed)).toMatchObject(protocolError);
    }
  });

  test('an acknowledgement without a time stamp, or recorded long ago, never counts', () => {
    expect(interpretAnswer(encodeAck(to, undefined, sealer), sealed)).toMatchObject(protocolError);
    expect(interpretAnswer(encodeAck(to, now - 3_600_000, sealer), sealed)).toMatchObject(protocolError);
  });

  /**
   * An attacker on the way puts another head, or other blocks, before the receiver's sealed content
   * and corrects the CRC.
   */
  const rebuilt = (recorded: Uint8Array, change: (hex: string) => string, token = 'ACK') => {
    const hex = /\[([0-9A-F]+)\r?$/i.exec(Buffer.from(recorded).toString('latin1'))?.[1] ?? '';
    return framed(`"*${token}"0007R0L0#12AB[${change(hex)}`);
  };

  test('an acknowledgement that was recorded an hour ago does not count with its hour rewritten', () => {
    // CBC: a block put before the first one is added to it. The hour stands in bytes 13 and 14 of
    // `pad|]_HH:`.
    const flip = new Uint8Array(16);
    flip[14] = '2'.charCodeAt(0) ^ '3'.charCodeAt(0);
    for (let tries = 0; tries < 2_000; tries++) {
      const recorded = encodeAck({ ...to, sequence: 1 }, now - 3_600_000, sealer);
      // The block's first bytes meet the pad, and may be anything.
      const block = Buffer.concat([randomBytes(8), flip.subarray(8)]).toString('hex');
      expect(
        interpretAnswer(
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
      interpretAnswer(frame, { ...sealed, sequence, isReplay: (rest) => answers.isReplay(rest, atMs) });
    expect(judge(recorded, 1, 0)).toEqual(acknowledged);
    for (const change of [(hex: string) => hex, (hex: string) => hex.toLowerCase(), (hex: string) => hex + hex]) {
      expect(judge(rebuilt(recorded, change), 7, 10_000)).toMatchObject(protocolError);
    }
    expect(judge(encodeAck(to, now, sealer), 7, 10_001)).toEqual(acknowledged);
  });

  test('what stands in it but the time is nothing, or can be read', () => {
    const strange = (data: string, token: string) =>
      encodeMessage({ ...to, token, data, xdata: [], timestampMs: now }, sealer);
    expect(interpretAnswer(strange('Kabc', 'RSP'), sealed)).toEqual(acknowledged);
    expect(interpretAnswer(strange('Kabc', 'ACK'), sealed)).toMatchObject(protocolError);
    expect(interpretAnswer(strange('K\x01\xff', 'RSP'), sealed)).toMatchObject(protocolError);
  });

  test('NAK and DUH come in clear', () => {
    expect(interpretAnswer(encodeNak(now), sealed)).toEqual({ type: 'wrongTime', receiverTimeMs: now });
    expect(interpretAnswer(encodeDuh(to), sealed)).toEqual({ type: 'notUnderstood' });
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
        const outcome = interpretAnswer(frame, sealed);
        expect(outcome?.type).not.toBe('receiverAcknowledged');
        expect(JSON.stringify(outcome ?? '').length).toBeLessThan(200);
      }),
    );
    expect(
      JSON.stringify(interpretAnswer(framed(`"${'X'.repeat(4_000)}"0007L0#12AB[]`), expected)).length,
    ).toBeLessThan(200);
  });
});
