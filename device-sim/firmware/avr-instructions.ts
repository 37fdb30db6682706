import type { CPU } from 'avr8js';

type Execute = (cpu: CPU) => void;
type Instruction = (cpu: CPU, opcode: number) => void;

const SREG = 0x5f;
const SP = 0x5d;
const Z = 30;
const IO = 0x20;
const CARRY = 1;
const ZERO = 2;
const NEGATIVE = 4;
const OVERFLOW = 8;
const SIGN = 0x10;
const HALF_CARRY = 0x20;
const INTERRUPT = 0x80;
const OPCODES = 0x1_0000;

/**
 * avr8js looks an instruction up by comparing it with one after the other. Those that it finds late
 * and the firmware needs often are here, found at once. They
 * do what avr8js does, which a test shows for each opcode; all others are left to it.
 */
export function instructionTable(execute: Execute): readonly Instruction[] {
  const table = new Array<Instruction>(OPCODES).fill(execute);
  for (const [, mask, value, instruction] of INSTRUCTIONS) {
    for (let opcode = 0; opcode < OPCODES; opcode++) if ((opcode & mask) === value) table[opcode] = instruction;
  }
  return table;
}

/** The instruction set manual, DS40002198B, section 5. The first operand is d, the other r or K. */
const INSTRUCTIONS: readonly (readonly [name: string, mask: number, value: number, instruction: Instruction])[] = [
  ['EOR', 0xfc00, 0x2400, (cpu, op) => logic(cpu, first(op), at(cpu, first(op)) ^ at(cpu, second(op)))],
  ['OR', 0xfc00, 0x2800, (cpu, op) => logic(cpu, first(op), at(cpu, first(op)) | at(cpu, second(op)))],
  ['ORI', 0xf000, 0x6000, (cpu, op) => logic(cpu, upper(op), at(cpu, upper(op)) | constant(op))],
  ['SUB', 0xfc00, 0x1800, (cpu, op) => subtract(cpu, first(op), at(cpu, second(op)))],
  ['SUBI', 0xf000, 0x5000, (cpu, op) => subtract(cpu, upper(op), constant(op))],
  ['SBC', 0xfc00, 0x0800, (cpu, op) => subtractWithCarry(cpu, first(op), at(cpu, second(op)))],
  ['SBCI', 0xf000, 0x4000, (cpu, op) => subtractWithCarry(cpu, upper(op), constant(op))],
  ['LDI', 0xf000, 0xe000, (cpu, op) => set(cpu, upper(op), constant(op))],
  ['MOV', 0xfc00, 0x2c00, (cpu, op) => set(cpu, first(op), at(cpu, second(op)))],
  ['MOVW', 0xff00, 0x0100, moveWord],
  ['IN', 0xf800, 0xb000, (cpu, op) => set(cpu, first(op), cpu.readData(port(op)))],
  ['OUT', 0xf800, 0xb800, (cpu, op) => store(cpu, port(op), at(cpu, first(op)), 1)],
  ['LD and LDD, Y', 0xd208, 0x8008, (cpu, op) => load(cpu, op, 28)],
  ['LD and LDD, Z', 0xd208, 0x8000, (cpu, op) => load(cpu, op, Z)],
  ['STD, Y', 0xd208, 0x8208, (cpu, op) => store(cpu, word(cpu, 28) + displacement(op), at(cpu, first(op)), 2)],
  ['STD, Z', 0xd208, 0x8200, (cpu, op) => store(cpu, word(cpu, Z) + displacement(op), at(cpu, first(op)), 2)],
  ['LPM with increment', 0xfe0f, 0x9005, loadProgram],
  ['POP', 0xfe0f, 0x900f, pop],
  ['PUSH', 0xfe0f, 0x920f, push],
  ['RJMP', 0xf000, 0xc000, (cpu, op) => jump(cpu, cpu.pc + offset(op) + 1, 2)],
  ['SBIC', 0xff00, 0x9900, (cpu, op) => skip(cpu, (cpu.readData(low(op)) & bit(op)) === 0)],
  ['SBIS', 0xff00, 0x9b00, (cpu, op) => skip(cpu, (cpu.readData(low(op)) & bit(op)) !== 0)],
  ['SBRC', 0xfe08, 0xfc00, (cpu, op) => skip(cpu, (at(cpu, first(op)) & bit(op)) === 0)],
  ['SBRS', 0xfe08, 0xfe00, (cpu, op) => skip(cpu, (at(cpu, first(op)) & bit(op)) !== 0)],
  ['SBI', 0xff00, 0x9a00, setBit],
  ['RET', 0xffff, 0x9508, returns],
  ['RETI', 0xffff, 0x9518, returnFromInterrupt],
];

const first = (opcode: number) => (opcode & 0x1f0) >> 4;
const second = (opcode: number) => (opcode & 0xf) | ((opcode & 0x200) >> 5);
/** Of an instruction with a constant: one of the registers 16 to 31. */
const upper = (opcode: number) => ((opcode & 0xf0) >> 4) + 16;
const constant = (opcode: number) => (opcode & 0xf) | ((opcode & 0xf00) >> 4);
const port = (opcode: number) => ((opcode & 0xf) | ((opcode & 0x600) >> 5)) + IO;
/** Of an instruction on one bit: one of the lower 32 ports. */
const low = (opcode: number) => ((opcode & 0xf8) >> 3) + IO;
const bit = (opcode: number) => 1 << (opcode & 7);
const displacement = (opcode: number) => (opcode & 7) | ((opcode & 0xc00) >> 7) | ((opcode & 0x2000) >> 8);
const offset = (opcode: number) => (opcode & 0x7ff) - (opcode & 0x800);
const at = (cpu: CPU, register: number) => cpu.data[register] ?? 0;
const word = (cpu: CPU, register: number) => cpu.dataView.getUint16(register, true);

