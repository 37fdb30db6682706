import { constants } from 'node:os';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Level } from '../../device-sim/gpio/gpio-chip.ts';
import type { ContactState } from '../../gateway/core/signal.ts';
import { contact, GpioRig } from './gpio-rig.ts';

const LINES = [4, 8, 17, 22, 27];
/** Of a line without interrupts. */
const ERRNO = constants.errno.ENXIO;
const REREAD_MS = 60_000;
/** No line in use is tried more seldom. */
const RETRY_MS = 2_000;

/** The driver's own timers; descriptors are polled in real time. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});

afterEach(() => vi.useRealTimers());

type Step =
  | { readonly type: 'drive'; readonly line: number; readonly level: Level }
  | { readonly type: 'free'; readonly line: number }
  | { readonly type: 'retry' }
  | { readonly type: 'turn' };

const LINE = fc.constantFrom(...LINES);
const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('drive' as const), line: LINE, level: fc.constantFrom<Level>(0, 1) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('free' as const), line: LINE }) },
  { weight: 1, arbitrary: fc.constant({ type: 'retry' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'turn' as const }) },
);

/** What the wires did: what must have been told of each line. */
class Wires {
  readonly #levels = new Map<number, Level>(LINES.map((line) => [line, 1]));
  readonly #busy: Set<number>;
  readonly held: Set<number>;
  readonly states = new Map<number, ContactState[]>();

  constructor(busy: readonly number[]) {
    this.#busy = new Set(busy);
    this.held = new Set(LINES.filter((line) => !this.#busy.has(line)));
    for (const line of this.held) this.#tell(line);
  }

  drive(line: number, level: Level): void {
    this.#levels.set(line, level);
    if (this.held.has(line)) this.#tell(line);
  }

  free(line: number): void {
    this.#busy.delete(line);
  }

  retried(): void {
    for (const line of LINES) {
      if (this.held.has(line) || this.#busy.has(line)) continue;
      this.held.add(line);
      this.#tell(line);
    }
  }

  #tell(line: number): void {
    const told = this.states.get(line) ?? [];
    this.states.set(line, told);
    const state = this.#levels.get(line) === 0 ? 'active' : 'normal';
    if (told.at(-1) !== state) told.push(state);
  }
}

function changes(states: readonly ContactState[]): ContactState[] {
  return states.filter((state, index) => state !== states[index - 1]);
}

/** A line that is not held is in trouble, and no other is. */
function checkFaults(rig: GpioRig, held: ReadonlySet<number>): void {
  for (const line of LINES) {
    if (held.has(line)) expect(rig.fault(line)).toBeUndefined();
    else expect(rig.fault(line)).toMatchObject({ detail: expect.stringContaining(`GPIO${line}`) });
  }
}

it('no edge of a line that works is lost, whatever others do; a line that does not work is always told', async () => {
  const busySets = fc.subarray(LINES, { maxLength: LINES.length - 1 });
  await fc.assert(
    fc.asyncProperty(
      busySets,
      fc.nat(5),
      fc.array(STEP, { maxLength: 40, size: 'max' }),
      async (busy, refusedAt, steps) => {
        const rig = new GpioRig();
        try {
          const wires = new Wires(busy);
          for (const [index, line] of busy.entries()) {
            if (index % 3 === refusedAt) rig.chip.refuse(`GPIO${line}`, ERRNO);
            else rig.chip.occupy(`GPIO${line}`, 'spi0 CS0');
          }
          rig.make({ contacts: LINES.map((line) => contact(line)), rereadMs: REREAD_MS }).start();
          while (rig.sink.signals.length === 0) await new Promise(setImmediate);
          checkFaults(rig, wires.held);
          for (const step of steps) {
            if (step.type === 'drive') {
              rig.chip.drive(`GPIO${step.line}`, step.level);
              wires.drive(step.line, step.level);
            } else if (step.type === 'free') {
              rig.chip.free(`GPIO${step.line}`);
              wires.free(step.line);
            } else if (step.type === 'turn') await new Promise(setImmediate);
            else {
              vi.advanceTimersByTime(RETRY_MS);
              wires.retried();
              checkFaults(rig, wires.held);
            }
          }
          // Reads whatever still waits. A line that was freed meanwhile has been tried as well.
          vi.advanceTimersByTime(REREAD_MS);
          wires.retried();
          checkFaults(rig, wires.held);
          for (const line of LINES) expect(changes(rig.states(line))).toEqual(wires.states.get(line) ?? []);
          const ours = [...rig.chip.held].flatMap(([name, user]) => (user === 'callpoint' ? name : []));
          expect(ours.sort()).toEqual([...wires.held].map((line) => `GPIO${line}`).sort());
        } finally {
          await rig.close();
        }
      },
    ),
    { numRuns: 40 },
  );
});
