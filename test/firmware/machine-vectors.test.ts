import { afterAll, describe, expect, test } from 'vitest';
import { NANO } from '../../device-sim/firmware/node-pins.ts';
import type { Vector } from '../vectors/button-bus-vector-file.ts';
import { avr8js, type Emulator, type Run, Simavr, type Step } from './emulators.ts';
import { isImageMissing, storageOf } from './image.ts';
import { isSimavrMissing } from './simavr.ts';
import { SIXTEEN_BUTTONS, SIXTEEN_POINTS } from './test-boards.ts';
import { countedMs, countTo, EPOCH, opened, SEALED_BY_THE_HOST, SENT, Told, VECTORS } from './vector-scripts.ts';

const simavr = new Simavr();
afterAll(() => simavr.end());

const isMissing = [NANO, SIXTEEN_BUTTONS, SIXTEEN_POINTS].some((board) => isImageMissing(board));
const emulators = describe.skipIf(isMissing).each([
  ['avr8js', avr8js, false],
  ['simavr', simavr, isSimavrMissing],
] as const);

/** Time for a last frame and its first repeat. */
const AFTER_MS = 250;

const isUp = ({ message }: Vector) => /^(press|release|point|heartbeat|hello)$/.test(message);
const isOk = ({ expect: outcome }: Vector) => outcome === 'ok';
const OBEYED = VECTORS.filter((vector) => isOk(vector) && !isUp(vector));
const NOT_OBEYED = VECTORS.filter((vector) => !OBEYED.includes(vector));

test('every vector of a node is sent by a machine, or its reason not to be is named', () => {
  const named = [...Object.keys(SENT), ...Object.keys(SEALED_BY_THE_HOST)];
  expect(named.sort()).toEqual(
    VECTORS.filter((vector) => isOk(vector) && isUp(vector))
      .map(({ name }) => name)
      .sort(),
  );
  expect(OBEYED.length + NOT_OBEYED.length).toBe(VECTORS.length);
});

emulators('the vectors that the machine code sends in %s', (_name, emulator: Emulator, isAbsent) => {
  test.skipIf(isAbsent).each(Object.keys(SENT))('%s, bit for bit', (name) => {
    const { board, settings, epoch, script } = SENT[name] ?? expect.fail();
    const { frames } = emulator.run(board, storageOf(settings, epoch - 1, board), script(), AFTER_MS);
    const vector = VECTORS.find((each) => each.name === name);
    const counter = Number(vector?.value('counter'));
    expect(frames.filter((frame) => opened(frame).counter === counter).map(({ wire }) => wire)).toContain(
      vector?.value('wire'),
    );
  });
});

/** From and until these times: how often the node sent under each counter, and what it showed. */
function between({ frames, shown }: Run, fromMs: number, toMs: number) {
  const within = ({ atMs }: { readonly atMs: number }) => atMs >= fromMs && atMs < toMs;
  return {
    counters: frames.filter(within).map((frame) => opened(frame).counter),
    colours: shown.filter(within).map(({ colour }) => colour),
  };
}

const EVERY_MS = 120;
const POLL_AFTER_MS = 30;

emulators('the vectors that the machine code does not obey in %s', (_name, emulator: Emulator, isAbsent) => {
  let run: Run | undefined;
  const startMs = 1_000;

  /** One after the other. A poll follows each. */
  function all(): Run {
    const told = new Told();
    const first = [told.ack(690, 1), told.ack(700, 2)];
    const steps = NOT_OBEYED.flatMap((vector, at): Step[] => {
      const ms = startMs + at * EVERY_MS;
      const counter = at + 3;
      return [[ms, 'hear', vector.value('wire')], told.poll(ms + POLL_AFTER_MS), told.ack(ms + 70, counter)];
    });
    const settings = { buttons: NANO.buttons.length, heartbeatSeconds: 3_600 };
    return emulator.run(NANO, storageOf(settings, EPOCH - 1), [...first, ...steps], AFTER_MS);
  }

  test.skipIf(isAbsent).each(NOT_OBEYED.map(({ name }, at) => ({ name, at })))(
    '$name does nothing, and the next frame is obeyed',
    ({ at }) => {
      run ??= all();
      const ms = startMs + at * EVERY_MS;
      expect(between(run, ms, ms + POLL_AFTER_MS)).toEqual({ counters: [], colours: [] });
      expect(between(run, ms + POLL_AFTER_MS, ms + EVERY_MS)).toEqual({ counters: [at + 3], colours: [] });
    },
  );
});

/** Shown when the vector has come, and how a press that was calling goes on. */
const EFFECTS: Readonly<Record<string, { readonly colour: string; readonly callsOn: boolean }>> = {
  'ack-heard': { colour: 'amber', callsOn: false },
  'ack-sent': { colour: 'amber', callsOn: false },
  'ack-accepted': { colour: 'green', callsOn: false },
  'ack-notConfirmed': { colour: 'red', callsOn: true },
};

emulators('the vectors that the machine code obeys in %s', (_name, emulator: Emulator, isAbsent) => {
  const HEARD_MS = countedMs(41) + 100;

  /** A press of counter 42 waits for an answer, and the vector comes. */
  function hears(vector: Vector): Run {
    const script: Step[] = [
      ...countTo(41),
      [countedMs(41), 'button', 3, true],
      [HEARD_MS, 'hear', vector.value('wire')],
    ];
    return emulator.run(NANO, storageOf({ buttons: NANO.buttons.length }, EPOCH - 1), script, 1_000);
  }

  test.skipIf(isAbsent).each(OBEYED.filter(({ message }) => message === 'ack'))(
    '$name is shown, and the press stops calling unless it is not confirmed alone',
    (vector) => {
      const run = hears(vector);
      const { colour, callsOn } = EFFECTS[vector.name] ?? expect.fail();
      const { counters, colours } = between(run, HEARD_MS, Infinity);
      expect(colours.filter((each) => each !== 'dark')[0]).toBe(colour);
      expect(between(run, 0, HEARD_MS).counters).toContain(42);
      expect(counters.filter((each) => each === 42).length > 1).toBe(callsOn);
    },
  );

  test.skipIf(isAbsent).each(OBEYED.filter(({ message }) => message !== 'ack'))(
    '$name is answered by a heartbeat, which names the mode',
    (vector) => {
      const script: Step[] = [...countTo(42), [HEARD_MS, 'hear', vector.value('wire')]];
      const run = emulator.run(NANO, storageOf({}, EPOCH - 1), script, AFTER_MS);
      const [answer] = run.frames.filter(({ atMs }) => atMs >= HEARD_MS).map(opened);
      expect(answer).toMatchObject({ counter: 43, type: 'heartbeat', silentMode: vector.name === 'silent-on' });
    },
  );
});

describe.skipIf(isMissing || isSimavrMissing)('both emulators', () => {
  test.each(OBEYED)('$name has the same effect in both', (vector) => {
    const script: Step[] = [
      ...countTo(41),
      [countedMs(41), 'button', 3, true],
      [countedMs(41) + 100, 'hear', vector.value('wire')],
      [countedMs(41) + 400, 'button', 3, false],
    ];
    const of = (emulator: Emulator) => {
      const { frames, shown } = emulator.run(NANO, storageOf({ buttons: 4 }, EPOCH - 1), script, 2_000);
      return { wires: frames.map(({ wire }) => wire), colours: shown.map(({ colour }) => colour) };
    };
    expect(of(simavr)).toEqual(of(avr8js));
  });
});
