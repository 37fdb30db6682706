/**
 * Worst-case stack of a machine program, from its disassembly: what every function pushes and
 * reserves, along the deepest chain of calls, and one interrupt on top of it. It is an upper bound:
 * a branch that is never taken together with another counts as well.
 */
type Isa = 'avr' | 'arm';

interface Edge {
  /** An address in the called routine. The name beside it may be that of a constant. */
  readonly at: number;
  /** A jump leaves no return address. */
  readonly isCall: boolean;
}

interface Routine {
  readonly name: string;
  readonly at: number;
  own: number;
  readonly edges: Edge[];
  /** The last instruction runs on into the next routine. */
  fallsThrough: boolean;
}

/** Return address of a call; what an interrupt puts on the stack by itself. */
const CALL_BYTES = { avr: 2, arm: 0 } as const;
const INTERRUPT_BYTES = { avr: 2, arm: 32 } as const;
/** Routines of the RP2040's ROM are called through a pointer; its data sheet names no figure. */
const ROM_BYTES = 128;
const INTERRUPT_NAME = /^__vector_|_handler$/;

interface StackUse {
  readonly bytes: number;
  readonly main: number;
  readonly interrupt: number;
  readonly path: readonly string[];
}

/** @throws Error on recursion, and on a call whose target is not known. */
export function stackUse(disassembly: string, isa: Isa): StackUse {
  const routines = readRoutines(disassembly, isa);
  const deepest = (routine: Routine) => depth(routine, routines, isa, []);
  const start = routines.find(({ name }) => name === 'main');
  if (start === undefined) throw new Error('no routine "main"');
  const main = deepest(start);
  const interrupts = routines.filter(({ name }) => INTERRUPT_NAME.test(name));
  const interrupt = Math.max(0, ...interrupts.map((routine) => INTERRUPT_BYTES[isa] + deepest(routine).bytes));
  const bytes = CALL_BYTES[isa] + main.bytes + interrupt;
  return { bytes, main: CALL_BYTES[isa] + main.bytes, interrupt, path: main.path };
}

function readRoutines(disassembly: string, isa: Isa): Routine[] {
  const routines: Routine[] = [];
  let routine: Routine | undefined;
  let frame = NO_FRAME;
  for (const line of disassembly.split('\n')) {
    const [, address, name] = /^([0-9a-f]+) <(.+)>:$/.exec(line) ?? [];
    if (address !== undefined && name !== undefined) {
      const at = Number.parseInt(address, 16);
      if (routine?.fallsThrough) routine.edges.push({ at, isCall: false });
      routine = { name, at, own: 0, edges: [], fallsThrough: true };
      routines.push(routine);
      continue;
    }
    const [, , code, operands = ''] = line.split('\t');
    // Constants and padding stand between ARM routines.
    if (routine === undefined || code === undefined || /^(\.|nop)/.test(code)) continue;
    if (isa === 'arm') readArm(routine, code, operands, line);
    else frame = readAvr(routine, code, operands, line, frame);
  }
  return routines;
}

/** The stack pointer was not read, or its frame is made. */
const NO_FRAME = -1;

/** `frame` is the low byte of a two-byte subtraction that may follow. */
function readAvr(routine: Routine, code: string, operands: string, line: string, frame: number): number {
  routine.fallsThrough = !/^(ret|reti|jmp|rjmp)$/.test(code);
  if (/^(icall|eicall|ijmp|eijmp)$/.test(code)) throw new Error(`${routine.name}: call through a pointer`);
  if (code === 'push') routine.own += 1;
  // "rcall .+0" only makes room for two bytes.
  if (code === 'rcall' && /^\.\+0\b/.test(operands)) routine.own += 2;
  else if (/^(r?call|r?jmp|br..)$/.test(code)) addEdge(routine, line, code.endsWith('call'));
  const value = Number(/, (0x[0-9A-Fa-f]+|\d+)/.exec(operands)?.[1] ?? 0);
  // Only what follows the reading of the stack pointer makes room. Elsewhere r28 moves for a while,
  // to reach the far end of a large frame.
  if (code === 'in') return operands.startsWith('r28, 0x3d') ? 0 : frame;
  if (frame === NO_FRAME) return NO_FRAME;
  if (code === 'sbiw' && operands.startsWith('r28')) routine.own += value;
  else if (code === 'subi' && operands.startsWith('r28')) return value;
  else if (code === 'sbci' && operands.startsWith('r29') && value < 0x80) routine.own += value * 256 + frame;
  // A high byte of 0 is in r1.
  else if (code === 'sbc' && operands.startsWith('r29, r1')) routine.own += frame;
  else return frame;
  return NO_FRAME;
}

function readArm(routine: Routine, code: string, operands: string, line: string): void {
  routine.fallsThrough = !(/^(b|b\.n|bx)$/.test(code) || (code === 'pop' && operands.includes('pc')));
  if (code === 'push') routine.own += 4 * registers(operands);
  if (code === 'sub' && operands.startsWith('sp')) routine.own += Number(/#(\d+)/.exec(operands)?.[1] ?? 0);
  if (code === 'blx') routine.own += ROM_BYTES;
  else if (code === 'bl' || /^b(\w\w)?(\.n)?$/.test(code)) addEdge(routine, line, code === 'bl');
}

function registers(operands: string): number {
  const listed = operands.replace(/[{}]/g, '').split(/,\s*/);
  return listed.reduce((sum, item) => {
    const [from, to] = item.split('-').map((register) => Number(register.slice(1)));
    return sum + (to === undefined || from === undefined ? 1 : to - from + 1);
  }, 0);
}

function addEdge(routine: Routine, line: string, isCall: boolean): void {
  const target = /(?:0x|\t)([0-9a-f]+) <[^>]+>$/.exec(line)?.[1];
  if (target !== undefined) routine.edges.push({ at: Number.parseInt(target, 16), isCall });
}

function depth(
  routine: Routine,
  routines: readonly Routine[],
  isa: Isa,
  callers: readonly Routine[],
): { bytes: number; path: readonly string[] } {
  const onPath = [...callers, routine];
  let bytes = 0;
  let path: readonly string[] = [];
  for (const { at, isCall } of routine.edges) {
    const target = routines.findLast((other) => other.at <= at);
    if (target === undefined) throw new Error(`${routine.name}: no routine at 0x${at.toString(16)}`);
    if (onPath.includes(target)) {
      if (isCall) throw new Error(`recursion: ${[...onPath, target].map(({ name }) => name).join(' > ')}`);
      continue;
    }
    const below = depth(target, routines, isa, onPath);
    const sum = below.bytes + (isCall ? CALL_BYTES[isa] : 0);
    if (sum > bytes || path.length === 0) [bytes, path] = [sum, below.path];
  }
  return { bytes: routine.own + bytes, path: [routine.name, ...path] };
}
