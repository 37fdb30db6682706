import { avrInstruction, CPU } from 'avr8js';
import { describe, expect, test } from 'vitest';
import { instructionTable } from '../../device-sim/firmware/avr-instructions.ts';
import { type Random, randomBelow, seededRandom } from '../../device-sim/random.ts';

const WORDS = 0x4000;
const RAM_BYTES = 0x800;
const POINTERS = [26, 28, 30, 0x5d] as const;
const TIMES = 2;

const table = instructionTable(avrInstruction);
const ours = Array.from({ length: 0x1_0000 }, (_, opcode) => opcode).filter((each) => table[each] !== avrInstruction);

/** A processor in any state, whose pointers point into its memory. */
function anyState(cpu: CPU, random: Random): void {
  for (let at = 0; at < 0x100; at++) cpu.data[at] = randomBelow(random, 0x100);
  for (let times = 0; times < 8; times++) cpu.data[randomBelow(random, cpu.data.length)] = randomBelow(random, 0x100);
  for (const pointer of POINTERS) cpu.dataView.setUint16(pointer, 0x110 + randomBelow(random, RAM_BYTES - 0x80), true);
  // Equal operands and small ones are rare among any.
  if (randomBelow(random, 4) === 0) cpu.data.fill(randomBelow(random, 3), 0, 26);
  cpu.pc = 0x900 + randomBelow(random, WORDS - 0x1200);
  cpu.progMem[cpu.pc + 1] = randomBelow(random, 2) === 0 ? 0x9180 : randomBelow(random, 0x1_0000);
}

const stateOf = ({ data, pc, cycles }: CPU) => ({ data, pc, cycles });

describe('the instructions that are not left to avr8js', () => {
  test('do for each opcode, in any state, what avr8js does', () => {
    const random = seededRandom(1);
    const flash = Uint16Array.from({ length: WORDS }, () => randomBelow(random, 0x1_0000));
    const [one, other] = [new CPU(flash, RAM_BYTES), new CPU(flash, RAM_BYTES)];
    const calls: [string[], string[]] = [[], []];
    for (const [index, cpu] of [one, other].entries()) {
      cpu.readHooks[0x25] = () => {
        calls[index]?.push('read');
        return 0x5a;
      };
      cpu.writeHooks[0x25] = (value, old, address, mask) =>
        calls[index]?.push(`${value} ${old} ${address} ${mask}`) === 0;
    }
    expect(ours.length).toBeGreaterThan(30_000);
    for (const opcode of ours) {
      for (let times = 0; times < TIMES; times++) {
        anyState(one, random);
        other.data.set(one.data);
        other.pc = one.pc;
        flash[one.pc] = opcode;
        table[opcode]?.(one, opcode);
        avrInstruction(other);
        const isSame = one.pc === other.pc && one.cycles === other.cycles && Buffer.compare(one.data, other.data) === 0;
        if (!isSame) expect({ opcode, ...stateOf(one) }).toEqual({ opcode, ...stateOf(other) });
      }
    }
    expect(calls[0].length).toBeGreaterThan(100);
    expect(calls[0]).toEqual(calls[1]);
  });
});