function jump(cpu: CPU, pc: number, cycles: number): void {
  cpu.pc = pc % cpu.progMem.length;
  cpu.cycles += cycles;
}

function set(cpu: CPU, register: number, value: number): void {
  cpu.data[register] = value;
  jump(cpu, cpu.pc + 1, 1);
}

function store(cpu: CPU, address: number, value: number, cycles: number): void {
  cpu.writeData(address, value);
  jump(cpu, cpu.pc + 1, cycles);
}

function load(cpu: CPU, opcode: number, pointer: number): void {
  cpu.cycles += 1;
  set(cpu, first(opcode), cpu.readData(word(cpu, pointer) + displacement(opcode)));
}

function moveWord(cpu: CPU, opcode: number): void {
  const [to, from] = [(opcode & 0xf0) >> 3, (opcode & 0xf) << 1];
  cpu.data[to] = at(cpu, from);
  set(cpu, to + 1, at(cpu, from + 1));
}

/** LPM with increment. */
function loadProgram(cpu: CPU, opcode: number): void {
  const address = word(cpu, Z);
  cpu.data[first(opcode)] = cpu.progBytes[address] ?? 0;
  cpu.dataView.setUint16(Z, address + 1, true);
  jump(cpu, cpu.pc + 1, 3);
}

function pop(cpu: CPU, opcode: number): void {
  const pointer = word(cpu, SP) + 1;
  cpu.dataView.setUint16(SP, pointer, true);
  cpu.data[first(opcode)] = at(cpu, pointer);
  jump(cpu, cpu.pc + 1, 2);
}

function push(cpu: CPU, opcode: number): void {
  const pointer = word(cpu, SP);
  cpu.data[pointer] = at(cpu, first(opcode));
  cpu.dataView.setUint16(SP, pointer - 1, true);
  jump(cpu, cpu.pc + 1, 2);
}

function returns(cpu: CPU): void {
  const pointer = word(cpu, SP) + 2;
  cpu.dataView.setUint16(SP, pointer, true);
  jump(cpu, (at(cpu, pointer - 1) << 8) + at(cpu, pointer), 4);
}

function returnFromInterrupt(cpu: CPU): void {
  returns(cpu);
  cpu.data[SREG] = at(cpu, SREG) | INTERRUPT;
}

function setBit(cpu: CPU, opcode: number): void {
  cpu.writeData(low(opcode), cpu.readData(low(opcode)) | bit(opcode), bit(opcode));
  jump(cpu, cpu.pc + 1, 2);
}

function skip(cpu: CPU, isSkipped: boolean): void {
  const words = isSkipped ? (isTwoWords(cpu.progMem[cpu.pc + 1] ?? 0) ? 2 : 1) : 0;
  jump(cpu, cpu.pc + 1 + words, 1 + words);
}

/** LDS, STS, JMP and CALL. */
function isTwoWords(opcode: number): boolean {
  return (opcode & 0xfc0f) === 0x9000 || (opcode & 0xfe0c) === 0x940c;
}

function logic(cpu: CPU, register: number, result: number): void {
  const kept = at(cpu, SREG) & (INTERRUPT | 0x40 | HALF_CARRY | CARRY);
  cpu.data[SREG] = kept | (result === 0 ? ZERO : 0) | ((result & 0x80) !== 0 ? NEGATIVE | SIGN : 0);
  set(cpu, register, result);
}

function subtract(cpu: CPU, register: number, subtrahend: number): void {
  const minuend = at(cpu, register);
  const difference = minuend - subtrahend;
  cpu.data[SREG] =
    difference === 0 ? (at(cpu, SREG) & 0xc0) | ZERO : differenceFlags(cpu, minuend, subtrahend, difference);
  set(cpu, register, difference);
}

/** Zero stays only if it was set: the bytes of a longer number, one after the other. */
function subtractWithCarry(cpu: CPU, register: number, subtrahend: number): void {
  const minuend = at(cpu, register);
  const flags = at(cpu, SREG);
  const difference = minuend - subtrahend - (flags & CARRY);
  const kept = difference === 0 ? flags & ZERO : 0;
  cpu.data[SREG] = differenceFlags(cpu, minuend, subtrahend, difference) | kept;
  set(cpu, register, difference);
}

function differenceFlags(cpu: CPU, minuend: number, subtrahend: number, difference: number): number {
  let flags = (at(cpu, SREG) & 0xc0) | (difference < 0 ? CARRY : 0);
  if ((difference & 0x80) !== 0) flags |= NEGATIVE | SIGN;
  if (((minuend ^ subtrahend) & (minuend ^ difference) & 0x80) !== 0) flags = (flags | OVERFLOW) ^ SIGN;
  const borrow = (~minuend & subtrahend) | (subtrahend & difference) | (difference & ~minuend);
  return (borrow & 1) !== 0 ? flags | HALF_CARRY : flags;
}
