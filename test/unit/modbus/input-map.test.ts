import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadModbusSerial, RtuClient } from '../../../gateway/inputs/modbus/rtu-client.ts';
import { InputMap, looksLikeItsAnswer, spanMistake } from '../../../gateway/inputs/modbus-input-map.ts';

const BITS = { table: 'discreteInputs', firstAddress: 0, inputsPerRegister: 16, inputCount: undefined } as const;
const WORDS = { ...BITS, table: 'holdingRegisters' } as const;

describe('what is asked of a module', () => {
  test.each([
    ['bits from the first used to the last', BITS, [3, 9], { code: 2, start: 3, count: 7 }],
    ['bits from another address', { ...BITS, firstAddress: 32 }, [3, 9], { code: 2, start: 35, count: 7 }],
    ['all bits', { ...BITS, inputCount: 16 }, [3, 9], { code: 2, start: 0, count: 16 }],
    ['coils', { ...BITS, table: 'coils' }, [0], { code: 1, start: 0, count: 1 }],
    ['the registers in use', { ...WORDS, firstAddress: 192 }, [17, 31], { code: 3, start: 193, count: 1 }],
    ['all registers', { ...WORDS, firstAddress: 192, inputCount: 32 }, [17], { code: 3, start: 192, count: 2 }],
    ['a register each', { ...WORDS, inputsPerRegister: 1 }, [2, 5], { code: 3, start: 2, count: 4 }],
    ['input registers', { ...WORDS, table: 'inputRegisters' }, [], { code: 4, start: 0, count: 1 }],
  ] as const)('%s', (_, layout, used, span) => {
    expect(new InputMap(layout, used).span).toEqual(span);
  });

  test('no more than one answer holds, and no address beyond the last', () => {
    expect(spanMistake({ code: 2, start: 63_536, count: 2_000 })).toBeUndefined();
    expect(spanMistake({ code: 2, start: 63_537, count: 2_000 })).toMatch(/address 65536/);
    expect(spanMistake({ code: 1, start: 0, count: 2_001 })).toMatch(/2001 inputs/);
    expect(spanMistake({ code: 4, start: 0, count: 125 })).toBeUndefined();
    expect(spanMistake({ code: 4, start: 0, count: 126 })).toMatch(/126 registers/);
  });
});

const layouts = fc.record({
  table: fc.constantFrom('discreteInputs', 'coils', 'holdingRegisters', 'inputRegisters'),
  firstAddress: fc.integer({ min: 0, max: 60_000 }),
  inputsPerRegister: fc.constantFrom(1, 8, 16),
  inputCount: fc.option(fc.integer({ min: 101, max: 125 }), { nil: undefined }),
});

test('wherever an input is in an answer, it is found by its number', () => {
  const used = fc.uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(layouts, used, fc.nat(), (layout, pins, choice) => {
      const map = new InputMap(layout, pins);
      const pressed = pins[choice % pins.length] ?? 0;
      const { code, count, start } = map.span;
      const each = code <= 2 ? 1 : layout.inputsPerRegister;
      const values = Array.from({ length: count }, (_, at) => {
        const item = start - layout.firstAddress + at;
        if (code <= 2) return item === pressed;
        return Math.floor(pressed / each) === item ? 1 << (pressed % each) : 0;
      });
      const inputs = map.inputsOf(values);
      expect(pins.filter((pin) => inputs[pin - map.firstInput] === true)).toEqual([pressed]);
    }),
  );
});

test('a request that modbus-serial would take for its own answer is known beforehand', async () => {
  const library = await loadModbusSerial();
  const echoedAnswers = (address: number, span: InputMap['span']): number => {
    let request = new Uint8Array();
    let answers = 0;
    const write = (bytes: Uint8Array): number => {
      request = Uint8Array.from(bytes);
      return bytes.length;
    };
    const client: RtuClient = new RtuClient(library, { isOpen: true, write }, () => {
      answers += 1;
    });
    client.ask(address, span);
    client.port.receive(request);
    return answers;
  };
  // Three bytes of inputs, and 3 as the first byte of the address: the request is its answer.
  const certain = { code: 2, start: 0x0300, count: 24 } as const;
  expect([looksLikeItsAnswer(5, certain), echoedAnswers(5, certain)]).toEqual([true, 1]);
  // By chance, also with one byte of inputs: the first such request.
  const firstChance = () => {
    for (let start = 0x0100; start < 0x0200; start++) {
      for (let address = 1; address < 248; address++) {
        for (let count = 1; count <= 8; count++) {
          if (looksLikeItsAnswer(address, { code: 2, start, count })) return { address, start, count };
        }
      }
    }
    return undefined;
  };
  const chance = firstChance();
  expect(chance).toBeDefined();
  if (chance !== undefined) {
    const { address, start, count } = chance;
    expect(echoedAnswers(address, { code: 2, start, count })).toBe(1);
  }
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 247 }),
      fc.constantFrom(1, 2, 3, 4),
      fc.integer({ min: 0, max: 0x0400 }),
      fc.integer({ min: 1, max: 125 }),
      (address, code, start, count) => {
        const span = { code, start, count } as const;
        expect(echoedAnswers(address, span) > 0).toBe(looksLikeItsAnswer(address, span));
      },
    ),
    { numRuns: 500 },
  );
});
