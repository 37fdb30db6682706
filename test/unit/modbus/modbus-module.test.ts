import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ModbusModule } from '../../../device-sim/modbus/modbus-module.ts';
import { isIntact, requestBytes, sealRtu } from '../../../device-sim/modbus/rtu-frame.ts';
import { bytesToHex } from '../../../protocol/bytes.ts';
import { crc16Modbus } from '../../../protocol/crc16.ts';

const hex = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : bytesToHex(bytes).toUpperCase());
const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const ask = (module: ModbusModule, pdu: string, address = module.address) =>
  hex(module.answer(sealRtu(address, bytes(pdu)))?.subarray(0, -2));

describe('frames', () => {
  test('the CRC is CRC-16/MODBUS', () => {
    expect(crc16Modbus(new TextEncoder().encode('123456789'))).toBe(0x4b37);
  });

  test.each([
    ['010200000008', '79CC'],
    ['01020105', '618B'],
    ['018202', 'C161'],
    ['0105000AFF00', 'AC38'],
    ['010300000002', 'C40B'],
  ])('%s ends in %s', (frame, crc) => {
    const sealed = sealRtu(Number.parseInt(frame.slice(0, 2), 16), bytes(frame.slice(2)));
    expect(hex(sealed)).toBe(frame + crc);
    expect(isIntact(sealed)).toBe(true);
  });

  test('one wrong bit is seen', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(), (pdu, at) => {
        const frame = sealRtu(1, pdu);
        const bit = at % (frame.length * 8);
        frame[bit >> 3] = (frame[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(isIntact(frame)).toBe(false);
      }),
    );
  });

  test('the length of a request shows at its beginning', () => {
    expect(requestBytes(bytes('0102'))).toBe(8);
    expect(requestBytes(bytes('010F00000008'))).toBeUndefined();
    expect(requestBytes(bytes('010F0000000801'))).toBe(10);
  });
});

describe('a simulated module', () => {
  test('answers 8 inputs, 0 and 2 on, as real ones do', () => {
    const module = new ModbusModule({ address: 1 });
    module.drive(0, true);
    module.drive(2, true);
    expect(hex(module.answer(bytes('01 02 00 00 00 08 79 CC')))).toBe('01020105618B');
    expect(ask(module, '0200020001')).toBe('01020101');
    expect(ask(module, '0400000001')).toBe('0104020005');
  });

  test('shows its inputs where its maker put them, and nowhere else', () => {
    const shown = (map: NonNullable<ConstructorParameters<typeof ModbusModule>[0]['map']>, pdu: string) => {
      const module = new ModbusModule({ address: 1, inputs: 20, map });
      for (const input of [1, 17]) module.drive(input, true);
      return ask(module, pdu);
    };
    expect(shown({ table: 'holdingRegisters', firstAddress: 192 }, '0300C00002')).toBe('01030400020002');
    expect(shown({ table: 'holdingRegisters', firstAddress: 192 }, '0300C10002')).toBe('018302');
    expect(shown({ table: 'holdingRegisters', firstAddress: 192 }, '0200000008')).toBe('018202');
    expect(shown({ table: 'inputRegisters', inputsPerRegister: 1 }, '0400010001')).toBe('0104020001');
    expect(shown({ table: 'inputRegisters', inputsPerRegister: 8 }, '0400000003')).toBe('010406000200000002');
    expect(shown({ table: 'coils', firstAddress: 32 }, '0100200008')).toBe('01010102');
    expect(shown({ table: 'coils', firstAddress: 32 }, '01001F0008')).toBe('018102');
    const whole = { table: 'discreteInputs', wholeOnly: true } as const;
    expect([shown(whole, '0200000014'), shown(whole, '0200000008')]).toEqual(['010203020002', '018202']);
  });

  test('sends more or less than its answer on request', () => {
    const module = new ModbusModule({ address: 1 });
    module.faults = { ...module.faults, leading: [0xff], trailing: [0, 0xff], cutBytes: 1 };
    expect(hex(module.answer(bytes('01 02 00 00 00 08 79 CC')))).toBe('FF01020100A1' + '00FF');
  });

  test('refuses what it does not have with the exceptions of the specification', () => {
    const module = new ModbusModule({ address: 1 });
    expect(hex(module.answer(sealRtu(1, bytes('02 00 08 00 01'))))).toBe('018202C161');
    expect(ask(module, '0200000000')).toBe('018203');
    expect(ask(module, '02000007D1')).toBe('018203');
    expect(ask(module, '2B0E0100')).toBe('01AB01');
    expect(ask(module, '0500011234')).toBe('018503');
    expect(ask(module, '0600090001')).toBe('018602');
    expect(ask(module, '0F0000000802FF')).toBe('018F03');
  });

  test('writes coils and registers, and echoes the request', () => {
    const module = new ModbusModule({ address: 7, coils: 16 });
    expect(hex(module.answer(sealRtu(7, bytes('05 00 0A FF 00'))))).toBe(hex(sealRtu(7, bytes('05 00 0A FF 00'))));
    expect(ask(module, '010000000C')).toBe('0701020004');
    expect(ask(module, '0F0000000A02CD01')).toBe('070F0000000A');
    expect(ask(module, '010000000A')).toBe('070102CD01');
    expect(ask(module, '0600011234')).toBe('070600011234');
    expect(ask(module, '0300000002')).toBe('07030400001234');
  });

  test('does what is said to all and answers nobody; hears nothing for others or damaged', () => {
    const module = new ModbusModule({ address: 7 });
    expect(ask(module, '050001FF00', 0)).toBeUndefined();
    expect(module.coils[1]).toBe(true);
    expect(ask(module, '0200000008', 8)).toBeUndefined();
    expect(module.answer(bytes('07 02 00 00 00 08 00 00'))).toBeUndefined();
  });
});
