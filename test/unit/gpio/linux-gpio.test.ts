import { describe, expect, it, test } from 'vitest';
import { IOCTL, lineEvent, readLineRequest, writeLineInfo } from '../../../device-sim/gpio/gpio-structs.ts';
import {
  EventReader,
  GPIO_V2_GET_LINE_IOCTL,
  GPIO_V2_LINE_GET_VALUES_IOCTL,
  GPIO_V2_LINE_SET_VALUES_IOCTL,
  LINE_EVENT_BYTES,
  LINE_FLAG,
  LINE_REQUEST_BYTES,
  LINE_VALUES_BYTES,
  LineValues,
  lineRequestArgument,
  readRequestFd,
} from '../../../gateway/inputs/gpio/linux-gpio.ts';
import {
  CHIP_INFO_BYTES,
  GPIO_GET_CHIPINFO_IOCTL,
  GPIO_V2_GET_LINEINFO_IOCTL,
  LINE_INFO_BYTES,
  lineInfoArgument,
  readChipInfo,
  readLineInfo,
} from '../../../gateway/inputs/gpio-line-info.ts';

const INPUT = LINE_FLAG.INPUT | LINE_FLAG.EDGE_RISING | LINE_FLAG.EDGE_FALLING | LINE_FLAG.BIAS_PULL_UP;

function hex(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.subarray(from, to)).toString('hex');
}

describe('as linux/gpio.h has it', () => {
  test('structures have the sizes the header gives them', () => {
    const sizes = [CHIP_INFO_BYTES, LINE_INFO_BYTES, LINE_REQUEST_BYTES, LINE_VALUES_BYTES, LINE_EVENT_BYTES];
    expect(sizes).toEqual([68, 256, 592, 16, 48]);
  });

  // Printed by a C program that includes the header.
  test.each([
    ['GPIO_GET_CHIPINFO_IOCTL', GPIO_GET_CHIPINFO_IOCTL, 0x8044b401],
    ['GPIO_V2_GET_LINEINFO_IOCTL', GPIO_V2_GET_LINEINFO_IOCTL, 0xc100b405],
    ['GPIO_V2_GET_LINE_IOCTL', GPIO_V2_GET_LINE_IOCTL, 0xc250b407],
    ['GPIO_V2_LINE_GET_VALUES_IOCTL', GPIO_V2_LINE_GET_VALUES_IOCTL, 0xc010b40e],
    ['GPIO_V2_LINE_SET_VALUES_IOCTL', GPIO_V2_LINE_SET_VALUES_IOCTL, 0xc010b40f],
  ])('%s', (_name, ours, kernels) => {
    expect(ours).toBe(kernels);
    expect(Object.values(IOCTL)).toContain(kernels);
  });

  test('flags', () => {
    expect(LINE_FLAG).toEqual({
      INPUT: 0x4,
      OUTPUT: 0x8,
      EDGE_RISING: 0x10,
      EDGE_FALLING: 0x20,
      BIAS_PULL_UP: 0x100,
      BIAS_PULL_DOWN: 0x200,
      BIAS_DISABLED: 0x400,
    });
  });
});

describe('a request for lines', () => {
  it('for inputs: every byte in its place, all else zero', () => {
    const bytes = lineRequestArgument([17, 0x01020304], 'callpoint', INPUT);
    expect(hex(bytes, 0, 8)).toBe('1100000004030201');
    expect(hex(bytes, 256, 266)).toBe(`${Buffer.from('callpoint').toString('hex')}00`);
    expect(hex(bytes, 288, 300)).toBe('340100000000000000000000');
    expect(hex(bytes, 560, 568)).toBe('0200000000040000');
    const given = new Set([...range(0, 8), ...range(256, 265), 288, 289, 560, 565]);
    expect([...bytes.keys()].filter((at) => bytes[at] !== 0 && !given.has(at))).toEqual([]);
  });

  it('for outputs: with their first levels', () => {
    const bytes = lineRequestArgument([5, 6, 13], 'callpoint', LINE_FLAG.OUTPUT, [1, 0, 1]);
    expect(hex(bytes, 296, 300)).toBe('01000000');
    // id 2, padding, values 0b101, mask 0b111
    expect(hex(bytes, 320, 344)).toBe('020000000000000005000000000000000700000000000000');
    expect(hex(bytes, 560, 568)).toBe('0300000000000000');
  });

  it('of 64 lines is what the kernel reads', () => {
    const offsets = Array.from({ length: 64 }, (_, index) => 63 - index);
    const levels = offsets.map((offset) => (offset % 3 === 0 ? 1 : 0));
    const request = readLineRequest(lineRequestArgument(offsets, 'x'.repeat(40), LINE_FLAG.OUTPUT, levels), 64);
    expect(request?.offsets).toEqual(offsets);
    expect(request?.consumer).toBe('x'.repeat(31));
    expect(levels.map((_, index) => Number(((request?.values ?? 0n) >> BigInt(index)) & 1n))).toEqual(levels);
  });

  it('is answered with a descriptor', () => {
    const bytes = lineRequestArgument([1], 'callpoint', INPUT);
    new DataView(bytes.buffer).setInt32(588, 42, true);
    expect(readRequestFd(bytes)).toBe(42);
  });
});

describe('answers', () => {
  it('tell the chip', () => {
    const bytes = new Uint8Array(CHIP_INFO_BYTES);
    bytes.set(Buffer.from('gpiochip0'), 0);
    bytes.set(Buffer.from('a label of all the 32 bytes, yes'), 32);
    bytes[64] = 54;
    expect(readChipInfo(bytes)).toEqual({ name: 'gpiochip0', label: 'a label of all the 32 bytes, yes', lines: 54 });
  });

  it('tell a line, and who uses it', () => {
    const bytes = lineInfoArgument(17);
    expect(hex(bytes, 64, 68)).toBe('11000000');
    expect(readLineInfo(bytes)).toEqual({ name: '', consumer: '', used: false });
    writeLineInfo(bytes, 'GPIO17', 'gpiomon', 0x5n);
    expect(readLineInfo(bytes)).toEqual({ name: 'GPIO17', consumer: 'gpiomon', used: true });
  });

  it('with a consumer that names itself for mischief: nothing of it breaks a text', () => {
    const bytes = new Uint8Array(LINE_INFO_BYTES);
    bytes.set(Buffer.from('\x1b[2J\r\nAlarm over'), 32);
    expect(readLineInfo(bytes).consumer).toBe('?[2J??Alarm over');
  });

  it('tell levels up to the 64th line', () => {
    const values = new LineValues();
    values.ask(64);
    expect(hex(values.bytes, 8, 16)).toBe('ffffffffffffffff');
    values.setOnly(63, 1);
    expect(hex(values.bytes, 0, 16)).toBe('00000000000000800000000000000080');
    expect([values.level(62), values.level(63)]).toEqual([0, 1]);
    values.setOnly(9, 0);
    expect(hex(values.bytes, 0, 16)).toBe('00000000000000000002000000000000');
  });

  it('tell edges, with times beyond 2^53 nanoseconds', () => {
    const timestampNs = 20_000_000_123_456_789n;
    const bytes = new Uint8Array(2 * LINE_EVENT_BYTES);
    bytes.set(lineEvent({ timestampNs: 1n, rising: true, offset: 1, seqno: 1, lineSeqno: 1 }));
    bytes.set(
      lineEvent({ timestampNs, rising: false, offset: 27, seqno: 4_294_967_295, lineSeqno: 9 }),
      LINE_EVENT_BYTES,
    );
    const events = new EventReader(bytes);
    events.select(1);
    const { timestampMs, level, offset, seqno, lineSeqno } = events;
    expect({ level, offset, seqno, lineSeqno }).toEqual({ level: 0, offset: 27, seqno: 4_294_967_295, lineSeqno: 9 });
    expect(timestampMs).toBeCloseTo(20_000_000_123.4568, 3);
    events.select(0);
    expect([events.level, events.timestampMs]).toEqual([1, 1e-6]);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
